"""RapidOCR's models (PP-OCRv6), from the wheel `rapidocr`, by onnxruntime alone.

The wheel's own code is not used: it drags in OpenCV (150 MB, with FFmpeg inside) for a handful of
functions, and fetches a model by itself where one is missing. What it does (find lines of text,
read each) is done here for upright pages of books, in a fraction of the time.
"""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ebook_pipeline.books.converting.recognizing.recognizer import RecognizedPage
from ebook_pipeline.books.language_tags import likely_script
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.installed_versions import installed_version
from ebook_pipeline.tools import sandbox

DISTRIBUTION = "rapidocr"
_MODELS = ("PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx")
_SCRIPTS = frozenset({"Latn", "Hans", "Hant", "Jpan"})
"""ISO 15924: whose letters the model knows and was taught on; its Greek is too poor to be of use,
and it knows no Cyrillic, Hebrew, Arabic or Indian letter at all."""
LIMITS = sandbox.Limits(seconds=300, megabytes=4000)
_VERSION = 2
"""Of our own part in it."""


@dataclass(frozen=True)
class RapidOcr:
    """`dpi`: pages are drawn so; `threads` work on one page; `limits` are those of one call."""

    dpi: int = 200
    threads: int = 1
    limits: sandbox.Limits = LIMITS

    @property
    def version(self) -> str:
        """Raises ServiceError where the package is not installed."""
        _models()
        installed = installed_version(DISTRIBUTION)
        return f"RapidOCR {installed} (PP-OCRv6), {self.dpi} dpi, {_VERSION}"

    def serves(self, language: str) -> bool:
        return not language or likely_script(language) in _SCRIPTS

    def read_pages(
        self, pdf: Path, numbers: Sequence[int], language: str
    ) -> tuple[RecognizedPage, ...]:
        from ebook_pipeline.resources.recognizing.rapid_pages import read_in_child

        drawing = self.dpi, self.threads
        return sandbox.call(
            read_in_child, pdf, list(numbers), drawing, language, _models(),
            limits=self.limits,
        )  # fmt: skip


def models_folder() -> Path | None:
    """Where the models lie; None where the package, or one of them, is not installed."""
    spec = importlib.util.find_spec(DISTRIBUTION)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "models"
    return folder if all((folder / name).is_file() for name in _MODELS) else None


def _models() -> tuple[Path, Path]:
    folder = models_folder()
    if folder is None:
        raise ServiceError(f"the package {DISTRIBUTION} is not installed with its models")
    detection, recognition = _MODELS
    return folder / detection, folder / recognition
