"""Files written from the tables of `tests/known_answers/variations.toml`, beside their answers.

A table has the ``source`` of a text (and its ``encoding``), or what this kind of file is built of:
the ``body`` of a DOCX or ODT (with ``styles``), the ``files`` of an EPUB, the content streams of a
PDF's ``pages``, the ``html`` of a Kindle book.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf

from tests.support.books import epub, kindle, manuscripts, pdf
from tests.support.known_answers import CASES, Answer, answer_of

VARIATIONS = CASES.with_name("variations.toml")
_BUILT_OF = ("source", "encoding", "body", "styles", "files", "pages", "html", "codepage")
_LETTER = (612.0, 792.0)


@dataclass(frozen=True)
class Variation:
    """What a file is built of, and what is right for it."""

    parts: dict[str, Any]
    answer: Answer

    def write(self, path: Path) -> Path:
        """The file at `path`, of the kind that its name ends in."""
        parts = self.parts
        if "source" in parts:
            path.write_bytes(parts["source"].lstrip("\n").encode(parts.get("encoding", "utf-8")))
        elif path.suffix == ".docx":
            manuscripts.docx(path, parts["body"])
        elif path.suffix == ".odt":
            manuscripts.odt(path, parts["body"], parts.get("styles", ""))
        elif path.suffix == ".epub":
            epub.epub(path, parts["files"])
        elif path.suffix == ".pdf":
            _write_pdf(path, parts["pages"])
        else:
            fields = {0x1C: parts.get("codepage", 65001)}
            encoding = parts.get("encoding", "utf-8")
            kindle.mobi6(path, parts["html"], fields=fields, encoding=encoding)
        return path


def _write_pdf(path: Path, pages: list[str]) -> None:
    with pikepdf.new() as made:
        for content in pages:
            page = pdf.page(made, content.encode("latin-1"), _LETTER)
            plain = {"/Type": pikepdf.Name.Font, "/Subtype": pikepdf.Name.Type1}
            page.obj.Resources.Font.F1 = pikepdf.Dictionary(
                {**plain, "/BaseFont": pikepdf.Name.Helvetica}
            )
        made.save(path)


def variations(path: Path = VARIATIONS) -> dict[str, Variation]:
    """All of them, by the names of their files."""
    found = {}
    for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
        parts = {key: table.pop(key) for key in _BUILT_OF if key in table}
        found[name] = Variation(parts, answer_of(table))
    return found
