"""What descriptions of books are worth: tables over the corpus, each when it is ready.

PYTHONPATH=. python benchmarks/metadata.py --only genre language
"""

from benchmarks import frame

TABLES = ("fields", "genre", "qualifiers", "names", "keywords", "language", "reading", "cost")

if __name__ == "__main__":
    frame.run(__doc__.partition("\n")[0], "metadata_tables", TABLES)
