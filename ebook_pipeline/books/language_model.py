"""py3langid's model, laid out to be mapped into memory.

Its file is unpacked in 0.4 CPU s and held in 100 MB by each process that asks for a language. Laid
out as arrays on the disk, a process takes the few pages that a text leads to.
"""

import logging
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebook_pipeline.tools.shared_files import share, shared

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_log = logging.getLogger(__name__)
_NAME = "languages"
_LAYOUT = 1
_ARRAYS = ("ptc", "pc", "classes", "nextmove", "nextmove_row", "out_feat")
"""What the model consists of, in the order in which py3langid reads it."""


def lay_out(cache: Path) -> None:
    """Lay the model out in the folder `cache`, once for a machine, and share it with the sandbox.

    A disk that takes nothing costs time: then each process unpacks the model.
    """
    folder = cache / f"languages-{version('py3langid')}-{_LAYOUT}"
    try:
        if not folder.is_dir():
            _unpack(folder)
    except OSError as error:
        _log.warning("the model of languages is not laid out: %s", error)
        return
    share(_NAME, folder)


def language_identifier(*, weighs: bool) -> "LanguageIdentifier":
    """Who tells languages; `weighs`: with their probabilities, which is slower."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    folder = shared(_NAME)
    if folder is not None:
        try:
            return _mapped(folder, weighs=weighs)
        except (OSError, ValueError) as error:
            _log.warning("the model of languages can not be mapped: %s", error)
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=weighs)


def _mapped(folder: Path, *, weighs: bool) -> "LanguageIdentifier":
    import numpy as np
    from py3langid.langid import LanguageIdentifier

    found: dict[str, Any] = {
        name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))
        for name in _ARRAYS
    }
    return LanguageIdentifier(
        found["ptc"],
        found["pc"],
        found["classes"].tolist(),
        memoryview(found["nextmove"]),
        memoryview(found["out_feat"]),
        norm_probs=weighs,
        tk_row=memoryview(found["nextmove_row"]),
    )


def _unpack(folder: Path) -> None:
    """Whole or not at all, also when several processes do it at once."""
    import numpy as np
    from py3langid.langid import MODEL_DIR, MODEL_FILE
    from py3langid.modelio import load_model

    arrays = dict(zip(_ARRAYS, load_model(MODEL_DIR / MODEL_FILE), strict=True))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=folder.parent) as name:
        made = Path(name) / folder.name
        made.mkdir()
        for array, values in arrays.items():
            kind = np.int32 if array == "out_feat" else None
            np.save(made / f"{array}.npy", np.asarray(values, dtype=kind))
        try:
            made.rename(folder)
        except OSError:
            if not folder.is_dir():  # another process was faster
                raise
