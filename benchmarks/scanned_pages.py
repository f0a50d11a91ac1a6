"""Scans of known text: pages set by typst, drawn as pictures, and degraded by a seed."""

import io
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
import typst
from PIL import Image, ImageFilter

Grey = npt.NDArray[np.float32]

DEGRADATIONS = ("clean", "skew", "blur", "noise", "bleed-through", "low contrast")


@dataclass(frozen=True)
class Setting:
    """How pages are set: paper in millimetres, the letters' size in points, columns."""

    width: int = 120
    height: int = 180
    size: float = 10.5
    columns: int = 1
    head: str = ""
    language: str = "en"


def set_pages(text: str, setting: Setting) -> bytes:
    """`text`, its paragraphs parted by blank lines, as a PDF with running heads and numbers."""
    head = f"#smallcaps[{setting.head}] #h(1fr) " if setting.head else "#h(1fr) "
    header = f"[{head}#context counter(page).display()]" if setting.head else "none"
    source = (
        f"#set page(width: {setting.width}mm, height: {setting.height}mm, margin: 16mm,"
        f" columns: {setting.columns}, header: {header})\n"
        f'#set text(size: {setting.size}pt, lang: "{setting.language}",'
        ' font: ("Libertinus Serif", "Noto Sans CJK JP", "Droid Sans Fallback"))\n'
        "#set par(justify: true, first-line-indent: 1.2em, spacing: 0.65em)\n"
        "#show heading: set text(size: 1.3em)\n#set smartquote(enabled: false)\n\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "pages.typ")
        file.write_text(source + _escaped(text), encoding="utf-8")
        return bytes(typst.compile(str(file)))


def _escaped(text: str) -> str:
    """Markup of typst's stands for itself, but for headings."""
    for sign in "\\#$*_`<>@[]~":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("---", "\\-\\-\\-")


def draw(pdf: bytes, dpi: int, how: str, seed: int) -> list[Image.Image]:
    """Each page of `pdf` in grey, degraded as DEGRADATIONS names it."""
    document = pdfium.PdfDocument(pdf)
    try:
        pages = [
            page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L") for page in document
        ]
    finally:
        document.close()
    return [degraded(page, how, dpi, seed + place) for place, page in enumerate(pages)]


def degraded(image: Image.Image, how: str, dpi: int, seed: int) -> Image.Image:
    """The page as a poor scanner gives it; the same for the same seed."""
    chance = random.Random(seed)
    numbers = np.random.default_rng(seed)
    if how == "skew":
        angle = chance.choice([-1, 1]) * chance.uniform(0.8, 2.5)
        return image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
    if how == "blur":
        return image.filter(ImageFilter.GaussianBlur(dpi / 300 * 1.6))
    grey: Grey = np.asarray(image, dtype=np.float32)
    if how == "noise":
        specks = numbers.random(grey.shape) < 0.004
        grey = grey + numbers.normal(0, 22, grey.shape).astype(np.float32)
        grey[specks] = 0
    elif how == "bleed-through":
        behind = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).filter(
            ImageFilter.GaussianBlur(dpi / 150)
        )
        grey = np.minimum(grey, 255 - (255 - np.asarray(behind, dtype=np.float32)) * 0.35)
    elif how == "low contrast":
        grey = 150 + (grey - 150) * 0.3 + numbers.normal(0, 4, grey.shape).astype(np.float32)
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def as_scan(pages: Sequence[Image.Image], dpi: int) -> bytes:
    """The pictures as a PDF of pages without text."""
    written = io.BytesIO()
    first, *others = [page.convert("L") for page in pages]
    first.save(written, "PDF", save_all=True, append_images=others, resolution=dpi, quality=80)
    return written.getvalue()
