"""Pictures: large enough, sharp enough, readable at all, and described for those who can't see."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from ebook_pipeline.books.formats.epub import archive
from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.books.judging.chapters import ParsedChapter, ShownPicture
from ebook_pipeline.books.judging.images import alternatives, sizes
from ebook_pipeline.books.judging.images.look import (
    UNREADABLE,
    Detail,
    PictureMeasurement,
    measure_picture,
)
from ebook_pipeline.books.judging.part import DimensionResult, dimension_result, info, warning
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding

DIMENSION = "images"
MOST_LOOKED_AT = 200
LARGEST_BYTES = 64 << 20
SMALL_COVER = 600
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
POOR_QUALITY = 40
BLOCKS = 2.0
"""Photographs saved at quality 80 stay below 1.9, half of those saved at 20 are above."""
ALIKE = 6
"""Bits of 256 in which the hashes of one picture, saved twice, may differ."""


def check(
    epub: Path,
    package: PackageDocument,
    chapters: Sequence[ParsedChapter],
    sheets: Sequence[str] = (),
) -> DimensionResult:
    """1 where no picture has a fault. At most 200 pictures are opened, each at most 100 MP.

    `sheets` are the style sheets, which may say how wide pictures are.
    """
    shown = [picture for chapter in chapters for picture in chapter.pictures]
    cover = package.cover.path if package.cover else None
    looks, broken = _look(epub, _raster(package, shown, cover))
    small = list(_small(looks, shown, cover, sizes.widths(sheets)))
    soft = [finding for one in looks for finding in _soft(one)]
    rough = [finding for one in looks for finding in (*_compressed(one), *_colours(one))]
    twice = list(_duplicates(looks))
    large = {one.path for one in looks if one.detail is not None}
    unsaid = list(alternatives.findings(shown, large))
    silent = sum(picture.alt is None for picture in shown)
    evidence: dict[str, float | int | str] = {
        "pictures": len({picture.path for picture in shown}),
        "looked_at": len(looks),
        "broken": len(broken),
        "blurred": len(soft),
        "small": len(small),
        "compressed": sum(finding.rule == "images.compressed" for finding in rough),
        "colours": sum(finding.rule == "images.colours" for finding in rough),
        "duplicates": len(twice),
        "without_alt": silent,
        "badly_described": len(unsaid) - silent,
    }
    faulty = {finding.place for finding in (*soft, *small)}
    value = 1 - 0.7 * (len(faulty) + len(broken)) / max(1, len(looks) + len(broken))
    value -= 0.3 * min(len(unsaid), len(shown)) / max(1, len(shown))
    found = [*broken, *soft, *small, *rough, *twice, *unsaid]
    return dimension_result(DIMENSION, value, evidence, found)


def _raster(
    package: PackageDocument, shown: Sequence[ShownPicture], cover: str | None
) -> list[str]:
    """The cover, then the pictures in order, vector graphics left out."""
    vector = {item.path for item in package.manifest if item.media_type == "image/svg+xml"}
    paths = dict.fromkeys([cover, *(picture.path for picture in shown)])
    return [path for path in paths if path and path not in vector][:MOST_LOOKED_AT]


def _look(epub: Path, paths: Sequence[str]) -> tuple[list[PictureMeasurement], list[Finding]]:
    looks, broken = [], []
    with archive.opened(epub) as container:
        for path in paths:
            try:
                looks.append(measure_picture(path, container.read(path, LARGEST_BYTES)))
            except (BookError, *UNREADABLE) as error:
                message = f"The picture cannot be shown: {error}"
                broken.append(warning("images.broken", message, path, "Put a sound file in."))
    return looks, broken


def _soft(one: PictureMeasurement) -> Iterator[Finding]:
    if one.detail is not None and _is_below(one.detail, SOFT):
        message = (
            f"The picture is blurred, or enlarged from fewer pixels: its {one.width} ×"
            f" {one.height} hold no detail as fine (fineness {one.detail.fineness})."
        )
        say = warning if _is_below(one.detail, BLURRED) else info
        yield say("images.blurred", message, one.path, "Put a sharper one in.")


def _is_below(detail: Detail, limit: Detail) -> bool:
    return detail.fineness < limit.fineness or detail.lost_by_halving < limit.lost_by_halving


def _small(
    looks: Sequence[PictureMeasurement],
    shown: Sequence[ShownPicture],
    cover: str | None,
    styles: dict[str, str],
) -> Iterator[Finding]:
    """Pictures with too few pixels for the widest place that they take."""
    for one in looks:
        if one.path == cover:
            if max(one.width, one.height) < SMALL_COVER:
                message = f"The cover has only {one.width} × {one.height} pixels."
                yield info("images.small-cover", message, one.path, "Put a larger one in.")
            continue
        places = [picture for picture in shown if picture.path == one.path]
        wide = max((sizes.inches(place, one.width, styles) for place in places), default=0)
        if one.detail is not None and wide >= PLACE and one.width / wide < COARSE:
            message = (
                f"The picture has {one.width} × {one.height} pixels, {one.width / wide:.0f} to an"
                f" inch of the {wide:.1f} in that it takes; print wants {PRINT}."
            )
            yield info("images.small", message, one.path, "Put a larger one in.")


def _compressed(one: PictureMeasurement) -> Iterator[Finding]:
    poor = one.quality is not None and one.quality < POOR_QUALITY and one.detail is not None
    if poor or one.blocks >= BLOCKS:
        said = f"JPEG quality {one.quality}, " if one.quality else ""
        message = f"Compression shows in the picture ({said}blocks {one.blocks:.2f})."
        yield info("images.compressed", message, one.path, "Save it again from the original.")


def _colours(one: PictureMeasurement) -> Iterator[Finding]:
    if one.mode in ("CMYK", "LAB", "YCbCr") or one.deep:
        colours = "has 16 bits a channel" if one.deep else f"is in {one.mode}"
        message = f"The picture {colours}: readers show it each in another way."
        yield info("images.colours", message, one.path, "Convert it to sRGB with 8 bits.")


def _duplicates(looks: Sequence[PictureMeasurement]) -> Iterator[Finding]:
    """Pictures that are there twice under two names."""
    for number, one in enumerate(looks):
        for other in looks[:number]:
            like = one.hash and (one.hash ^ other.hash).bit_count() <= ALIKE
            if one.digest == other.digest or (like and other.hash):
                message = f"The picture is the same as {other.path}."
                yield info("images.duplicate", message, one.path, "Keep one of them.")
                break
