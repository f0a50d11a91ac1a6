"""What pictures say to those who can't see them: missing, thoughtless, or the same everywhere."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from ebook_pipeline.books.judging.chapters import ShownPicture
from ebook_pipeline.books.judging.dimension import info
from ebook_pipeline.foundation.findings import Finding

REPEATED = 3
"""So many different pictures with one text are not described."""
_FILE_NAME = re.compile(r"[\w .()-]+\.(?:jpe?g|png|gif|webp|svg|tiff?|bmp)", re.IGNORECASE)
_EMPTY_WORDS = re.compile(
    r"(?:an? )?(?:image|picture|photo(?:graph)?|img|graphic|figure|illustration|alt(?: text)?)"
    r"[ _-]*\d*\.?",
    re.IGNORECASE,
)
_REMEDY = 'Write an alt text; alt="" for an ornament.'


def findings(shown: Sequence[ShownPicture], large: set[str]) -> Iterator[Finding]:
    """One for each picture badly described; `large` are paths of pictures that are no ornaments."""
    repeated = _repeated(shown)
    for picture in shown:
        rule, message = _fault(picture, repeated)
        if rule:
            yield info(f"images.{rule}", message, picture.place, _REMEDY, picture.alt or "")
    content = [picture for picture in shown if picture.path in large]
    if len(content) >= REPEATED and all(picture.alt == "" for picture in content):
        message = f"All {len(content)} pictures are said to be ornaments."
        yield info("images.alt-empty", message, content[0].place, _REMEDY)


def _fault(picture: ShownPicture, repeated: set[str]) -> tuple[str, str]:
    name = PurePosixPath(picture.path).name
    if picture.alt is None:
        return (
            "without-alt",
            f"The picture {picture.path} has no text for readers who can't see it.",
        )
    alt = picture.alt.strip()
    if alt and (_FILE_NAME.fullmatch(alt) or alt in (name, PurePosixPath(name).stem)):
        return "alt-file-name", f"The text of the picture {picture.path} is a file name: “{alt}”."
    if alt in repeated:
        return "alt-repeated", f"Several pictures have the text “{alt}”."
    if _EMPTY_WORDS.fullmatch(alt):
        return "alt-placeholder", f"The text “{alt}” does not say what is on {picture.path}."
    return "", ""


def _repeated(shown: Sequence[ShownPicture]) -> set[str]:
    pictures: dict[str, set[str]] = defaultdict(set)
    for picture in shown:
        pictures[(picture.alt or "").strip()].add(picture.path)
    return {alt for alt, paths in pictures.items() if alt and len(paths) >= REPEATED}
