"""Scanned pages of known text, drawn and degraded by a seed."""

from pathlib import Path

from benchmarks.scanned_pages import Setting, as_scan, draw, set_pages

TEXT = (
    "The Mole had been working very hard all the morning, cleaning his little home. First with"
    " brooms, then with dusters; then on ladders and steps and chairs, with a brush and a pail of"
    " whitewash; till he had dust in his throat and eyes."
)
SMALL = Setting(width=90, height=76, size=11)


def write_scan(
    path: Path, text: str = TEXT, setting: Setting = SMALL, how: str = "clean", dpi: int = 150
) -> Path:
    """The pages of `text` as a PDF of pictures at `path`."""
    path.write_bytes(as_scan(draw(set_pages(text, setting), dpi, how, 19), dpi))
    return path
