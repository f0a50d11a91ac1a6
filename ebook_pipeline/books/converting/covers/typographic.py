"""A cover of letters for a book that has none: a paper label on patterned boards, set by typst.

Title and author alone decide how it looks: the title's digest chooses cloth and pattern, so that
the same book always gets the same cover. Every script that the machine has letters for is shaped,
and set in its own direction. Runs in the sandbox.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.text_direction import LEFT_TO_RIGHT, RIGHT_TO_LEFT
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.tools import fonts

WIDTH, HEIGHT = 1600, 2560
"""Pixels."""
_LONGEST_TITLE, _LONGEST_NAME, _MOST_NAMES = 240, 80, 3
"""Characters of a title and of a name, and names on one cover."""
_LONGEST_WORD = 48
"""Characters of a word that is not broken."""
_JOINERS = "\u200c\u200d"
_UNPARTED = re.compile(r" (?=[/!?:;»])")
"""Spaces at which no line may end: UAX 14, LB13."""
_CLOTHS = (  # board, pattern, ink: quiet pairs that keep 7:1 between ink and label
    ("#2f4858", "#3d5a6c", "#22343f"),
    ("#5b3a3f", "#6e4b50", "#43282d"),
    ("#3f5143", "#516556", "#2a382e"),
    ("#6b5535", "#7d6746", "#45361f"),
    ("#46415e", "#585372", "#322e46"),
    ("#2f5556", "#40696a", "#1f3c3d"),
    ("#7a4b3a", "#8c5e4d", "#502d20"),
    ("#525a61", "#656e75", "#343a40"),
    ("#5c4a5e", "#6f5d71", "#413243"),
    ("#65603c", "#78734f", "#413d22"),
    ("#384a6e", "#4a5d82", "#26344f"),
    ("#7b5f5f", "#8d7272", "#4c3636"),
)
_PATTERNS = ("scales", "lattice", "dots", "waves", "stars", "weave")
_TEMPLATE = r"""
#let data = sys.inputs
#let (board, figure, ink) = (rgb(data.board), rgb(data.figure), rgb(data.ink))
#let paper = rgb("#f6f1e6")
#let thread = 5pt + figure
#let motifs = (
  scales: tiling(size: (120pt, 60pt), {
    for (x, y) in ((0, 60), (120, 60), (60, 30), (0, 0), (120, 0)) {
      for r in (60, 42, 24) {
        place(dx: (x - r) * 1pt, dy: (y - r) * 1pt,
          circle(radius: r * 1pt, fill: board, stroke: thread))
      }
    }
  }),
  lattice: tiling(size: (110pt, 110pt), {
    place(line(start: (0pt, 0pt), end: (110pt, 110pt), stroke: thread))
    place(line(start: (110pt, 0pt), end: (0pt, 110pt), stroke: thread))
    place(dx: 55pt - 13pt, dy: -13pt, circle(radius: 13pt, fill: figure))
    place(dx: 55pt - 13pt, dy: 97pt, circle(radius: 13pt, fill: figure))
    place(dx: -13pt, dy: 42pt, circle(radius: 13pt, fill: figure))
    place(dx: 97pt, dy: 42pt, circle(radius: 13pt, fill: figure))
  }),
  dots: tiling(size: (80pt, 80pt), {
    place(dx: 9pt, dy: 9pt, circle(radius: 11pt, fill: figure))
    place(dx: 53pt, dy: 53pt, circle(radius: 5pt, fill: figure))
  }),
  waves: tiling(size: (160pt, 64pt), {
    place(curve(stroke: 7pt + figure, curve.move((0pt, 32pt)),
      curve.cubic((27pt, 8pt), (53pt, 8pt), (80pt, 32pt)),
      curve.cubic((107pt, 56pt), (133pt, 56pt), (160pt, 32pt))))
  }),
  stars: tiling(size: (120pt, 120pt), {
    for (x, y) in ((30, 30), (90, 90)) {
      place(dx: x * 1pt, dy: y * 1pt, curve(fill: figure, curve.move((0pt, -26pt)),
        curve.quad((3pt, -3pt), (26pt, 0pt)), curve.quad((3pt, 3pt), (0pt, 26pt)),
        curve.quad((-3pt, 3pt), (-26pt, 0pt)), curve.quad((-3pt, -3pt), (0pt, -26pt))))
    }
  }),
  weave: tiling(size: (96pt, 96pt), {
    for (x, y) in ((0, 0), (48, 48)) {
      for step in (8, 22, 36) {
        place(dx: x * 1pt, dy: (y + step) * 1pt, rect(width: 48pt, height: 5pt, fill: figure))
        place(dx: (48 - x + step) * 1pt, dy: y * 1pt, rect(width: 5pt, height: 48pt, fill: figure))
      }
    }
  }),
)
#set page(width: WIDTHpt, height: HEIGHTpt, margin: 0pt, fill: board)
#set text(font: json(bytes(data.fonts)), lang: data.lang, dir: DIRECTION, fill: ink)
#set par(justify: false, leading: 0.5em, linebreaks: "optimized")
#set align(center)
#show regex("\p{Hangul}[^\s]{0,11}"): it => box(it) // Korean words stay whole on a cover
#place(rect(width: 100%, height: 100%, fill: motifs.at(data.pattern), stroke: none))
#place(SPINE, rect(width: 62pt, height: 100%, fill: ink))

#let wide = 1000pt
#let breaks-anywhere = regex("[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}]")
#let set-in(size, words, parted: false) = text(size: size, hyphenate: parted, words)
#let fits(size, words, tall) = {
  let whole = measure(set-in(size, words), width: wide).height <= tall
  whole and words.split(regex("[ \n]")).all(word => {
    word.contains(breaks-anywhere) or measure(set-in(size, word)).width <= wide
  })
}
#let fitted(words, sizes, tall) = {
  let size = sizes.find(size => fits(size, words, tall))
  if size == none { sizes.last() } else { size }
}
// As narrow as it can be without another line: then the lines are of one length.
#let balanced(size, words) = {
  let tall = measure(set-in(size, words), width: wide).height
  let (low, high) = (wide * 0.3, wide)
  for _ in range(12) {
    let middle = (low + high) / 2
    let wider = words.split(regex("[ \n]")).any(word => {
      not word.contains(breaks-anywhere) and measure(set-in(size, word)).width > middle
    })
    let taller = measure(set-in(size, words), width: middle).height > tall
    if wider or taller { low = middle } else { high = middle }
  }
  block(width: high, set-in(size, words))
}
#let sizes(from, to, step) = range(int((from - to) / step) + 1).map(n => (from - n * step) * 1pt)
#place(top + center, dx: SHIFT, dy: 330pt, context {
  let size = fitted(data.title, sizes(176, 44, 6), 980pt)
  let name = fitted(data.names, sizes(72, 36, 4), 340pt)
  let one-long-word = size < 90pt and measure(set-in(90pt, data.title)).width < 2.5 * wide
  rect(width: 1220pt, fill: paper, inset: 26pt, stroke: none,
    rect(width: 100%, inset: (x: 60pt, top: 130pt, bottom: 110pt), stroke: 5pt + ink, {
      if one-long-word { set-in(110pt, data.title, parted: true) }
      else { balanced(size, data.title) }
      if data.names != "" {
        v(70pt, weak: true)
        rect(width: 150pt, height: 5pt, fill: ink, stroke: none)
        v(70pt, weak: true)
        balanced(name, data.names)
      }
    }))
})
"""
_SERIFS = ("Libertinus Serif", "Noto Serif", "Noto Serif Hebrew", "Noto Naskh Arabic")
_OWN = tuple(
    f"Noto Sans {script}"
    for script in ("Arabic", "Hebrew", "Devanagari", "Thai", "Bengali", "Tamil", "Georgian")
)
"""Of the fonts that come with the project; the typesetter looks through the others by itself."""


def typeset_cover(
    title: str, authors: Sequence[str], target: Path, language: str = "", turned: str = ""
) -> Path:
    """The cover of these words as PNG, 1600 × 2560 px, at `target`.

    `language` (BCP 47) decides between the forms of Chinese, Japanese and Korean characters.
    `turned` is the way of its pages, ``ltr`` or ``rtl``, else that of its title: its spine is where
    they begin.
    Raises BookError (``cover.unset``) where typst does not set it.
    """
    import typst

    words = _cut(title, _LONGEST_TITLE) or "Untitled"
    digest = hashlib.sha256(words.encode()).digest()
    board, figure, ink = _CLOTHS[digest[0] % len(_CLOTHS)]
    inputs = {
        "title": words,
        "names": _names(authors),
        "lang": _language(language),
        "fonts": json.dumps([*_SERIFS, *_OWN, *_east_asian(words + _names(authors), language)]),
        "pattern": _PATTERNS[digest[1] % len(_PATTERNS)],
        "board": board,
        "figure": figure,
        "ink": ink,
    }
    try:
        made = typst.compile(
            _template(words, turned),
            format="png",
            ppi=72,
            sys_inputs=inputs,
            font_paths=typst.Fonts(font_paths=[*fonts.typesetting_folders()]),
        )
    except RuntimeError as error:
        raise BookError("cover.unset", f"No cover could be set: {error}"[:1000]) from error
    target.write_bytes(made)
    return target


def _template(words: str, turned: str) -> bytes:
    direction = _direction(words)
    way = turned if turned in (LEFT_TO_RIGHT, RIGHT_TO_LEFT) else direction
    spine, shift = ("right", "-31pt") if way == RIGHT_TO_LEFT else ("left", "31pt")
    text = _TEMPLATE.replace("WIDTH", str(WIDTH)).replace("HEIGHT", str(HEIGHT))
    text = text.replace("SPINE", spine).replace("SHIFT", shift)
    return text.replace("DIRECTION", direction).encode()


def _cut(text: str, longest: int) -> str:
    """The text on one line, without control characters, cut between words."""
    printable = (_printable(letter) for letter in text[:2000])
    line = " ".join(_breakable(word) for word in "".join(printable).split())
    line = _UNPARTED.sub("\u00a0", line)
    if len(line) <= longest:
        return line
    head, _, _ = line[:longest].rpartition(" ")
    return f"{head or line[:longest]} …"


def _printable(letter: str) -> str:
    """Joiners part letters of one word (Persian, Indian scripts); other controls part words."""
    if letter in _JOINERS or unicodedata.category(letter)[0] != "C":
        return letter
    return "" if unicodedata.category(letter) == "Cf" else " "


def _breakable(word: str) -> str:
    """A word that no line can hold gets places where it may be parted."""
    if len(word) <= _LONGEST_WORD:
        return word
    return "\u00ad".join(word[at : at + 16] for at in range(0, len(word), 16))


def _names(authors: Sequence[str]) -> str:
    names = [_cut(author, _LONGEST_NAME) for author in authors if author.strip()]
    more = ["…"] if len(names) > _MOST_NAMES else []
    return "\n".join(names[:_MOST_NAMES] + more)


def _language(tag: str) -> str:
    primary = primary_tag(tag)
    return primary if primary.isascii() and primary.isalpha() and len(primary) in (2, 3) else "und"


def _direction(words: str) -> str:
    """As the first letter that has a direction says."""
    kinds = (unicodedata.bidirectional(letter) for letter in words)
    first = next((kind for kind in kinds if kind in ("L", "R", "AL")), "L")
    return LEFT_TO_RIGHT if first == "L" else RIGHT_TO_LEFT


def _east_asian(words: str, language: str) -> list[str]:
    """Fonts for Han characters: the region's, then the others'."""
    regions = ["SC", "TC", "JP", "KR"]
    names = [unicodedata.name(letter, "") for letter in words]
    first = "SC"
    if language.startswith("ja") or any(
        name.startswith(("HIRAGANA", "KATAKANA")) for name in names
    ):
        first = "JP"
    elif language.startswith("ko") or any(name.startswith("HANGUL") for name in names):
        first = "KR"
    elif language.lower().startswith(("zh-tw", "zh-hk", "zh-hant")):
        first = "TC"
    regions.remove(first)
    ordered = (first, *regions)
    return [f"Noto {kind} CJK {region}" for kind in ("Serif", "Sans") for region in ordered]
