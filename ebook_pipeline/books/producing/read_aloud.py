"""Pages read aloud: media overlays over recordings that somebody gives. EPUB 3.3 §9."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Literal
from xml.sax.saxutils import quoteattr

from pydantic import Field

from ebook_pipeline.books.converting.to_epub.publication import FOLDER, PublicationFile
from ebook_pipeline.books.picture_books.finished_book import Page
from ebook_pipeline.foundation.record import Record

_ENDINGS = {"audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/ogg; codecs=opus": ".opus"}


class PageAudio(Record):
    """The recording of one page; `begins` are the seconds at which its paragraphs begin.

    Without them the page is one passage.
    """

    data: bytes
    media_type: Literal["audio/mpeg", "audio/mp4", "audio/ogg; codecs=opus"] = "audio/mpeg"
    seconds: float = Field(gt=0, le=3600)
    begins: tuple[float, ...] = ()


def overlay(
    page: Page, document: str, targets: Sequence[str], audio: PageAudio
) -> tuple[PublicationFile, PublicationFile]:
    """The recording's file and the SMIL file that ties it to the paragraphs' ids `targets`."""
    recording = f"{FOLDER}audio/page-{page.number:03d}{_ENDINGS[audio.media_type]}"
    passages = _passages(page, targets, audio)
    source = recording.removeprefix(FOLDER)
    text = PurePosixPath(document).name
    body = "".join(_par(f"{text}#{target}", source, span) for target, span in passages)
    smil = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<smil xmlns="http://www.w3.org/ns/SMIL" version="3.0">'
        f"<body>{body}</body></smil>\n"
    )
    return (
        PublicationFile(recording, audio.media_type, audio.data),
        PublicationFile(
            document.replace(".xhtml", ".smil"),
            "application/smil+xml",
            smil.encode(),
            duration=clock(audio.seconds),
        ),
    )


def clock(seconds: float) -> str:
    """A full clock value, such as ``0:01:05.250``."""
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    minutes, rest = divmod(whole, 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}.{thousandths:03d}"


def _passages(
    page: Page, targets: Sequence[str], audio: PageAudio
) -> list[tuple[str, tuple[float, float]]]:
    if len(audio.begins) != len(targets):
        first = targets[0] if targets else f"page-{page.number}"
        return [(first, (0.0, audio.seconds))]
    ends = (*audio.begins[1:], audio.seconds)
    return list(zip(targets, zip(audio.begins, ends, strict=True), strict=True))


def _par(text: str, source: str, span: tuple[float, float]) -> str:
    begin, end = (clock(moment) for moment in span)
    return (
        f"<par><text src={quoteattr(text)}/>"
        f'<audio src={quoteattr(source)} clipBegin="{begin}" clipEnd="{end}"/></par>'
    )
