"""What reading of scans is worth: errors and time of each engine, on known pages, and a novel.

PYTHONPATH=. python benchmarks/ocr.py --only errors
"""

from benchmarks import frame

TABLES = ("errors", "book")

if __name__ == "__main__":
    frame.run(__doc__.partition("\n")[0], "ocr_tables", TABLES)
