"""Pages that were read already, on disk: a conversion that was ended goes on where it stopped.

They lie under the digest of their PDF and are removed as soon as its text layer is written; what
was never finished goes after a week.
"""

import hashlib
import os
import shutil
import time
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ebook_pipeline.books.converting.recognizing.recognizer import RecognizedPage

_KEPT_SECONDS = 7 * 24 * 3600
_LARGEST_PAGE = 8 << 20
"""Bytes of a page's file that is read."""
_PAGE = TypeAdapter(RecognizedPage)


class PageCache:
    """The pages of one PDF as one engine (`version`) reads them in one `language`, in `folder`."""

    def __init__(self, folder: Path, pdf: Path, version: str, language: str) -> None:
        with pdf.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()[:32]
        self._folder = folder / digest
        named = f"{version}\n{language}".encode()
        self._name = hashlib.sha256(named).hexdigest()[:16]

    def get(self, number: int) -> RecognizedPage | None:
        """The page `number` from 0, if it was read."""
        path = self._path(number)
        try:
            if path.stat().st_size > _LARGEST_PAGE:
                return None
            page = _PAGE.validate_json(path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        return page if page.number == number else None

    def put(self, page: RecognizedPage) -> None:
        """Keep a page, whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._path(page.number)
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_bytes(_PAGE.dump_json(page))
        temporary.replace(path)

    def remove(self) -> None:
        """Forget the PDF's pages, and those of others that nobody has finished for a week."""
        shutil.rmtree(self._folder, ignore_errors=True)
        root = self._folder.parent
        for other in root.iterdir() if root.is_dir() else ():
            if time.time() - other.stat().st_mtime > _KEPT_SECONDS:
                shutil.rmtree(other, ignore_errors=True)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:05}-{self._name}.json"
