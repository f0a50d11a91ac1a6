"""What reading of scans is worth: errors and time of each engine, on pages of known text.

PYTHONPATH=. python benchmarks/ocr.py --only errors
"""

from benchmarks import frame

TABLES = ("errors",)

if __name__ == "__main__":
    frame.run(__doc__.partition("\n")[0], "ocr_tables", TABLES)
