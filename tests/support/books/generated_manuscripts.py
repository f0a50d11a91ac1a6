"""Manuscripts made at random of every construct of DOCX, ODT and RTF, in six languages.

ECMA-376 part 1 §17 (content of paragraphs and runs), OpenDocument 1.3 part 3 §4 to §11, RTF 1.9.1.
Each construct says a phrase that the book must hold (`shown`), or must not (`left_out`).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.books.manuscripts import W, docx, odt, relationship

WORDS = {
    "en": "harbour lantern ferry tide keeper anchor fog gull rope whistle timber storm",
    "de": "Fähre Größe Übersee Möwe Straße Nebel Anker Hütte Schlüssel Brücke Süden Öl",
    "ru": "маяк причал волна шторм якорь туман чайка верёвка посёлок север объезд ещё",
    "he": "מעבורת נמל ערפל עוגן מגדלור סירה חבל רוח צפון סופה גשר ים",
    "ar": "ميناء ضباب مرساة منارة قارب حبل ريح شمال عاصفة جسر بحر سفينة",
    "zh": "霧 港 船 燈 塔 風 海 橋 錨 繩 北 暴",
}
RIGHT_TO_LEFT = frozenset({"he", "ar"})
_CONTENT = "http://schemas.openxmlformats.org"
Construct = Callable[["ManuscriptWriter"], str]


@dataclass
class ManuscriptWriter:
    """Gives phrases of one language, none twice, and remembers what became of them."""

    language: str
    chance: random.Random
    shown: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    _number: int = 0

    def show(self) -> str:
        return self._phrase(self.shown)

    def leave_out(self) -> str:
        return self._phrase(self.left_out)

    def _phrase(self, to: list[str]) -> str:
        self._number += 1
        words = [self.chance.choice(WORDS[self.language].split()) for _ in range(3)]
        mark = "".join(chr(97 + int(digit)) for digit in f"{self._number:03}")
        phrase = f"{' '.join(words)} q{mark}"
        to.append(phrase)
        return phrase


def _run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def _p(*runs: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(runs)}</w:p>"


def _char(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def _complex(code: str, result: str) -> str:
    instruction = f"<w:r><w:instrText>{code}</w:instrText></w:r>"
    return _char("begin") + instruction + _char("separate") + result + _char("end")


def _box(inside: str) -> str:
    spaces = (
        f'xmlns:wps="{_CONTENT}/wps" xmlns:mc="{_CONTENT}/markup-compatibility/2006" '
        f'xmlns:wp="{_CONTENT}/drawingml/2006/wordprocessingDrawing"'
    )
    content = f"<w:txbxContent>{inside}</w:txbxContent>"
    return (
        f'<w:r><mc:AlternateContent {spaces}><mc:Choice Requires="wps"><w:drawing><wp:inline>'
        f"<wps:txbx>{content}</wps:txbx></wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict>"
        f"<v:textbox>{content}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def _table(*cells: str) -> str:
    written = "".join(f"<w:tc>{cell}</w:tc>" for cell in cells)
    return f"<w:tbl><w:tr>{written}</w:tr></w:tbl>"


_TOC = "<w:docPartObj><w:docPartGallery w:val='Table of Contents'/></w:docPartObj>"
_RUBY = "<w:r><w:ruby><w:rt>{}</w:rt><w:rubyBase>{}</w:rubyBase></w:ruby></w:r>"
_LINK = '<w:hyperlink r:id="link">{}</w:hyperlink>'
DOCX: tuple[Construct, ...] = (
    lambda it: _p(_run(it.show())),
    lambda it: _p(_run(it.show(), "<w:b/>"), _run(f" {it.show()}", "<w:i/><w:caps/>")),
    lambda it: _p(_run(it.show()), "<w:r><w:cr/></w:r>", _run(it.show())),
    lambda it: _p(_run(it.show()), "<w:r><w:ptab/></w:r>", _run(it.show())),
    lambda it: _p(_run(it.show()), "<w:r><w:br w:type='page'/></w:r>", _run(it.show())),
    lambda it: _p(_run(f"{it.show()} "), _box(_p(_run(it.show())) * 1), _run(it.show())),
    lambda it: _p(_box(_p(_run(it.show())) + _table(_p(_run(it.show())), _p(_run(it.show()))))),
    lambda it: _p(f'<w:fldSimple w:instr="SEQ x">{_run(it.show())}</w:fldSimple>'),
    lambda it: _p(_complex("REF _x", _run(it.show())), _run(f" {it.show()}")),
    lambda it: _p(_complex("QUOTE x", _complex("DATE", _run(it.show())))),
    lambda it: _p(_complex('HYPERLINK "https://example.org/f"', _run(it.show()))),
    lambda it: _p(_complex("TOC", _run(it.leave_out())), _run(it.show())),
    lambda it: f"<w:sdt><w:sdtPr>{_TOC}</w:sdtPr><w:sdtContent>{_p(_run(it.leave_out()))}"
    "</w:sdtContent></w:sdt>",
    lambda it: f"<w:sdt><w:sdtContent>{_p(_run(it.show()))}</w:sdtContent></w:sdt>",
    lambda it: _p(f"<w:sdt><w:sdtContent>{_run(it.show())}</w:sdtContent></w:sdt>"),
    lambda it: f"<w:customXml w:element='x'>{_p(_run(it.show()))}</w:customXml>",
    lambda it: _p(f"<w:customXml><w:customXmlPr/>{_run(it.show())}</w:customXml>"),
    lambda it: _p(f"<w:smartTag>{_run(it.show())}</w:smartTag>"),
    lambda it: _p(f"<w:bdo w:val='rtl'>{_run(it.show())}</w:bdo>"),
    lambda it: _p(f"<w:dir w:val='rtl'>{_run(it.show())}</w:dir>"),
    lambda it: _p(f"<w:ins w:id='1' w:author='x'>{_run(it.show())}</w:ins>"),
    lambda it: _p(f"<w:moveTo w:id='2' w:author='x'>{_run(it.show())}</w:moveTo>"),
    lambda it: _p(f"<w:moveFrom w:id='3'>{_run(it.leave_out())}</w:moveFrom>", _run(it.show())),
    lambda it: _p(_run(it.show()), f"<w:del w:id='4'><w:r><w:delText>{it.leave_out()}</w:delText>"
                  "</w:r></w:del>"),
    lambda it: _p(_run(it.leave_out(), "<w:vanish/>"), _run(it.show())),
    lambda it: _p(_LINK.format(_run(it.show())), _run(f" {it.show()}")),
    lambda it: _p(_RUBY.format(_run("reading"), _run(it.show()))),
    lambda it: _p(_run(it.show()), properties="<w:bidi/>"),
    lambda it: _p(_run(it.show(), "<w:rtl/>"), properties="<w:bidi/>"),
    lambda it: _p(_run(it.show()), properties="<w:outlineLvl w:val='1'/>"),
    lambda it: _p(_run(it.show()), properties="<w:pStyle w:val='Own'/>"),
    lambda it: _table(_p(_run(it.show())), _p(_run(it.show())) + _p(_run(it.show()))),
    lambda it: _table(_p(_run(it.show())) + _table(_p(_run(it.show()))) + _p()),
    lambda it: _p(_run(it.show()), '<w:r><w:footnoteReference w:id="7"/></w:r>'),
    lambda it: _p(_run(it.show()), '<w:r><w:sym w:font="Wingdings" w:char="F04A"/></w:r>'),
    lambda it: _p("<w:proofErr/><w:bookmarkStart w:id='9' w:name='b'/>", _run(it.show())),
    lambda it: _p(_run(it.show()), "<w:r><w:noBreakHyphen/></w:r>", _run(it.show())),
)  # fmt: skip
_STYLES = (
    f'<w:styles xmlns:w="{W}"><w:style w:type="paragraph" w:styleId="H1"><w:name '
    'w:val="heading 1"/></w:style><w:style w:type="paragraph" w:styleId="Own"><w:name '
    'w:val="Mein Kapitel"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style></w:styles>'
)


def write_docx(path: Path, language: str, seed: int) -> ManuscriptWriter:
    """A DOCX of 24 constructs at random at `path`; what it shows and leaves out."""
    it = ManuscriptWriter(language, random.Random(f"docx {language} {seed}"))
    heading = _p(_run(it.show()), properties="<w:pStyle w:val='H1'/>")
    body = heading + "".join(make(it) for make in it.chance.choices(DOCX, k=24))
    note = f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="7">{_p(_run("the note"))}</w:footnote>'
    related = relationship("link", "hyperlink", "https://example.org/r")
    for kind in ("footnotes", "header", "styles"):
        related += relationship(kind, kind, f"{kind}.xml", external=False)
    head = f'<w:hdr xmlns:w="{W}">{_p(_run(it.leave_out()))}</w:hdr>'
    parts: dict[str, str | bytes] = {
        "word/styles.xml": _STYLES,
        "word/footnotes.xml": f"{note}</w:footnotes>",
        "word/header.xml": head,
    }
    docx(path, body, related, parts)
    return it


def _t(inside: str, style: str = "") -> str:
    return f'<text:p text:style-name="{style}">{inside}</text:p>'


def _e(name: str, inside: str, attributes: str = "") -> str:
    return f"<{name} {attributes}>{inside}</{name}>"


def _odt_box(inside: str) -> str:
    return _e("draw:frame", _e("draw:text-box", inside))


def _odt_table(*cells: str) -> str:
    row = "".join(_e("table:table-cell", cell) for cell in cells)
    return _e("table:table", "<table:table-column/>" + _e("table:table-row", row))


def _item(inside: str) -> str:
    return _e("text:list", _e("text:list-item", inside))


def _odt_note(inside: str) -> str:
    citation = _e("text:note-citation", "1")
    return _e("text:note", citation + _e("text:note-body", inside), 'text:note-class="endnote"')


_FIELD_NAMES = """
meta meta-field date time page-number author-name title subject user-field-get variable-get
sequence expression placeholder conditional-text chapter file-name bookmark-ref note-ref
bibliography-mark initial-creator keywords description print-date word-count text-input span
"""
_FIELDS = tuple(_FIELD_NAMES.split())
_ODT_PLAIN: tuple[Construct, ...] = (
    lambda it: _t(it.show()),
    lambda it: _t(f"{it.show()}<text:tab/>{it.show()}<text:s/>{it.show()}<text:line-break/>x"),
    lambda it: _t(f"{it.show()} {_odt_box(_t(it.show()))}{it.show()}"),
    lambda it: _odt_box(_t(it.show()) + _odt_table(_t(it.show()), _t(it.show()))),
    lambda it: _t(_e("draw:custom-shape", _t(it.show())) + it.show()),
    lambda it: _e("draw:g", _odt_box(_t(it.show())) + _odt_box(_t(it.show()))),
    lambda it: _t(_e("text:ruby", _e("text:ruby-base", it.show()) + _e("text:ruby-text", "x"))),
    lambda it: _odt_table(_t(it.show()) + _odt_table(_t(it.show())), _t(it.show())),
    lambda it: _odt_table(_item(_t(it.show()))),
    lambda it: _item(_t(it.show()) + _item(_t(it.show())) + _odt_table(_t(it.show()))),
    lambda it: _e("text:list", _e("text:list-header", _t(it.show()))),
    lambda it: _item(_e("text:h", it.show(), 'text:outline-level="2"')),
    lambda it: _e("text:numbered-paragraph", _t(it.show())),
    lambda it: _e("text:section", _t(it.show()) + _e("text:section", _t(it.show()))),
    lambda it: _e("text:section", _t(it.leave_out()), 'text:display="none"'),
    lambda it: _t(it.show() + _odt_note(_t("a note") + _item(_t("listed")))),
    lambda it: _e("text:table-of-content", _e("text:index-body", _t(it.leave_out()))),
    lambda it: _e("text:alphabetical-index", _e("text:index-body", _t(it.show()))),
    lambda it: _e("text:bibliography", _e("text:index-body", _t(it.show()))),
    lambda it: _t(_e("text:a", it.show(), 'xlink:href="https://example.org/a"')),
    lambda it: _t(_e("office:annotation", _t(it.leave_out())) + it.show()),
    lambda it: _t(_e("text:span", it.leave_out(), 'text:style-name="Hidden"') + it.show()),
    lambda it: _t(_e("text:hidden-text", it.leave_out(), 'text:is-hidden="true"') + it.show()),
    lambda it: _t(it.show(), "Right"),
    lambda it: _e("text:h", it.show(), 'text:outline-level="3"'),
)


def _in_field(name: str) -> Construct:
    return lambda it: _t(f"{it.show()} {_e(f'text:{name}', it.show())} {it.show()}")


ODT: tuple[Construct, ...] = (*_ODT_PLAIN, *map(_in_field, _FIELDS))
_ODT_STYLES = (
    '<style:style style:name="Hidden" style:family="text"><style:text-properties '
    'text:display="none"/></style:style><style:style style:name="Right" style:family="paragraph">'
    '<style:paragraph-properties style:writing-mode="rl-tb"/></style:style>'
)


def write_odt(path: Path, language: str, seed: int) -> ManuscriptWriter:
    """An ODT of 24 constructs at random at `path`; what it shows and leaves out."""
    it = ManuscriptWriter(language, random.Random(f"odt {language} {seed}"))
    heading = _e("text:h", it.show(), 'text:outline-level="1"')
    odt(path, heading + "".join(make(it) for make in it.chance.choices(ODT, k=24)), _ODT_STYLES)
    return it


def _rtf(text: str) -> str:
    """`text` in Unicode's words, each with a fallback."""
    units = text.encode("utf-16-le")
    numbers = (int.from_bytes(units[at : at + 2], "little", signed=True) for at in
               range(0, len(units), 2))  # fmt: skip
    return "".join(chr(n) if 31 < n < 127 and chr(n) not in "\\{}" else f"\\u{n}?" for n in numbers)


def _field(code: str, result: str) -> str:
    return f"{{\\field{{\\*\\fldinst {code}}}{{\\fldrslt {result}}}}}"


_ROW = "\\trowd\\cellx1000\\cellx2000\\pard\\intbl {}\\cell {}\\cell\\row\\pard "
RTF: tuple[Construct, ...] = (
    lambda it: f"{_rtf(it.show())}\\par ",
    lambda it: f"{{\\b {_rtf(it.show())}}} {{\\i\\caps {_rtf(it.show())}}}\\par ",
    lambda it: f"{_rtf(it.show())}\\line {_rtf(it.show())}\\tab {_rtf(it.show())}\\par ",
    lambda it: f"{_rtf(it.show())}\\page {_rtf(it.show())}\\column {_rtf(it.show())}\\par ",
    lambda it: f"{_rtf(it.show())}\\sect\\pard {_rtf(it.show())}\\par ",
    lambda it: (
        f"{_rtf(it.show())}{{\\shp{{\\*\\shpinst{{\\shptxt \\pard {_rtf(it.show())}\\par}}}}"
        "{\\shprslt{\\pard twice\\par}}}\\par "
    ),
    lambda it: f"{{\\*\\do\\dptxbx{{\\dptxbxtext \\pard {_rtf(it.show())}\\par}}}}\\par ",
    lambda it: _field("SEQ x", _rtf(it.show())) + "\\par ",
    lambda it: _field('HYPERLINK "https://example.org/r"', _rtf(it.show())) + "\\par ",
    lambda it: _field("TOC", f"{_rtf(it.leave_out())}\\par ") + f"\\pard {_rtf(it.show())}\\par ",
    lambda it: f"{{\\v {_rtf(it.leave_out())}}}{_rtf(it.show())}\\par ",
    lambda it: f"{{\\deleted {_rtf(it.leave_out())}}}{_rtf(it.show())}\\par ",
    lambda it: f"{{\\revised {_rtf(it.show())}}}\\par ",
    lambda it: f"{{\\xe {_rtf(it.leave_out())}}}{{\\tc {_rtf(it.leave_out())}}}x\\par ",
    lambda it: f"{{\\upr{{ansi}}{{\\*\\ud{{{_rtf(it.show())}}}}}}}\\par ",
    lambda it: _ROW.format(_rtf(it.show()), _rtf(it.show())),
    lambda it: _ROW.format(f"{_rtf(it.show())}\\par {_rtf(it.show())}", "x"),
    lambda it: (
        f"\\pard\\rtlpar\\rtlch {_rtf(it.show())}\\par {_rtf(it.show())}\\par\\pard\\ltrpar "
    ),
    lambda it: f"{_rtf(it.show())}{{\\footnote \\pard a note\\par}}\\par ",
    lambda it: f"{{\\*\\bkmkstart b}}{_rtf(it.show())}{{\\*\\bkmkend b}}\\par ",
    lambda it: f"{{\\listtext 1.\\tab}}{_rtf(it.show())}\\par ",
    lambda it: f"{{\\object\\objemb{{\\*\\objdata 00}}{{\\result {_rtf(it.show())}}}}}\\par ",
    lambda it: f"{_rtf(it.show())} \\u-10179?\\u-8704? {{\\uc2 \\u233\\'c3\\'a9}}\\par ",
    lambda it: (
        f"{{\\*\\unknown nothing}}{_rtf(it.show())}{{\\*\\annotation {_rtf(it.leave_out())}}}\\par "
    ),
    lambda it: f"\\pard\\outlinelevel1 {_rtf(it.show())}\\par\\pard\\outlinelevel9 x\\par\\pard ",
)


def write_rtf(path: Path, language: str, seed: int) -> ManuscriptWriter:
    """An RTF of 24 constructs at random at `path`; what it shows and leaves out."""
    it = ManuscriptWriter(language, random.Random(f"rtf {language} {seed}"))
    text = f"{{\\header \\pard {_rtf(it.leave_out())}\\par}}\\pard\\outlinelevel0 {_rtf(it.show())}"
    text += "\\par\\pard " + "".join(make(it) for make in it.chance.choices(RTF, k=24))
    fonts = "{\\fonttbl{\\f0 Arial;}}"
    path.write_bytes(f"{{\\rtf1\\ansi\\ansicpg1252{fonts}\\uc1 {text}}}".encode("ascii"))
    return it
