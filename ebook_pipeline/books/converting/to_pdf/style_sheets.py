"""The style sheets of a whole book, each once, however many documents name it."""

from dataclasses import dataclass, field
from pathlib import Path

from ebook_pipeline.books.converting.to_pdf import scoped_css


@dataclass
class BookStyleSheets:
    """Each sheet once, in order of appearance; its class marks the documents that it is for."""

    folder: Path
    sheets: list[scoped_css.ScopedSheet] = field(default_factory=list)
    known: dict[tuple[str, str], int] = field(default_factory=dict)

    def linked(self, path: str, media: str) -> int | None:
        """The number of the sheet at `path`, or None where there is none."""
        if (path, media) not in self.known:
            text = self.load(path)
            if text is None:
                return None
            self.known[path, media] = self.add(text, path, media)
        return self.known[path, media]

    def add(self, text: str, base: str, media: str) -> int:
        """The number of a sheet whose URLs are relative to `base`."""
        wrapped = f"@media {media} {{{text}}}" if media not in ("", "all") else text
        self.sheets.append(scoped_css.read_sheet(wrapped, base, self.load))
        return len(self.sheets) - 1

    def load(self, path: str) -> str | None:
        """The text of the sheet at `path` in the container, or None."""
        file = (self.folder / path).resolve()
        if not file.is_relative_to(self.folder.resolve()) or not file.is_file():
            return None
        data = file.read_bytes()
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return data.decode("utf-16", "replace")
        return data.decode("utf-8-sig", "replace")
