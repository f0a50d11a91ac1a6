"""A line's picture read as words: PP-OCR's recognition (SVTR, CTC), and where each word stands.

The model answers, for each eighth pixel of a line 48 pixels high, how likely each sign is. Lines
are read one by one: in batches they take as long, and shorter ones are padded besides. Runs in the
sandbox.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from ebook_pipeline.books.converting.recognizing.page_picture import PagePicture, ink
from ebook_pipeline.books.converting.recognizing.recognizer import RecognizedLine, RecognizedWord
from ebook_pipeline.books.language_tags import likely_script
from ebook_pipeline.resources.recognizing.printed_quotes import as_printed
from ebook_pipeline.resources.recognizing.text_detection import Box, session

_HEIGHT = 48
"""Pixels of a line that the model was taught on."""
_SQUEEZE = 0.8
"""Times a line's true width, by which the time goes. Chosen on one page of *Treasure Island* in
200 dpi: from 1.0 to 0.8 no letter more is misread, at 0.65 three semicolons are."""
_NARROWEST, _WIDEST = 16, 3200
"""Pixels of a line's picture."""
_BELIEVED = 0.5
"""Mean likelihood, 0 to 1, of a line's signs below which it is no text: specks, drawings."""
_LATIN = re.compile(r"[\u0000-\u024f\u1e00-\u1eff\u2010-\u2044\u20ac\u2116\u2122\ufb00-\ufb06]")
_X_HEIGHT = 0.45
"""Of the size of a book's letters."""
_BODY_OF_HAN = 0.62
"""Of the height of a line's box, the size of Chinese signs in it."""
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_THIRDS = ((0.98, 0.7), (0.7, 0.3), (0.3, 0.02))
"""Of the x-height above the base line: where letters have ink, and where a dash has."""
_SPECKS = 1
"""Pixels of a column above and below a dash, which noise has."""
_EM_DASH, _EN_DASH = 1.3, 0.95
"""Times the x-height, from which a line between letters is one; the model writes all as hyphens."""


@dataclass(frozen=True, slots=True)
class _Sign:
    """A sign that was read, where its middle stands in the line, 0 to 1, how likely it is."""

    text: str
    place: float
    likelihood: float


@dataclass(frozen=True, slots=True)
class _Zones:
    """A line's ink: where its small letters stand, in pixels of the page, and its columns.

    `strokes` are the columns with ink at the height of a dash alone, which may touch letters.
    """

    x_height: float
    base: float
    columns: npt.NDArray[np.bool_]
    strokes: npt.NDArray[np.bool_]


class LineReader:
    """One model, loaded once; it knows which signs it can tell."""

    def __init__(self, model: Path, threads: int) -> None:
        self._session = session(model, threads)
        self._input = self._session.get_inputs()[0].name
        signs = self._session.get_modelmeta().custom_metadata_map["character"].split("\n")
        self._signs = ["", *signs, " "]
        latin = [0, *(place for place, sign in enumerate(self._signs) if _LATIN.fullmatch(sign))]
        self._latin = np.array(latin)

    def read(self, picture: PagePicture, box: Box, language: str) -> RecognizedLine | None:
        """The line at `box` as points of the page; None where nothing can be read.

        In a `language` of Latin letters no others are looked for; empty, it is not known.
        """
        latin = bool(language) and likely_script(language) == "Latn"
        cut = picture.image.crop(
            (round(box.left), round(box.top), round(box.right), round(box.bottom))
        )
        if min(cut.size) < 4:
            return None
        signs = list(self._signs_of(cut, latin))
        if not signs or float(np.mean([sign.likelihood for sign in signs])) < _BELIEVED:
            return None
        zones = _zones(cut)
        if latin:
            signs = _with_quotes(signs, language)
        words = list(_words(_with_dashes(signs, zones, cut.width), zones, cut.width))
        return _placed(words, zones, box, picture) if words else None

    def _signs_of(self, cut: Image.Image, latin: bool) -> Iterator[_Sign]:
        width = round(cut.width * _HEIGHT / cut.height * _SQUEEZE)
        width = min(max(width, _NARROWEST), _WIDEST)
        grey = np.asarray(cut.resize((width, _HEIGHT), Image.Resampling.BILINEAR), np.float32)
        batch = np.ascontiguousarray(np.broadcast_to(grey / 127.5 - 1, (1, 3, *grey.shape)))
        answer: Any = self._session.run(None, {self._input: batch})
        likely = answer[0][0][:, self._latin] if latin else answer[0][0]
        best, best_likelihood = likely.argmax(axis=1), likely.max(axis=1)
        before = 0
        for place, label in enumerate(best.tolist()):
            if label not in (0, before):
                sign = self._signs[int(self._latin[label]) if latin else label]
                yield _Sign(sign, (place + 0.5) / len(best), float(best_likelihood[place]))
            before = label


def _zones(cut: Image.Image) -> _Zones:
    """The base line and the top of the small letters: where rows grow dark, and light again."""
    dark = ink(np.asarray(cut))
    rows = dark.sum(axis=1).astype(np.float32)
    steps = np.diff(np.convolve(rows, [0.25, 0.5, 0.25], mode="same"))
    half = len(rows) // 2
    top = int(np.argmax(steps[:half])) + 1 if half > 1 else 0
    base = half + int(np.argmin(steps[half:])) + 1 if half < len(steps) else len(rows)
    x_height = max(base - top, len(rows) * 0.2)
    above, middle, below = (
        dark[max(round(base - x_height * high), 0) : max(round(base - x_height * low), 1)]
        for high, low in _THIRDS
    )
    beside = above.sum(axis=0) + below.sum(axis=0)
    strokes = np.asarray(middle.any(axis=0) & (beside <= _SPECKS))
    return _Zones(x_height, base, np.asarray(dark.any(axis=0)), strokes)


def _with_quotes(signs: list[_Sign], language: str) -> list[_Sign]:
    """The signs with curly quotes, as books have them; each sign is one letter or as it was."""
    text = "".join(sign.text if len(sign.text) == 1 else "x" for sign in signs)
    printed = as_printed(text, language)
    return [
        replace(sign, text=quote) if len(sign.text) == 1 else sign
        for sign, quote in zip(signs, printed, strict=True)
    ]


def _with_dashes(signs: list[_Sign], zones: _Zones, width: int) -> Iterator[_Sign]:
    """The signs, with hyphens that are as long as dashes made dashes.

    An en dash stands free: some fonts' hyphens are as long.
    """
    for place, sign in enumerate(signs):
        length = _stroke(zones, round(sign.place * width)) / zones.x_height
        if sign.text != "-" or length < _EN_DASH:
            yield sign
        elif length >= _EM_DASH:
            yield replace(sign, text="—")
        else:
            beside = signs[max(place - 1, 0) : place + 2]
            free = any(other.text.isspace() for other in beside)
            yield replace(sign, text="–") if free else sign


def _stroke(zones: _Zones, place: int) -> int:
    """How many columns are of the longest stroke within reach of `place`."""
    reach = round(zones.x_height / 2)
    edges = np.flatnonzero(np.diff(zones.strokes, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    near = (starts <= place + reach) & (ends > place - reach)
    return int(np.max((ends - starts)[near], initial=0))


def _words(
    signs: Iterator[_Sign], zones: _Zones, width: int
) -> Iterator[tuple[str, float, float, float]]:
    """Each word with its left and right in pixels of the line, and its likelihood."""
    inked = np.flatnonzero(zones.columns)
    start = float(inked[0]) if len(inked) else 0.0
    end = float(inked[-1]) + 1 if len(inked) else float(width)
    text, likelihoods = "", [1.0]
    for sign in signs:
        if sign.text.isspace():
            gap_left, gap_right = _gap(zones.columns, sign.place * width)
            if text:
                yield text, start, max(gap_left, start + 1), min(likelihoods)
            text, start, likelihoods = "", gap_right, [1.0]
        else:
            text += sign.text
            likelihoods.append(sign.likelihood)
    if text:
        yield text, min(start, end - 1), end, min(likelihoods)


def _gap(columns: npt.NDArray[np.bool_], place: float) -> tuple[float, float]:
    """Where the empty columns nearest to `place` begin and end."""
    reach = max(len(columns) // 60, 12)
    low = max(int(place) - reach, 0)
    bare = np.flatnonzero(~columns[low : int(place) + reach]) + low
    if not len(bare):
        return place, place
    runs = np.split(bare, np.flatnonzero(np.diff(bare) > 1) + 1)
    best = max(runs, key=lambda run: len(run) - abs(float(run.mean()) - place) / 4)
    return float(best[0]), float(best[-1]) + 1


def _placed(
    words: list[tuple[str, float, float, float]], zones: _Zones, box: Box, picture: PagePicture
) -> RecognizedLine:
    """The line in points of its page."""
    scale = picture.scale
    whole = "".join(word[0] for word in words)
    height = (box.bottom - box.top) / scale
    base = picture.height - (box.top + zones.base) / scale
    size = zones.x_height / scale / _X_HEIGHT
    if len(_HAN.findall(whole)) * 2 > len(whole):
        size = height * _BODY_OF_HAN
        base = picture.height - box.bottom / scale + (height - size) / 2 + 0.12 * size
    placed = (
        RecognizedWord(text, (box.left + left) / scale, (box.left + right) / scale, likelihood)
        for text, left, right, likelihood in words
    )
    return RecognizedLine(base, min(max(size, height * 0.4), height), tuple(placed))
