"""MOBI, AZW3, PalmDOC: records, headers, text and resources; what becomes of them is conversion's.

https://wiki.mobileread.com/wiki/MOBI and https://wiki.mobileread.com/wiki/PDB
"""

from ebook_pipeline.books.formats.kindle.checks import MobiFacts, inspect, read_exth
from ebook_pipeline.books.formats.kindle.exth import Exth

__all__ = ["Exth", "MobiFacts", "inspect", "read_exth"]
