"""Books as people know them, in every state, for the pages that show them: covers, findings, text.

`Shelf` puts them into the account `press` of a database, as the pipeline would have left them.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from ebook_pipeline.books.records import (
    Accessibility,
    CatalogEntry,
    Contributor,
    CoverImages,
    Distribution,
    Edition,
    Manifestations,
    Price,
    Product,
    Protection,
    QualityReport,
    ReleaseFile,
    Score,
    TocEntry,
    Verdict,
)
from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.describing.descriptions import Descriptions
from ebook_pipeline.services.intake.submissions import submit, take_edition
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.releasing import releases
from tests.support.books.epub import MANIFEST, epub, package
from tests.support.services.submissions import offer

MISSPELT = "She had recieved the letter that very morning"
HOSTILE = "<script>parent.hacked = top.hacked = true</script><img src='x' onerror='hacked = true'/>"
FIRST = """<h1>Haste to the Wedding</h1>
<p>“Edith!” said Margaret, gently, “Edith!”</p>
<p>But, as Margaret half suspected, Edith had fallen asleep. She lay curled up on the sofa in the
back drawing-room in Harley Street, looking very lovely in her white muslin and blue ribbons.</p>"""
SECOND = f"""<h1>Roses and Thorns</h1>{HOSTILE}
<p>It was the latter part of July when Margaret returned home. The forest trees were all one dark,
full, dusky green; the fern below them caught all the slanting sunbeams.</p>
<p>{MISSPELT}, and read it by the window.</p>
<p>The weather was sultry and broodingly still.</p>"""
EXCERPT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>The Moonstone</title>
<style>body { font: 1.05em/1.6 Georgia, serif; max-width: 36em; margin: 2em auto }</style>
<script>parent.hacked = true</script><h1>The Loss of the Diamond</h1>
<p>In the first part of Robinson Crusoe, at page one hundred and twenty-nine, you will find it thus
written.</p>"""
FINDINGS = (
    Finding(
        rule="spelling.likely-typo",
        severity=Severity.WARNING,
        message="“recieved” is no word of this language.",
        place="EPUB/two.xhtml",
        remedy="Write “received”, or add the word to the book's own list.",
        passage=MISSPELT,
    ),
    Finding(
        rule="accessibility.image-alt",
        severity=Severity.WARNING,
        message="A picture has no description for those who can't see it.",
        place="EPUB/two.xhtml",
        remedy="Say in its alt attribute what the picture shows.",
    ),
    Finding(
        rule="typography.mixed-quotes",
        severity=Severity.INFO,
        message="Straight quotation marks stand beside curly ones.",
        place="EPUB/one.xhtml",
        remedy="Use one kind throughout.",
    ),
)
DESCRIPTION = (
    "A minister's daughter is taken from the New Forest to a town of mills, where she quarrels "
    "with its masters and learns what she had not seen."
)
_CONTENTS = ("Haste to the Wedding", "Roses and Thorns", "The More Haste the Worse Speed")
_DESCRIBED = ("raw_file", "validated_book", "converted_book", "book_metadata")
_RELEASED = ("qa_report", "drm_package", "cdn_release", "catalog_row", "ingestion_analytics")
_SECONDS = (0.2, 3.1, 14.2, 6.4, 21.0, 1.2, 2.2, 0.1, 0.3)


@dataclass(frozen=True)
class KnownBook:
    """A book, the colour of its cover, and how far it is."""

    id: str
    title: str
    author: str
    colour: str
    state: Outcome | None
    reason: str = ""
    language: str = "en"


KNOWN = (
    KnownBook("press-villette", "Villette", "Charlotte Brontë", "#4a3560", None),
    KnownBook(
        "press-effi-briest",
        "Effi Briest",
        "Theodor Fontane",
        "#5b5b2f",
        Outcome.WAITING,
        "Typography",
        "de",
    ),
    KnownBook(
        "press-middlemarch",
        "Middlemarch: A Study of Provincial Life",
        "George Eliot",
        "#2f4a6d",
        Outcome.FAILED,
        "the store does not answer",
    ),
    KnownBook(
        "press-cranford",
        "Cranford",
        "Elizabeth Gaskell",
        "#8a6d3b",
        Outcome.REJECTED,
        "Chapter 4 is empty.",
    ),
    KnownBook("press-moonstone", "The Moonstone", "Wilkie Collins", "#6b2d3c", Outcome.DONE),
    KnownBook(
        "press-woman-in-white", "The Woman in White", "Wilkie Collins", "#39506b", Outcome.DONE
    ),
    KnownBook(
        "press-north-and-south",
        "North and South",
        "Elizabeth Gaskell",
        "#355c5a",
        Outcome.WAITING,
        "Spelling is below what the policy asks for: 0.71 of 1.",
    ),
)


class Shelf:
    """Puts `KNOWN` books where a desk's pages find them."""

    def __init__(self, context: DeskContext, folder: Path) -> None:
        self.database, self.store = context.database, context.object_store
        self.records = RecordStore(self.store)
        self.book = epub(
            folder / "book.epub",
            {
                "EPUB/package.opf": package(
                    manifest=f'{MANIFEST}<item id="two" href="two.xhtml" '
                    'media-type="application/xhtml+xml"/>',
                    spine='<itemref idref="one"/><itemref idref="two"/>',
                ),
                "EPUB/one.xhtml": FIRST,
                "EPUB/two.xhtml": SECOND,
            },
        ).read_bytes()

    def fill(self) -> None:
        """All of them, the last one the newest."""
        for book in KNOWN:
            self.put(book)

    def put(self, book: KnownBook) -> None:
        """One book, as far as it is."""
        self.work(book, self._arrive(book.id))

    def work(self, book: KnownBook, edition: Edition) -> None:
        """What the pipeline would make of this edition of it."""
        made = self._made(book)
        product = _product(book)
        self._keep("converted_book", book.id, made)
        self._keep("book_metadata", book.id, product)
        Descriptions(self.database, edition).add(product, (1, 2, 3))
        self._ended(book.id, *_DESCRIBED)
        match book.state:
            case Outcome.DONE:
                self._sell(book, product, made)
            case Outcome.WAITING:
                self._ask(book)
            case Outcome.REJECTED | Outcome.FAILED:
                self._journal(book.id, "qa_report", book.state, reason=book.reason)

    def _ask(self, book: KnownBook) -> None:
        report = QualityReport(
            verdict=Verdict.NEEDS_REVIEW,
            policy="p",
            findings=FINDINGS,
            reasons=(book.reason,),
            scores=(
                Score(dimension="spelling", value=0.71),
                Score(dimension="typography", value=0.93),
            ),
        )
        self._keep("qa_report", book.id, report)
        told = [finding.model_dump(mode="json") for finding in FINDINGS]
        self._journal(book.id, "qa_report", Outcome.DONE, version="r1")
        evidence = {"reason": book.reason, "title": book.title, "findings": told}
        self._journal(book.id, "drm_package", Outcome.WAITING, version="r1", **evidence)

    def sell(self, book: KnownBook) -> None:
        """What the pipeline does with a book that was approved."""
        self._sell(book, _product(book), self._made(book))

    def _sell(self, book: KnownBook, product: Product, made: Manifestations) -> None:
        entry = CatalogEntry(
            book=book.id,
            edition=1,
            release=f"{book.id}-1",
            title=book.title,
            authors=(book.author,),
            language=book.language,
            cover=f"public/books/{book.id}/cover",
        )
        page = self.store.put(EXCERPT.encode(), "text/html")
        files = tuple(
            ReleaseFile(rel=rel, path=f"public/books/{book.id}/{rel}", blob=blob)
            for rel, blob in (
                ("publication", made.epub),
                ("preview", made.preview),
                ("preview-page", page),
                ("cover", made.cover.original),
            )
        )
        distribution = Distribution(release=entry.release, files=files, protection=Protection.LCP)
        releases.go_live(self.database, entry, product, distribution=distribution, actor="pipeline")
        self._ended(book.id, *_RELEASED)

    def _arrive(self, book: str) -> Edition:
        blob = self.store.put(f"the manuscript of {book}".encode(), "text/plain")
        request = offer(f"press/{book.removeprefix('press-')}.txt", "1").model_copy(
            update={"account": "press"}
        )
        receipt = submit(self.database, request, actor="eve")
        return take_edition(self.database, receipt.book, lambda _: blob)

    def _made(self, book: KnownBook) -> Manifestations:
        picture = self.store.put(drawn_cover(book), "image/jpeg")
        blob = self.store.put(self.book, "application/epub+zip")
        cover = CoverImages(
            original=picture, medium=picture, thumbnail=picture, width=400, height=600
        )
        return Manifestations(
            epub=blob,
            pdf=self.store.put(b"%PDF", "application/pdf"),
            text=self.store.put(b"text", "text/plain"),
            preview=blob,
            cover=cover,
            pages=420,
            engine="none",
        )

    def _ended(self, book: str, *stages: str) -> None:
        for stage in stages:
            self._journal(book, stage, Outcome.DONE)

    def _keep(self, stage: str, book: str, record: Any) -> None:
        self.records.keep(stage, book, 1, record, "f")

    def _journal(
        self, book: str, stage: str, outcome: Outcome, version: str = "", **detail: Any
    ) -> None:
        seconds = _SECONDS[(_DESCRIBED + _RELEASED).index(stage)]
        Journal(self.database).record(
            "run", book, 1, stage, outcome, seconds, data_version=version, detail=detail
        )


def _product(book: KnownBook) -> Product:
    return Product(
        title=book.title,
        creators=(Contributor(name=book.author),),
        languages=(book.language,),
        publishers=("The Press",),
        description=DESCRIPTION,
        price=Price(amount="6.99", currency="EUR"),
        word_count=182_403,
        pages=420,
        toc=tuple(TocEntry(title=title, href="one.xhtml") for title in _CONTENTS),
        accessibility=Accessibility(
            access_modes=("textual", "visual"),
            features=("tableOfContents", "readingOrder", "alternativeText"),
            hazards=("none",),
            summary="All of it can be read aloud; its pictures are described.",
            conforms_to=("EPUB Accessibility 1.1 - WCAG 2.1 Level AA",),
        ),
    )


def drawn_cover(book: KnownBook) -> bytes:
    """A cover with title and author, as JPEG."""
    picture = Image.new("RGB", (400, 600), book.colour)
    pen = ImageDraw.Draw(picture)
    lines = [""]
    for word in book.title.split():
        if lines[-1] and len(lines[-1]) + len(word) > 13:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    for number, line in enumerate(lines):
        pen.text((38, 110 + 54 * number), line, fill="#f4ead8", font=ImageFont.load_default(42))
    pen.text((38, 520), book.author, fill="#e7dcc6", font=ImageFont.load_default(24))
    pen.rectangle((18, 18, 382, 582), outline="#f4ead8", width=3)
    data = io.BytesIO()
    picture.save(data, "JPEG")
    return data.getvalue()
