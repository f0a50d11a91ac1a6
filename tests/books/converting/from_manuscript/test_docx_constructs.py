"""Every form in which a DOCX may say something: what it says is in the book, or is said."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from ebook_pipeline.books.converting.from_manuscript import epub_from_manuscript
from ebook_pipeline.books.converting.text_comparison import compare_texts
from ebook_pipeline.books.formats import manuscripts
from ebook_pipeline.books.formats.media_types import sniff
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.tools.typesetter import Typesetter
from tests.support.books.manuscripts import W, docx, paragraph, relationship
from tests.support.corpus import case, needs_cases

TYPESETTER = Typesetter()
HEADING = paragraph("The Ferry", "H1")
VERY = "http://schemas.openxmlformats.org"
Read = tuple[str, list[Finding]]


@pytest.fixture
def read(tmp_path: Path) -> Callable[[Path], Read]:
    """The markup of the book's chapters on one line, and what the comparison finds."""

    def made(source: Path) -> Read:
        target = tmp_path / "made.epub"
        format_ = sniff(source)
        epub_from_manuscript(source, format_, target, Claims(), TYPESETTER)
        with zipfile.ZipFile(target) as book:
            names = sorted(name for name in book.namelist() if "chapter-" in name)
            text = " ".join(book.read(name).decode().split("<body>")[1] for name in names)
        return " ".join(text.split()), list(compare_texts(source, format_, target))

    return made


def lost(findings: list[Finding]) -> list[str]:
    return [finding.rule for finding in findings if finding.rule != "convert.left-out"]


def png() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 40), "teal").save(written, "PNG")
    return written.getvalue()


@needs_cases
@pytest.mark.parametrize(
    ("name", "kept", "gone"),
    [
        ("31-text-boxes.docx", ["<p>Before the box. After the box.</p><p>BOXED NOTE</p>"], []),
        ("33-special-runs.docx", ["ONE<br/> TWO<br/> THREE FOUR FIVE"], ["HIDDEN"]),
        (
            "34-fields.docx",
            ["fig. 7", ">the timetable</a>", ">The Return</a>, dated"],
            ["The Ferry 3", "The Return 9"],
        ),
        ("34b-fldsimple.docx", ["Figure 1: The lamp. See section 4.2 by Ana Roth."], []),
        ("34c-word-toc.docx", ["It left early."], ["Contents", " 3<", " 9<"]),
        ("38-images.docx", ['alt="A red square'], []),
        ("38b-images-plain.docx", ['alt="old vml picture"'], []),
        ("38c-images-root-media.docx", ['alt="A red square"'], []),
        ("39-hebrew.docx", ['<p dir="rtl">', 'dir="rtl"><span dir="rtl">המעבורת'], []),
        ("40-localised-headings.docx", [">Die Fähre</h1>", ">Nachwort</h1>"], []),
        ("41-ruby.docx", ["<ruby>港<rt>みなと</rt></ruby>へ"], []),
        ("42-document2-part.docx", ["The ferry left early."], []),
        ("46-auto-numbered-headings.docx", [">Chapter 1</h1>", ">Chapter 2</h1>"], []),
        ("47-tracked-hyperlink.docx", ["OVERRIDE and DIRECTED", "BLOCK CUSTOM"], ["OLD MAP"]),
    ],
)
def test_a_case_of_the_field_comes_out_right(
    read: Callable[[Path], Read], name: str, kept: list[str], gone: list[str]
) -> None:
    text, findings = read(case(name))
    assert [words for words in kept if words not in text] == []
    assert [words for words in gone if words in text] == []
    assert lost(findings) == []


@needs_cases
@pytest.mark.parametrize("name", ["34-fields.docx", "34c-word-toc.docx"])
def test_no_title_is_taken_from_words_own_contents(name: str) -> None:
    cleaned = manuscripts.clean(case(name), BookFormat.DOCX)
    assert "manuscript.contents" in [finding.rule for finding in cleaned.findings]
    assert b"PAGEREF" not in (cleaned.parts["word/document.xml"] or b"")


RUN = "<w:r><w:t>{}</w:t></w:r>"
FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r><w:r><w:instrText>{code}'
    '</w:instrText></w:r>{result}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
SEPARATE = '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'


def field(code: str, result: str, data: str = "") -> str:
    shown = f"{SEPARATE}{RUN.format(result)}" if result else ""
    return FIELD.format(code=code, result=shown, data=data)


DROP_DOWN = (
    '<w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="north"/>'
    '<w:listEntry w:val="south"/></w:ddList></w:ffData>'
)


TICKED = "<w:ffData><w:checkBox><w:default w:val='0'/><w:checked/></w:checkBox></w:ffData>"
SYMBOLS = '<w:r><w:rPr><w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/></w:rPr><w:t>{}</w:t></w:r>'
SIGN = r"SYMBOL 97 \f Symbol"
WORD_ART = "<v:shape><v:textpath string='art'/></v:shape>"
CELL = f"<w:tc>{paragraph('c')}</w:tc>"
WIDE = f'<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{paragraph("wide")}</w:tc>'


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (f"<w:p><w:smartTag>{RUN.format('smart')}</w:smartTag></w:p>", "smart"),
        (f"<w:sdt><w:sdtContent>{paragraph('held')}</w:sdtContent></w:sdt>", "held"),
        (f"<w:p><w:sdt><w:sdtContent>{RUN.format('run')}</w:sdtContent></w:sdt></w:p>", "run"),
        (f"<w:p>{field('SEQ Figure', '12')}</w:p>", "12"),
        (f"<w:p>{field('DATE', 'May')}{field('PAGE', '9')}</w:p>", "May9"),
        (f"<w:p>{field('FORMDROPDOWN', '', DROP_DOWN)}</w:p>", "south"),
        (f"<w:p>{field('QUOTE', '2')}{field('=1+1', '2')}</w:p>", "22"),
        ("<w:p><w:r><w:t>a</w:t><w:cr/><w:t>b</w:t><w:ptab/><w:t>c</w:t></w:r></w:p>", "b c"),
        ("<w:p><w:r><w:t>x</w:t><w:noBreakHyphen/><w:t>y</w:t></w:r></w:p>", "x‑y"),
        (f"<w:p>{field(SIGN, '')}</w:p>", "α"),
        (f"<w:p>{field('FORMCHECKBOX', '', TICKED)}</w:p>", "☒"),
        (f"<w:p>{SYMBOLS.format('abg')}</w:p>", "αβγ"),
        (f"<w:p><w:r><w:pict>{WORD_ART}</w:pict></w:r></w:p>", "art"),
        (f"<w:tbl><w:tblGrid/><w:tr>{WIDE}</w:tr><w:tr>{CELL}{CELL}</w:tr></w:tbl>", "widecc"),
        (f"<w:p><w:moveTo>{RUN.format('moved here')}</w:moveTo></w:p>", "moved here"),
        (f'<w:p><w:hyperlink w:anchor="x">{RUN.format("anchor")}</w:hyperlink></w:p>', "anchor"),
    ],
)
def test_what_a_construct_shows_is_kept(
    tmp_path: Path, read: Callable[[Path], Read], inside: str, words: str
) -> None:
    text, findings = read(docx(tmp_path / "book.docx", HEADING + inside + paragraph("End.")))
    assert words in re.sub(r"<[^>]+>", "", text)
    assert lost(findings) == []


def test_an_unclosed_contents_field_takes_no_text_with_it(
    tmp_path: Path, read: Callable[[Path], Read]
) -> None:
    begun = FIELD.format(code="TOC", result=SEPARATE, data="").rpartition("<w:r>")[0]
    body = f"<w:p>{begun}</w:p>{HEADING}{paragraph('All of it stays.')}"
    assert "All of it stays." in read(docx(tmp_path / "book.docx", body))[0]


def test_hidden_text_is_known_by_its_style_and_a_hidden_mark_hides_nothing(
    tmp_path: Path, read: Callable[[Path], Read]
) -> None:
    styles = (
        f'<w:styles xmlns:w="{W}"><w:style w:type="paragraph" w:styleId="H1">'
        '<w:name w:val="heading 1"/></w:style><w:style w:type="character" w:styleId="Secret">'
        '<w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style></w:styles>'
    )
    secret = paragraph("behind", run='<w:rStyle w:val="Secret"/>')
    marked = paragraph("in front", more="<w:rPr><w:vanish/></w:rPr>")
    source = docx(
        tmp_path / "book.docx", HEADING + secret + marked, parts={"word/styles.xml": styles}
    )
    text, findings = read(source)
    assert "in front" in text
    assert "behind" not in text
    assert [finding.message for finding in findings] == [
        "Left out on purpose: 1 word of hidden text."
    ]


NUMBERING = (
    f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="3">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/>'
    '<w:lvlText w:val="Part %1:"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
    '<w:lvlText w:val="%1.%2"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="5"><w:abstractNumId w:val="3"/></w:num></w:numbering>'
)


def test_the_numbers_of_headings_are_written_out_level_by_level(
    tmp_path: Path, read: Callable[[Path], Read]
) -> None:
    def numbered(text: str, level: int) -> str:
        list_ = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="5"/></w:numPr>'
        outline = f'<w:outlineLvl w:val="{level}"/>'
        return paragraph(text, more=list_ + outline)

    body = "".join(
        numbered(text, level) + paragraph("Text.")
        for text, level in [("Sea", 0), ("Fog", 1), ("Ice", 1), ("Land", 0), ("Hill", 1)]
    )
    related = relationship("n1", "numbering", "numbering.xml", external=False)
    source = docx(tmp_path / "book.docx", body, related, {"word/numbering.xml": NUMBERING})
    text, findings = read(source)
    assert re.findall(r"<h[12][^>]*>([^<]*)", text) == [
        "Part I: Sea", "I.1 Fog", "I.2 Ice", "Part II: Land", "II.1 Hill",
    ]  # fmt: skip
    assert lost(findings) == []


@pytest.mark.parametrize(
    ("target", "entry"),
    [
        ("media/a%20picture.png", "word/media/a picture.png"),
        ("media/a picture.png", "word/media/a picture.png"),
        ("/media/IMAGE.PNG", "media/image.png"),
        ("../customXml/p.png", "customXml/p.png"),
        ("bild.png", "word/bild.png"),
    ],
)
def test_a_picture_is_found_wherever_its_part_lies(
    tmp_path: Path, read: Callable[[Path], Read], target: str, entry: str
) -> None:
    drawing = (
        f'<w:p><w:r><w:drawing><wp:inline xmlns:wp="{VERY}/drawingml/2006/wordprocessingDrawing">'
        f'<wp:docPr id="1" name="x"/><a:graphic xmlns:a="{VERY}/drawingml/2006/main">'
        f'<a:graphicData><pic:pic xmlns:pic="{VERY}/drawingml/2006/picture"><pic:nvPicPr>'
        '<pic:cNvPr id="1" name="x" descr="A lamp"/></pic:nvPicPr><pic:blipFill>'
        '<a:blip r:embed="p1"/></pic:blipFill></pic:pic></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r></w:p>"
    )
    related = relationship("p1", "image", target, external=False)
    source = docx(tmp_path / "b.docx", HEADING + drawing, related, {entry: png()})
    text, findings = read(source)
    assert 'alt="A lamp"' in text
    assert lost(findings) == []


NUMBERED = (
    f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">'
    '<w:start w:val="1"/><w:numFmt w:val="{}"/><w:lvlText w:val="{}"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
"""One list with one level: its format, and the text around its number."""


@pytest.mark.parametrize(
    ("format_", "around", "shown"),
    [
        ("upperRoman", "Kapitel %1", ("Kapitel I", "Kapitel II")),
        ("cardinalText", "Chapter %1", ("Chapter One", "Chapter Two")),
        ("ordinalText", "%1 Chapter", ("First Chapter", "Second Chapter")),
        ("hebrew1", "פרק %1", ("פרק א", "פרק ב")),
        ("russianUpper", "Глава %1", ("Глава А", "Глава Б")),
        ("arabicAbjad", "الفصل %1", ("الفصل أ", "الفصل ب")),
        ("chineseCounting", "第%1章", ("第一章", "第二章")),
        ("thaiNumbers", "บทที่ %1", ("บทที่ ๑", "บทที่ ๒")),
    ],
)
def test_headings_that_are_a_number_alone_say_it_in_its_script(
    read: Callable[[Path], Read], tmp_path: Path, format_: str, around: str, shown: tuple[str, str]
) -> None:
    numbered = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    heading = f'<w:p><w:pPr><w:pStyle w:val="Heading1"/>{numbered}</w:pPr></w:p>'
    related = relationship("num", "numbering", "numbering.xml", external=False)
    parts: dict[str, str | bytes] = {"word/numbering.xml": NUMBERED.format(format_, around)}
    body = heading + paragraph("It began.") + heading + paragraph("It ended.")
    docx(tmp_path / "a.docx", body, related, parts)
    text, findings = read(tmp_path / "a.docx")
    assert [f">{label}</h1>" in text for label in shown] == [True, True]
    assert lost(findings) == []


def test_short_rows_and_deleted_cells_lose_nothing_beside_them(
    read: Callable[[Path], Read], tmp_path: Path
) -> None:
    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"

    rows = (
        cell("a"),
        cell("b") + cell("c") + cell("d"),
        cell("e", '<w:gridSpan w:val="2"/>') + cell("f"),
        cell("gone", '<w:cellDel w:id="1" w:author="x"/>') + cell("g") + cell("h"),
    )
    table = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    docx(tmp_path / "a.docx", HEADING + paragraph("Before.") + f"<w:tbl>{table}</w:tbl>")
    text, findings = read(tmp_path / "a.docx")
    assert "<td>b</td><td>c</td><td>d</td>" in text
    assert '<td colspan="2">e</td><td>f</td>' in text
    assert "<td/><td>g</td><td>h</td>" in text
    assert "gone" not in text
    assert lost(findings) == []
