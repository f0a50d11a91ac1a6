"""Pictures: large enough, sharp enough, readable at all, and described for those who can't see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ebook_pipeline.books.formats.epub import archive
from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.books.formats.picture_memory import MOST_BYTES
from ebook_pipeline.books.judging.chapters import ParsedChapter, ShownPicture
from ebook_pipeline.books.judging.dimension import (
    DimensionResult,
    dimension_result,
    info,
    unchecked,
    warning,
)
from ebook_pipeline.books.judging.images import alternatives, sizes
from ebook_pipeline.books.judging.images.measurement import (
    UNREADABLE,
    Detail,
    PictureMeasurement,
    decoding_of,
    measure_picture,
)
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding

DIMENSION = "images"
MOST_LOOKED_AT = 200
"""Pictures of a book: its time is bounded, and what is wrong with all is seen in these."""
MOST_PIXELS = 2_000_000_000
"""Pixels of all of them that are decoded, 6 ns each: 200 PNGs of 99 million took 118 CPU s. Books
of 200 pictures of 10 million are looked at whole."""
LARGEST_BYTES = 64 << 20
"""Bytes of a picture's file that are read."""
SMALL_COVER = 600
"""Pixels of a cover's longer side below which shops show it blurred."""
PRINT = 300
"""Pixels to an inch that printers ask for."""
COARSE = 100
"""Pixels to an inch below which steps are seen on paper."""
PLACE = 1.5
"""Inches that a picture takes to be worth its pixels."""
SOFT = Detail(0.05, 0.0011)
"""Sharp pictures of our corpus are above both; of those blurred by 2 pixels or enlarged twice,
nine of ten are below one."""
BLURRED = Detail(0.03, 0.0005)
"""Below one of these a picture is blurred on any screen: a warning; above, only worth a look."""
POOR_QUALITY = 40
"""JPEG's quality (1 to 100, told from its quantization table) below which compression shows."""
BLOCKS = 2.0
"""The step at the edges of JPEG's blocks by that within them. Photographs saved at quality 80 stay
below 1.9, half of those saved at 20 are above."""
ALIKE = 6
"""Bits of 256 in which the hashes of one picture, saved twice, may differ."""


@dataclass(frozen=True)
class _Found:
    """What is wrong with a book's pictures, kind by kind."""

    broken: Sequence[Finding]
    soft: Sequence[Finding]
    small: Sequence[Finding]
    rough: Sequence[Finding]
    twice: Sequence[Finding]
    unsaid: Sequence[Finding]
    unseen: Sequence[Finding]

    @property
    def all(self) -> list[Finding]:
        seen = [*self.broken, *self.soft, *self.small, *self.rough, *self.twice]
        return [*seen, *self.unsaid, *self.unseen]

    def value(self, looked_at: int, shown: int) -> float:
        """1 without a fault; descriptions weigh three tenths."""
        faulty = {finding.place for finding in (*self.soft, *self.small)}
        broken = len(self.broken)
        value = 1 - 0.7 * (len(faulty) + broken) / max(1, looked_at + broken)
        return value - 0.3 * min(len(self.unsaid), shown) / max(1, shown)

    def figures(
        self, shown: Sequence[ShownPicture], looked_at: int
    ) -> dict[str, float | int | str]:
        silent = sum(picture.alt is None for picture in shown)
        return {
            "pictures": len({picture.path for picture in shown}),
            "looked_at": looked_at,
            "broken": len(self.broken),
            "blurred": len(self.soft),
            "small": len(self.small),
            "compressed": sum(finding.rule == "images.compressed" for finding in self.rough),
            "colours": sum(finding.rule == "images.colours" for finding in self.rough),
            "duplicates": len(self.twice),
            "without_alt": silent,
            "badly_described": len(self.unsaid) - silent,
        }


def check(
    epub: Path,
    package: PackageDocument,
    chapters: Sequence[ParsedChapter],
    sheets: Sequence[str] = (),
) -> DimensionResult:
    """1 where no picture has a fault, unchecked where there is no picture.

    At most 200 are opened, each of at most 100 MP and together 2,000.

    `sheets` are the style sheets, which may say how wide pictures are.
    """
    shown = [picture for chapter in chapters for picture in chapter.pictures]
    cover = package.cover.path if package.cover else None
    looks, broken, unseen = _look(epub, _raster(package, shown, cover))
    large = {measured.path for measured in looks if measured.detail is not None}
    found = _Found(
        broken=broken,
        soft=[finding for measured in looks for finding in _soft(measured)],
        small=list(_small(looks, shown, cover, sizes.widths(sheets))),
        rough=[
            finding
            for measured in looks
            for finding in (*_compressed(measured), *_colours(measured))
        ],
        twice=list(_duplicates(looks)),
        unsaid=list(alternatives.findings(shown, large)),
        unseen=unseen,
    )
    figures = found.figures(shown, len(looks))
    if not (looks or shown or found.all):
        return unchecked(DIMENSION, "it has no pictures", figures=figures)
    return dimension_result(DIMENSION, found.value(len(looks), len(shown)), figures, found.all)


def _raster(
    package: PackageDocument, shown: Sequence[ShownPicture], cover: str | None
) -> list[str]:
    """The cover, then the pictures in order, vector graphics left out."""
    vector = {item.path for item in package.manifest if item.media_type == "image/svg+xml"}
    paths = dict.fromkeys([cover, *(picture.path for picture in shown)])
    return [path for path in paths if path and path not in vector][:MOST_LOOKED_AT]


def _look(
    epub: Path, paths: Sequence[str]
) -> tuple[list[PictureMeasurement], list[Finding], list[Finding]]:
    """The pictures measured, what is said of broken ones, and of those not looked at."""
    looks: list[PictureMeasurement] = []
    broken: list[Finding] = []
    unseen: list[Finding] = []
    left = MOST_PIXELS
    with archive.opened(epub) as container:
        for number, path in enumerate(paths):
            try:
                data = container.read(path, LARGEST_BYTES)
                decoded = decoding_of(data)
                if decoded.bytes > MOST_BYTES:
                    unseen.append(_too_large(path, decoded.bytes))
                    continue
                left -= decoded.pixels
                if left < 0:
                    return looks, broken, [*unseen, _too_many(len(paths) - number, path)]
                looks.append(measure_picture(path, data))
            except (BookError, *UNREADABLE) as error:
                message = f"The picture cannot be shown: {error}"
                broken.append(warning("images.broken", message, path, "Put a sound file in."))
    return looks, broken, unseen


def _too_large(path: str, needed: int) -> Finding:
    message = (
        f"The picture takes {needed >> 20} MiB of memory to be looked at: it was not, and small"
        " readers may not show it."
    )
    remedy = "Save it as a JPEG that is not progressive, or scale it down."
    return info("images.pixels", message, path, remedy)


def _too_many(unseen: int, first: str) -> Finding:
    message = (
        f"The pictures have more than {MOST_PIXELS:,} pixels together:"
        f" this and those after it, {unseen} in all, were not looked at."
    )
    remedy = "Scale them down: 4000 pixels on the longer side are plenty."
    return info("images.pixels", message, first, remedy)


def _soft(picture: PictureMeasurement) -> Iterator[Finding]:
    if picture.detail is not None and _is_below(picture.detail, SOFT):
        message = (
            f"The picture is blurred, or enlarged from fewer pixels: its {picture.width} ×"
            f" {picture.height} hold no detail as fine (fineness {picture.detail.fineness})."
        )
        say = warning if _is_below(picture.detail, BLURRED) else info
        yield say("images.blurred", message, picture.path, "Put a sharper one in.")


def _is_below(detail: Detail, limit: Detail) -> bool:
    return detail.fineness < limit.fineness or detail.lost_by_halving < limit.lost_by_halving


def _small(
    looks: Sequence[PictureMeasurement],
    shown: Sequence[ShownPicture],
    cover: str | None,
    styles: dict[str, str],
) -> Iterator[Finding]:
    """Pictures with too few pixels for the widest place that they take."""
    for measured in looks:
        if measured.path == cover:
            if max(measured.width, measured.height) < SMALL_COVER:
                message = f"The cover has only {measured.width} × {measured.height} pixels."
                yield info("images.small-cover", message, measured.path, "Put a larger one in.")
            continue
        places = [picture for picture in shown if picture.path == measured.path]
        wide = max((sizes.inches(place, measured.width, styles) for place in places), default=0)
        if measured.detail is not None and wide >= PLACE and measured.width / wide < COARSE:
            message = (
                f"The picture has {measured.width} × {measured.height} pixels,"
                f" {measured.width / wide:.0f} to an inch of the {wide:.1f} in that it takes;"
                f" print wants {PRINT}."
            )
            yield info("images.small", message, measured.path, "Put a larger one in.")


def _compressed(picture: PictureMeasurement) -> Iterator[Finding]:
    poor = (
        picture.quality is not None
        and picture.quality < POOR_QUALITY
        and picture.detail is not None
    )
    if poor or picture.blocks >= BLOCKS:
        quality = f"JPEG quality {picture.quality}, " if picture.quality else ""
        message = f"Compression shows in the picture ({quality}blocks {picture.blocks:.2f})."
        yield info("images.compressed", message, picture.path, "Save it again from the original.")


def _colours(picture: PictureMeasurement) -> Iterator[Finding]:
    if picture.mode in ("CMYK", "LAB", "YCbCr") or picture.deep:
        colours = "has 16 bits a channel" if picture.deep else f"is in {picture.mode}"
        message = f"The picture {colours}: readers show it each in another way."
        yield info("images.colours", message, picture.path, "Convert it to sRGB with 8 bits.")


def _duplicates(looks: Sequence[PictureMeasurement]) -> Iterator[Finding]:
    """Pictures that are there twice under two names."""
    for number, picture in enumerate(looks):
        for other in looks[:number]:
            like = picture.hash and (picture.hash ^ other.hash).bit_count() <= ALIKE
            if picture.digest == other.digest or (like and other.hash):
                message = f"The picture is the same as {other.path}."
                yield info("images.duplicate", message, picture.path, "Keep one of them.")
                break
