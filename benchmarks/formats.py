"""What validation and conversion are worth: tables over the corpus, each when it is ready.

PYTHONPATH=. python benchmarks/formats.py --only validation --books 20
"""

import argparse
import importlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.format_tables import Options, Table, print_table

TABLES = (
    "agreement",
    "validation",
    "epub_to_pdf",
    "pdf_to_epub",
    "mobi",
    "manuscripts",
    "hostile",
)
CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
WORK = Path(tempfile.gettempdir()) / "formats-benchmark"


def main() -> None:
    arguments = _arguments()
    options = Options(arguments.corpus.absolute(), arguments.work.absolute(), arguments.books)
    options.work.mkdir(parents=True, exist_ok=True)
    for table in tables(arguments.only or TABLES, options):
        if arguments.json:
            print(json.dumps(table.as_facts(), ensure_ascii=False), flush=True)
        else:
            print_table(table)


def tables(names: Sequence[str], options: Options) -> Iterator[Table]:
    for name in names:
        yield importlib.import_module(f"benchmarks.format_tables.{name}").table(options)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=TABLES, metavar="NAME", help=" ".join(TABLES))
    parser.add_argument("--books", type=int, help="only the first so many files of each class")
    corpus = Path(os.environ.get("EBOOK_CORPUS", CORPUS))
    parser.add_argument("--corpus", type=Path, default=corpus, help="the folder of manifest.json")
    parser.add_argument("--work", type=Path, default=WORK, help="outputs kept between runs")
    parser.add_argument("--json", action="store_true", help="one JSON object per table")
    return parser.parse_args()


if __name__ == "__main__":
    main()
