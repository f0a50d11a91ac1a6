"""What validation and conversion are worth: tables over the corpus, each when it is ready.

PYTHONPATH=. python benchmarks/formats.py --only validation --books 20
"""

from benchmarks import frame

TABLES = (
    "agreement",
    "validation",
    "epub_to_pdf",
    "pdf_to_epub",
    "mobi",
    "manuscripts",
    "hostile",
)

if __name__ == "__main__":
    frame.run(__doc__.partition("\n")[0], "format_tables", TABLES)
