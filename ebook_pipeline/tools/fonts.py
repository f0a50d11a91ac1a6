"""The fonts that come with the project, from wheels: the same letters have a form on every machine.

DejaVu (Latin, Greek, Cyrillic, Hebrew, Arabic, symbols) comes with Matplotlib, Noto with
manimgx-fonts (dashes and marks, Arabic, Hebrew, Devanagari and fifteen more scripts) and
manimgx-fonts-cjk (Chinese, Japanese, Korean). What the machine has is preferred as before.
"""

import functools
import importlib.util
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

_FALLBACKS = {
    "sans-serif": "DejaVu Sans",
    "serif": "DejaVu Serif",
    "monospace": "DejaVu Sans Mono",
}
_NO_TEXT = ("LastResort*", "STIX*", "cm*")
"""Files beside DejaVu that are for formulas, or have a box for every letter there is."""
_SCRIPTS = {
    "Latin": "ſ", "Greek": "ἀ", "Cyrillic": "ж", "dashes": "⸻", "symbols": "❧", "Hebrew": "א",
    "Arabic": "ع", "Devanagari": "अ", "Chinese and Japanese": "文", "Korean": "한",
}  # fmt: skip
"""A letter by which each script is looked for."""


SYSTEM = "/etc/fonts/fonts.conf"
"""Where fontconfig's settings of a machine lie."""


@functools.cache
def folders() -> tuple[Path, ...]:
    """Where the fonts of the project lie, those that are installed."""
    noto = (_package("manimgx_fonts"), _package("manimgx_fonts_cjk"))
    return tuple(folder for folder in (*noto, _dejavu()) if folder.is_dir())


def sans(*, bold: bool = False) -> Path:
    """The file of DejaVu Sans."""
    return _dejavu() / f"DejaVuSans{'-Bold' if bold else ''}.ttf"


def typesetting_folders() -> tuple[Path, ...]:
    """Those all of whose files are for text: a typesetter takes every file of a folder."""
    return tuple(folder for folder in folders() if folder.name.startswith("manimgx_fonts"))


def fontconfig(system: str = SYSTEM) -> str:
    """Settings for programs that use fontconfig: the machine's at `system`, and our fonts.

    https://www.freedesktop.org/software/fontconfig/fontconfig-user.html
    """
    return "\n".join(
        (
            '<?xml version="1.0"?>',
            '<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">',
            "<fontconfig>",
            f'<include ignore_missing="yes">{escape(system)}</include>',
            *(f"<dir>{escape(str(folder))}</dir>" for folder in folders()),
            *(_preferred(generic, family) for generic, family in _FALLBACKS.items()),
            "<selectfont><rejectfont>",
            *(f"<glob>*/mpl-data/fonts/ttf/{name}</glob>" for name in _NO_TEXT),
            "</rejectfont></selectfont>",
            "</fontconfig>",
        )
    )


def missing_scripts(settings: Path) -> tuple[str, ...]:
    """The scripts that no font has with these `settings` of fontconfig.

    Raises OSError where fontconfig's programs are not installed.
    """
    return tuple(_without(_SCRIPTS.items(), settings))


def _without(scripts: Iterable[tuple[str, str]], settings: Path) -> Iterator[str]:
    for script, letter in scripts:
        asked = ["fc-list", f":charset={ord(letter):x}", "family"]
        known = {"FONTCONFIG_FILE": str(settings), "PATH": "/usr/bin:/bin:/usr/local/bin"}
        answer = subprocess.run(asked, capture_output=True, timeout=60, check=False, env=known)
        if not answer.stdout.strip():
            yield script


def _preferred(generic: str, family: str) -> str:
    """A style sheet's generic family stays the one that it is without the fonts of ours."""
    return (
        f'<match target="pattern"><test qual="any" name="family"><string>{generic}</string></test>'
        f'<edit name="family" mode="prepend" binding="strong"><string>{family}</string></edit>'
        "</match>"
    )


def _dejavu() -> Path:
    return _package("matplotlib") / "mpl-data" / "fonts" / "ttf"


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found and found.origin else Path("/nonexistent")
