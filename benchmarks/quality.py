"""What the editor's judgement is worth: tables over the corpus, each when it is ready.

PYTHONPATH=. python benchmarks/quality.py --only spelling --books 3
"""

from benchmarks import frame

TABLES = ("spelling", "languages", "grammar", "defects", "cost")

if __name__ == "__main__":
    frame.run(__doc__.partition("\n")[0], "quality_tables", TABLES)
