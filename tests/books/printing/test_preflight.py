"""Preflight: faults put into PDFs by hand, each found by its rule; good files without a finding."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from ebook_pipeline.books.printing import preflight as printing_preflight
from ebook_pipeline.books.printing.page_geometry import cover_geometry
from ebook_pipeline.books.printing.preflight import (
    Part,
    PreflightReport,
    PrintJob,
    cut_of,
    judged,
    preflight,
    write_pictures,
)
from ebook_pipeline.books.printing.preflight.drawn_pages import draw
from ebook_pipeline.books.printing.preflight.examination import examine
from ebook_pipeline.books.printing.preflight.job import layout_of
from ebook_pipeline.books.printing.print_rules import PaperKind, Printer, Trim, rules_of
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.tools.limits import Limits
from tests.support.books.print_pdf import Fault, PrintPdf, image, painted, typed, write

KDP, INGRAM = Printer.KDP_PAPERBACK, Printer.INGRAM
SQUARE = PrintPdf()
PLAIN = PrintPdf(bleed=False)
BLACK = "cmyk(0%, 0%, 0%, 100%)"


def heavier(findings: Iterable[Finding]) -> set[str]:
    """The rules of all findings that are more than a remark."""
    return {one.rule for one in findings if one.severity > Severity.INFO}


def rules(report: PreflightReport) -> set[str]:
    return heavier(report.plain_findings)


def judge(path: Path, job: PrintJob) -> list[Finding]:
    """As `preflight` does, in this process: without the seconds that children take to start."""
    facts = examine(path)
    layout = layout_of(job, facts)
    drawn = draw(path, cut_of(job, layout))
    return [found.finding for found in judged(facts, drawn, job, layout)]


def each_page(change: Fault | None = None, **boxes: list[float]) -> Fault:
    def put(pdf: Pdf) -> None:
        for page in pdf.pages:
            for key, value in boxes.items():
                page.obj[f"/{key}"] = Array(value)
        if change is not None:
            change(pdf)

    return put


def on_page(key: str, value: object, number: int = 3) -> Fault:
    def put(pdf: Pdf) -> None:
        pdf.pages[number - 1].obj[key] = value

    return put


def noted(kind: str) -> Fault:
    def put(pdf: Pdf) -> None:
        note = Dictionary(Type=Name.Annot, Subtype=Name(f"/{kind}"), Rect=Array([90, 90, 200, 120]))
        pdf.pages[2].obj.Annots = Array([pdf.make_indirect(note)])

    return put


def root(**entries: object) -> Fault:
    def put(pdf: Pdf) -> None:
        for key, value in entries.items():
            pdf.Root[f"/{key}"] = value

    return put


def outlined(pdf: Pdf) -> None:
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("One", 0))


def attached(pdf: Pdf) -> None:
    pdf.attachments["notes.txt"] = b"notes"


def without_font_files(pdf: Pdf) -> None:
    for thing in pdf.objects:
        if isinstance(thing, Dictionary):
            for key in ("/FontFile", "/FontFile2", "/FontFile3"):
                if key in thing:
                    del thing[key]


def one_less(pdf: Pdf) -> None:
    del pdf.pages[-1]


def short_fill(pdf: Pdf) -> None:
    """White over the bleed of page 3, so that its colour ends at the cut."""
    painted("0 0 0 0 k 612 0 9 630 re f 0 0 621 9 re f")(pdf)


def spread(pdf: Pdf) -> None:
    pdf.pages[2].obj.MediaBox = Array([0, 0, 1233, 630])


def spot(name: str) -> dict[str, Dictionary]:
    tint = Dictionary(
        FunctionType=2, Domain=Array([0, 1]), C0=Array([0, 0, 0, 0]), C1=Array([1, 0, 0, 0]), N=1
    )
    return {"ColorSpace": Dictionary(S=Array([Name.Separation, Name(name), Name.DeviceCMYK, tint]))}


def state(**entries: Any) -> dict[str, Dictionary]:
    slashed = {f"/{key}": value for key, value in entries.items()}
    return {"ExtGState": Dictionary(E=Dictionary(slashed))}


SHADED = Dictionary(
    ShadingType=2,
    ColorSpace=Name.DeviceCMYK,
    Coords=Array([100, 0, 300, 0]),
    Function=Dictionary(
        FunctionType=2,
        Domain=Array([0, 1]),
        C0=Array([0, 0, 0, 0]),
        C1=Array([1, 1, 1, 0.6]),
        N=1,
    ),
)
LAYERS = Dictionary(OCGs=Array([Dictionary(Type=Name.OCG, Name=String("Notes"))]))
SCRIPT = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
FORM = Dictionary(Fields=Array([Dictionary(FT=Name.Tx, T=String("name"))]))


@dataclass(frozen=True)
class Case:
    """A fault, the rule that finds it, the book it is put into, and the printer who is asked."""

    rule: str
    fault: Fault | None
    book: PrintPdf = SQUARE
    printer: Printer = KDP


def filled(colour: str, **resources: Dictionary) -> Fault:
    return painted(f"{colour} 100 100 200 200 re f", 3, **resources)


def blank_pages(pdf: Pdf) -> None:
    for _ in range(6):
        pdf.add_blank_page(page_size=(612, 612))


FOUR_INKS = "#text(size: 9pt, fill: cmyk(50%, 40%, 40%, 90%))[four]"
HEAVY, FINE = b"\xf0\xd0\xd0\x80", b"\x80\x40\x40\x20"

FAULTS = {
    "a page of another size": Case("page-size", on_page("/MediaBox", Array([0, 0, 600, 630]))),
    "one page without bleed": Case("mixed-bleed", on_page("/MediaBox", Array([0, 0, 612, 612]))),
    "a double page": Case("spreads", spread),
    "a page cropped": Case("crop-box", on_page("/CropBox", Array([50, 50, 500, 500]))),
    "a trim box on the wrong side": Case("trim-box", on_page("/TrimBox", Array([9, 9, 621, 621]))),
    "a bleed box inside the trim": Case(
        "bleed-box", on_page("/BleedBox", Array([40, 40, 500, 500]))
    ),
    "a page turned by a mark": Case("rotated", on_page("/Rotate", 180)),
    "a unit of its own": Case("user-unit", on_page("/UserUnit", 2)),
    "too few pages": Case("page-count", None, replace(SQUARE, pages=20)),
    "an odd number of pages": Case("odd-pages", one_less, replace(SQUARE, pages=26)),
    "colour that ends at the cut": Case("bleed-missing", short_fill),
    "colour to the edge without bleed": Case(
        "no-bleed", painted("1 0 0 0 k 400 0 212 612 re f"), PLAIN
    ),
    "words beyond the cut": Case("text-cut", typed((606, 300)), PLAIN),
    "words in the binding": Case("safe-area", typed((12, 300)), PLAIN),
    "words near the outer edge": Case("safe-area", typed((60, 14)), PLAIN),
    "a font that is not embedded": Case("font-not-embedded", without_font_files),
    "a coarse picture": Case("low-resolution", image(400)),
    "a picture below 300 dpi": Case("low-resolution", image(1000)),
    "too much ink in a fill": Case("ink", filled("0.9 0.8 0.8 0.6 k"), printer=INGRAM),
    "too much ink in a picture": Case("ink", image(1200, "/DeviceCMYK", HEAVY), printer=INGRAM),
    "too much ink in a gradient": Case(
        "ink", painted("/G sh", Shading=Dictionary(G=SHADED)), printer=INGRAM
    ),
    "RGB where CMYK is asked for": Case("rgb", filled("1 0 0 rg"), printer=INGRAM),
    "a spot colour": Case("spot-colour", filled("/S cs 1 scn", **spot("/Gold"))),
    "registration colour": Case("registration-colour", filled("/S cs 1 scn", **spot("/All"))),
    "an opacity": Case("transparency", filled("/E gs 1 0 0 0 k", **state(ca=0.5))),
    "a blend mode": Case(
        "transparency", filled("/E gs 1 0 0 0 k", **state(BM=Name.Multiply)), printer=INGRAM
    ),
    "white that overprints": Case("white-overprint", filled("/E gs 0 0 0 0 k", **state(op=True))),
    "a hair line": Case("hairline", painted("0 0 0 1 K 0.1 w 100 100 m 300 100 l S")),
    "type of five points": Case("small-type", typed((200, 300), size=5)),
    "small type in four inks": Case("rich-type", None, replace(SQUARE, extra=FOUR_INKS)),
    "a note": Case("annotations", noted("Text")),
    "a link": Case("links", noted("Link")),
    "bookmarks": Case("bookmarks", outlined),
    "a form": Case("form", root(AcroForm=FORM)),
    "an attached file": Case("attachments", attached),
    "layers": Case("layers", root(OCProperties=LAYERS)),
    "a script": Case("active-content", root(OpenAction=SCRIPT)),
    "blank pages in a row": Case("blank-pages", blank_pages, PLAIN),
    "a trim that is not printed": Case("trim", None, PrintPdf(4, 5, margin=0.9, bleed=False)),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_put_in_by_hand_is_found_by_its_rule(name: str, tmp_path: Path) -> None:
    case = FAULTS[name]
    path = write(tmp_path / "a.pdf", case.book, case.fault)
    findings = judge(path, PrintJob(printer=case.printer))
    assert f"print.{case.rule}" in heavier(findings)
    assert all(one.remedy for one in findings if one.severity > Severity.INFO)


@pytest.mark.parametrize("password", ["", "secret"])
def test_an_encrypted_file_is_refused(password: str, tmp_path: Path) -> None:
    lock = pikepdf.Encryption(owner="owner", user=password)
    path = write(tmp_path / "a.pdf", SQUARE, encryption=lock)
    assert "print.encrypted" in rules(preflight(path, PrintJob(printer=KDP)))


@pytest.mark.parametrize(
    ("body", "told"), [(b"%PDF-1.7 and nothing more", "can not be read"), (b"PK\3\4", "is no PDF")]
)
def test_what_is_no_pdf_at_all_is_a_finding(tmp_path: Path, body: bytes, told: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(body)
    report = preflight(path, PrintJob(printer=KDP))
    assert rules(report) == {"print.unreadable"}
    assert told in report.findings[0].finding.message
    assert not report.passes


WRAPPED = (
    "#place(bottom + right, dx: .42in, block(width: 1.4in, "
    "align(right)[once there was a hedgehog who wore a scarf]))"
)

GOOD: dict[str, tuple[PrintPdf, Fault | None, PrintJob]] = {
    "square with bleed": (SQUARE, None, PrintJob(printer=KDP)),
    "square without bleed": (PLAIN, None, PrintJob(printer=KDP)),
    "a novel": (
        PrintPdf(6, 9, 160, bleed=False, ink=BLACK),
        None,
        PrintJob(printer=KDP, paper=PaperKind.CREAM),
    ),
    "letter in grey": (PrintPdf(8.5, 11, fill="luma(230)"), None, PrintJob(printer=KDP)),
    "landscape": (PrintPdf(8.25, 6), None, PrintJob(printer=KDP)),
    "a hardcover": (PrintPdf(7, 10, 80), None, PrintJob(printer=Printer.KDP_HARDCOVER)),
    "for Ingram": (PrintPdf(8.5, 8.5, 32), None, PrintJob(printer=INGRAM)),
    "RGB, which KDP takes": (PrintPdf(fill='rgb("#bfe6ff")'), None, PrintJob(printer=KDP)),
    "a sharp picture": (SQUARE, image(1200), PrintJob(printer=KDP)),
    "a space beyond the safe area, where a line wraps": (
        replace(SQUARE, extra=WRAPPED),
        None,
        PrintJob(printer=KDP),
    ),
    "a CMYK picture within the ink": (
        SQUARE,
        image(1200, "/DeviceCMYK", FINE),
        PrintJob(printer=INGRAM),
    ),
    "a trim of one's own": (
        PrintPdf(7.7, 9.9),
        None,
        PrintJob(printer=KDP, trim=Trim(width=7.7, height=9.9)),
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_has_no_finding(name: str, tmp_path: Path) -> None:
    book, change, job = GOOD[name]
    assert heavier(judge(write(tmp_path / "a.pdf", book, change), job)) == set()


TRIM = Trim(width=8.5, height=8.5)
COVER_JOB = PrintJob(
    printer=KDP, part=Part.COVER, trim=TRIM, paper=PaperKind.PREMIUM_COLOUR, pages=32
)


def cover(spine_pages: int = 32, text: str = "") -> PrintPdf:
    """One sheet with back, spine and front; `text` is placed by typst from the sheet's corner."""
    geometry = cover_geometry(rules_of(KDP), TRIM, PaperKind.PREMIUM_COLOUR, spine_pages)
    extra = "#place(top + left, dx: 10.5in, dy: 2in)[Front]" + text
    return PrintPdf(
        width=geometry.sheet.width,
        height=geometry.sheet.height,
        pages=1,
        bleed=False,
        text="",
        margin=0,
        extra=f"#place(rect(width: 100%, height: 100%, fill: cmyk(30%, 0%, 0%, 0%))){extra}",
    )


COVER_FAULTS = {
    "the spine of another book": (cover(60), "cover-size"),
    "words on a thin spine": (
        cover(text="#place(top + left, dx: 8.64in, dy: 4in, rotate(90deg, reflow: true)[Spi])"),
        "spine-text",
    ),
    "words where the barcode goes": (
        cover(text="#place(top + left, dx: 7.3in, dy: 7.8in)[Blurb]"),
        "barcode",
    ),
    "words at the edge": (cover(text="#place(top + left, dx: .13in, dy: 4in)[Edge]"), "safe-area"),
}


@pytest.mark.parametrize("name", COVER_FAULTS)
def test_a_fault_of_a_cover_is_found(name: str, tmp_path: Path) -> None:
    book, rule = COVER_FAULTS[name]
    findings = judge(write(tmp_path / "cover.pdf", book), COVER_JOB)
    assert heavier(findings) == {f"print.{rule}"}


def test_a_cover_for_its_book_has_no_finding(tmp_path: Path) -> None:
    report = preflight(write(tmp_path / "cover.pdf", cover()), COVER_JOB)
    assert rules(report) == set()
    assert report.passes


def test_a_cover_of_two_pages_or_with_white_edges_is_found(tmp_path: Path) -> None:
    two = write(tmp_path / "two.pdf", replace(cover(), pages=2))
    assert "print.cover-pages" in heavier(judge(two, COVER_JOB))
    white = painted("0 0 0 0 k 0 0 9 630 re f", 1)
    edge = write(tmp_path / "edge.pdf", cover(), white)
    assert heavier(judge(edge, COVER_JOB)) == {"print.bleed-missing"}


def test_a_fault_is_framed_in_a_picture_of_its_page(tmp_path: Path) -> None:
    from PIL import Image

    path = write(tmp_path / "a.pdf", SQUARE, image(400))
    report = preflight(path, PrintJob(printer=KDP))
    names = write_pictures(path, report, tmp_path / "pictures")
    assert names == ["page-0003.png"]
    drawn = Image.open(tmp_path / "pictures" / names[0]).convert("RGB")
    scale = drawn.height / 630
    frame = drawn.getpixel((round(150 * scale) - 5, drawn.height - round(300 * scale)))
    assert frame == (214, 40, 40)


def test_forms_that_place_each_other_without_end_are_a_finding_and_no_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each places the one before twice, thirty deep: a thousand million fills."""
    monkeypatch.setattr(printing_preflight, "LIMITS", Limits(seconds=1, megabytes=900))

    def bomb(pdf: Pdf) -> None:
        inner = pdf.make_stream(b"1 0 0 0 k 0 0 9 9 re f")
        for _ in range(30):
            outer = pdf.make_stream(b"/A Do /A Do")
            inner.Type, inner.Subtype, inner.BBox = Name.XObject, Name.Form, Array([0, 0, 9, 9])
            outer.Resources = Dictionary(XObject=Dictionary(A=inner))
            inner = outer
        inner.Type, inner.Subtype, inner.BBox = Name.XObject, Name.Form, Array([0, 0, 9, 9])
        painted("/Bomb Do", XObject=Dictionary(Bomb=inner))(pdf)

    report = preflight(write(tmp_path / "a.pdf", SQUARE, bomb), PrintJob(printer=KDP))
    assert "print.unchecked" in rules(report)
    assert any(rule.startswith("sandbox.") for rule in rules(report))
    assert not report.passes
