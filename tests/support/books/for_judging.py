"""Books to order for the checks of quality."""

import io
import random
import re
from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter

from ebook_pipeline.books.judging.chapters import ParsedChapter
from tests.support.books.epub import epub, package

LETTERS = "abcdefghijklmnopqrstuvwxyz"
PROSE = (
    "It was the best of times and the worst of times; nobody in the village knew which. "
    "The old clock struck nine, and the children ran down the hill towards the river."
)


def chapter(text: str, place: str = "one.xhtml", **fields: Any) -> ParsedChapter:
    """A chapter with this text, which is also its source."""
    facts: dict[str, Any] = {
        "paragraphs": 10,
        "empty_paragraphs": 0,
        "pictures": (),
        "shows": False,
    }
    return ParsedChapter(place=place, text=text, source=text, **(facts | fields))


def book(
    path: Path,
    *bodies: str,
    files: dict[str, bytes] | None = None,
    metadata: str | None = None,
) -> Path:
    """An EPUB with a document per body, and pictures by name."""
    names = [f"c{number}.xhtml" for number in range(len(bodies))]
    pictures = files or {}
    types = {"png": "image/png", "jpg": "image/jpeg", "svg": "image/svg+xml"}
    manifest = (
        '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
    )
    for name in names:
        manifest += f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>'
    for name in pictures:
        kind, cover = types[name.rpartition(".")[2]], name.startswith("cover")
        also = ' properties="cover-image"' if cover else ""
        manifest += f'<item id="{name}" href="{name}" media-type="{kind}"{also}/>'
    spine = "".join(f'<itemref idref="{name}"/>' for name in names)
    facts = {"metadata": metadata} if metadata is not None else {}
    return epub(
        path,
        {
            "EPUB/one.xhtml": None,
            "EPUB/package.opf": package(manifest=manifest, spine=spine, **facts),
            **{f"EPUB/{name}": body for name, body in zip(names, bodies, strict=True)},
            **{f"EPUB/{name}": data for name, data in pictures.items()},
        },
    )


def picture(width: int, height: int, blur: float = 0, seed: int = 1) -> bytes:
    """A PNG of rectangles, sharp or blurred."""
    draw = random.Random(seed)
    image = Image.new("L", (width, height), 128)
    for _ in range(200):
        x, y = draw.randrange(width), draw.randrange(height)
        side = draw.randrange(2, max(3, width // 8))
        image.paste(draw.randrange(256), (x, y, min(width, x + side), min(height, y + side)))
    if blur:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def misspelt(text: str, rate: float, seed: int) -> tuple[str, set[str]]:
    """`text` with one slip of a finger in so many of its words of four letters and more."""
    choose = random.Random(seed)
    made: set[str] = set()

    def slip(match: re.Match[str]) -> str:
        word = match[0]
        if len(word) < 4 or choose.random() > rate:
            return word
        at, letter = choose.randrange(1, len(word)), choose.choice(LETTERS)
        slips = (
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
        )
        wrong = choose.choice(slips)
        if wrong != word:
            made.add(wrong)
        return wrong

    return re.sub(r"[A-Za-z]+", slip, text), made
