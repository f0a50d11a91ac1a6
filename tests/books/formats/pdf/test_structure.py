"""What a PDF is made of beside its pages: actions, notes, forms, bookmarks, tags, claims, locks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from ebook_pipeline.books.formats import pdf as pdfs
from ebook_pipeline.books.formats.pdf import encryption, inspection, pdf_findings
from ebook_pipeline.books.formats.pdf.conformance import conformance
from ebook_pipeline.books.records import ConformanceStatus
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from tests.support.books.pdf import book

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 {claims}/></rdf:RDF></x:xmpmeta>"""
Change = Callable[[pikepdf.Pdf], object]


def found(path: Path) -> dict[str, Finding]:
    """The findings on what the file is made of, by rule."""
    return {one.rule: one for one in inspection.inspect_structure(path)[0]}


def rules(tmp_path: Path, change: Change, pages: int = 1) -> list[str]:
    return sorted(found(book(tmp_path / "b.pdf", change, pages)))


def noted(*notes: Dictionary) -> Change:
    """A book whose first page has these annotations."""

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj.Annots = Array(notes)

    return change


def note(subtype: str, **more: Any) -> Dictionary:
    return Dictionary(Type=Name.Annot, Subtype=Name(f"/{subtype}"), **more)


def rooted(**entries: object) -> Change:
    """A book with these entries in its catalogue."""

    def change(pdf: pikepdf.Pdf) -> None:
        for key, value in entries.items():
            pdf.Root[f"/{key}"] = value

    return change


def claiming(claims: str, change: Change = lambda _: None) -> Change:
    def both(pdf: pikepdf.Pdf) -> None:
        packet = XMP.format(claims=claims).encode()
        pdf.Root.Metadata = pdf.make_stream(packet, Type=Name.Metadata, Subtype=Name.XML)
        change(pdf)

    return both


@pytest.mark.parametrize(
    ("change", "rule", "severity"),
    [
        (rooted(OpenAction=Dictionary(S=Name.JavaScript, JS="x")), "javascript", Severity.ERROR),
        (rooted(OpenAction=Dictionary(S=Name.Launch, F="cmd.exe")), "launch", Severity.ERROR),
        (
            noted(note("Link", A=Dictionary(S=Name.URI, URI=" JavaScript:x"))),
            "javascript",
            Severity.ERROR,
        ),
        (
            noted(note("Link", PA=Dictionary(S=Name.SubmitForm, F="https://x"))),
            "outside-action",
            Severity.WARNING,
        ),
        (noted(note("3D")), "rich-media", Severity.WARNING),
        (noted(note("FileAttachment", FS="a.exe")), "attachment", Severity.WARNING),
        (noted(note("Highlight")), "comments", Severity.WARNING),
        (
            noted(note("Link", A=Dictionary(S=Name.URI, URI="file:///c:/x"))),
            "link-local",
            Severity.WARNING,
        ),
        (noted(note("Link", Dest=Array([7, Name.Fit]))), "link-broken", Severity.WARNING),
        (noted(note("Link", Dest="nowhere")), "link-broken", Severity.WARNING),
        (rooted(AcroForm=Dictionary(XFA="<xdp/>", Fields=Array())), "xfa", Severity.WARNING),
        (
            rooted(AcroForm=Dictionary(XFA="<xdp/>"), NeedsRendering=True),
            "xfa",
            Severity.ERROR,
        ),
        (
            rooted(AcroForm=Dictionary(Fields=Array([Dictionary(FT=Name.Tx, T="a")]))),
            "form",
            Severity.INFO,
        ),
        (
            rooted(AcroForm=Dictionary(Fields=Array([Dictionary(FT=Name.Sig, T="a")]))),
            "signed",
            Severity.INFO,
        ),
    ],
)
def test_what_no_book_should_carry_is_found(
    tmp_path: Path, change: Change, rule: str, severity: Severity
) -> None:
    assert found(book(tmp_path / "b.pdf", change))[f"pdf.{rule}"].severity is severity


def test_a_script_deep_in_arrays_under_another_spelling_is_found(tmp_path: Path) -> None:
    deep = Dictionary(S=Name.JavaScript)
    for _ in range(60):
        deep = Dictionary(Inner=Array([deep]))
    path = book(tmp_path / "b.pdf", rooted(Deep=deep))
    spelt = path.read_bytes().replace(b"/JavaScript", b"/Java#53cript")
    assert b"#53" in spelt
    path.write_bytes(spelt)
    assert "pdf.javascript" in found(path)


def test_links_that_lead_somewhere_are_no_fault(tmp_path: Path) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        here = pdf.pages[0].obj
        pdf.Root.Names = Dictionary(Dests=Dictionary(Names=Array(["a", Array([here, Name.Fit])])))
        pdf.Root.Dests = Dictionary(b=Dictionary(D=Array([here, Name.Fit])))
        goto = Dictionary(S=Name.GoTo, D="a")
        links = (note("Link", A=goto), note("Link", Dest=Name.b), note("Link", Dest=Array([here])))
        here.Annots = Array(links)

    assert rules(tmp_path, change) == []


def test_bookmarks_that_lead_nowhere_or_in_a_circle_are_findings(tmp_path: Path) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        first = pdf.make_indirect(Dictionary(Title="Lost", Dest="nowhere"))
        first.Next = first
        pdf.Root.Outlines = pdf.make_indirect(Dictionary(First=first, Last=first))

    path = book(tmp_path / "b.pdf", change)
    assert set(found(path)) == {"pdf.outline-broken", "pdf.outline-loop"}
    assert "Lost" in found(path)["pdf.outline-broken"].message


def test_a_long_book_without_bookmarks_is_a_finding_and_a_short_one_is_not(tmp_path: Path) -> None:
    assert rules(tmp_path, lambda _: None, pages=39) == []
    assert rules(tmp_path, lambda _: None, pages=40) == ["pdf.no-outline"]


def test_name_trees_and_structure_trees_in_circles_end(tmp_path: Path) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        names = pdf.make_indirect(Dictionary())
        names.Kids = Array([names, names])
        pdf.Root.Names = Dictionary(EmbeddedFiles=names, Dests=names)
        part = pdf.make_indirect(Dictionary(S=Name.Figure))
        part.K = Array([part, part, part])
        pdf.Root.StructTreeRoot.K = part

    assert rules(tmp_path, change) == ["accessibility.pdf-alt"]


def test_what_keeps_a_pdf_from_blind_readers_is_told_as_accessibility(tmp_path: Path) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        for key in ("/Lang", "/MarkInfo", "/ViewerPreferences"):
            del pdf.Root[key]
        del pdf.docinfo["/Title"]

    expected = ["language", "title", "untagged"]
    assert rules(tmp_path, change) == [f"accessibility.pdf-{one}" for one in expected]


def test_figures_without_words_and_headings_that_skip_are_told(tmp_path: Path) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        kinds = ("Titel", "H3", "Figure")
        parts = [Dictionary(Type=Name.StructElem, S=Name(f"/{kind}")) for kind in kinds]
        parts.append(Dictionary(S=Name.Figure, Alt="A ship"))
        pdf.Root.StructTreeRoot.K = Array(parts)
        pdf.Root.StructTreeRoot.RoleMap = Dictionary(Titel=Name.H1)

    path = book(tmp_path / "b.pdf", change)
    assert set(found(path)) == {"accessibility.pdf-alt", "accessibility.pdf-headings"}
    assert "1 of 2 figures" in found(path)["accessibility.pdf-alt"].message


def test_a_claim_is_said_as_one_with_what_contradicts_it(tmp_path: Path) -> None:
    archival = 'pdfaid:part="2" pdfaid:conformance="A"'
    script = rooted(OpenAction=Dictionary(S=Name.JavaScript, JS="x"))
    path = book(tmp_path / "b.pdf", claiming(archival, script))
    told = [one for one in inspection.inspect_structure(path)[0] if "claim" in one.rule]
    assert [one.rule for one in told[:1]] == ["pdf.claim-pdfa"]
    assert "PDF/A-2a; we have not verified that" in told[0].message
    reasons = " ".join(one.message for one in told[1:])
    assert "carries scripts" in reasons
    assert "no output intent" in reasons
    assert all(one.severity is Severity.WARNING for one in told[1:])


def test_a_claim_of_accessibility_without_tags_is_contradicted(tmp_path: Path) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        del pdf.Root.MarkInfo

    path = book(tmp_path / "b.pdf", claiming('pdfuaid:part="1"', change))
    assert "is not tagged" in found(path)["pdf.claim-pdfua-contradicted"].message
    stated = conformance(inspection.inspect_structure(path)[1])
    assert stated.status is ConformanceStatus.FAULTS_FOUND
    assert stated.claimed == ("PDF/UA-1",)
    assert stated.unmet == ("7.1 tagged content",)


def test_a_sound_book_is_stated_as_claimed_or_not(tmp_path: Path) -> None:
    _, facts = pdfs.inspect(book(tmp_path / "b.pdf"))
    stated = conformance(facts)
    assert stated.status is ConformanceStatus.NOT_CLAIMED
    assert "It is tagged" in stated.statement
    assert "can be read aloud" in stated.statement


def test_an_empty_password_restricts_and_a_real_one_locks(tmp_path: Path) -> None:
    path = book(tmp_path / "b.pdf")
    with pikepdf.open(path) as pdf:
        may = pikepdf.Permissions(extract=False, print_highres=False)
        pdf.save(tmp_path / "r.pdf", encryption=pikepdf.Encryption(owner="o", user="", allow=may))
        pdf.save(tmp_path / "l.pdf", encryption=pikepdf.Encryption(owner="o", user="u", R=6))
    restricted = found(tmp_path / "r.pdf")["pdf.restricted"]
    assert "forbids copying text, printing well" in restricted.message
    assert list(found(tmp_path / "l.pdf")) == ["pdf.encrypted"]
    _, facts = inspection.inspect_structure(tmp_path / "l.pdf")
    assert facts.encryption is not None
    assert (facts.encryption.revision, facts.encryption.bits) == (6, 256)


@pytest.mark.parametrize(
    ("handler", "rule"),
    [
        ("EBX_HANDLER", "protection.adobe-adept"),
        ("Adobe.PubSec", "protection.certificate"),
        ("FOPN_fLock", "protection.fileopen"),
    ],
)
def test_a_lock_of_a_shop_is_named(tmp_path: Path, handler: str, rule: str) -> None:
    path = book(tmp_path / "b.pdf")
    lock = f"/Encrypt << /Filter /{handler} /V 4 /Length 128 >> /Root".encode()
    path.write_bytes(path.read_bytes().replace(b"/Root", lock, 1))
    assert list(found(path)) == [rule]
    assert found(path)[rule].severity is Severity.FATAL


def test_a_lock_is_found_wherever_in_the_file_it_is_named(tmp_path: Path) -> None:
    text = b" " * ((1 << 20) - 30) + b"trailer << /Encrypt << /Filter /EBX_HANDLER >> >>"
    (tmp_path / "b.pdf").write_bytes(text)
    assert encryption.drm_finding(tmp_path / "b.pdf") is not None


def test_a_file_without_pages_is_an_error(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.save(tmp_path / "none.pdf")
    assert list(found(tmp_path / "none.pdf")) == ["pdf.no-pages"]


def test_damage_is_repaired_and_told_without_our_paths(tmp_path: Path) -> None:
    path = book(tmp_path / "b.pdf")
    path.write_bytes(path.read_bytes().replace(b"startxref\n", b"startxref\n9"))
    findings, facts = pdfs.inspect(path)
    first = findings[0]
    assert (first.rule, first.severity) == ("pdf.repaired", Severity.WARNING)
    assert facts.damage.faults >= 1
    assert not any(str(tmp_path) in one.message for one in findings)


def test_a_stream_that_can_not_be_decoded_is_content_lost(tmp_path: Path) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj.Contents = pdf.make_stream(b"no flate", Filter=Name.LZWDecode)

    path = book(tmp_path / "b.pdf", change)
    assert "pdf.content-lost" in [one.rule for one in inspection.inspect_syntax(path)[0]]


def test_what_no_repair_opens_is_fatal_and_another_reader_is_asked(tmp_path: Path) -> None:
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7\nnothing else")
    finding = found(tmp_path / "b.pdf")["pdf.damaged"]
    assert finding.severity is Severity.FATAL
    assert str(tmp_path) not in finding.message
    path = book(tmp_path / "c.pdf", pages=2)
    path.write_bytes(path.read_bytes().replace(b"/Type /Pages", b"/Type /Pages /Kids 5", 1))
    assert "still sees" in found(path)["pdf.damaged"].message or "pdf.no-pages" in found(path)


def test_a_bomb_of_streams_is_an_error_and_takes_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ebook_pipeline.books.formats.pdf.damage.MOST_DECODED", 1 << 20)

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Bomb = pdf.make_stream(b"\0" * (2 << 20))

    findings, facts = inspection.inspect_syntax(book(tmp_path / "b.pdf", change))
    assert [(one.rule, one.severity) for one in findings] == [("pdf.unpacked-size", Severity.ERROR)]
    assert facts.decoded_bytes < 3 << 20


@pytest.mark.parametrize(
    ("reason", "rule"),
    [
        ("sandbox.time", "pdf.unchecked"),
        ("sandbox.crash", "pdf.unsafe"),
        ("sandbox.memory", "pdf.unsafe"),
    ],
)
def test_a_step_that_gives_up_is_a_finding_and_the_rest_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str, rule: str
) -> None:
    steps: list[str] = []

    def call(step: Callable[[Path], object], path: Path, **_: object) -> object:
        steps.append(step.__name__)
        if step.__name__ == "_pages":
            raise BookError(reason, "The child died.")
        return step(path)

    monkeypatch.setattr("ebook_pipeline.tools.sandbox.call", call)
    findings, facts = pdfs.inspect(book(tmp_path / "b.pdf"))
    assert steps == ["_structure", "_syntax", "_pages", "_patterns"]
    assert [one.rule for one in findings] == [rule]
    assert facts.pages == 1


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([], ""),
        ([3], "page 3"),
        ([3, 1, 2, 7], "pages 1-3, 7"),
        (range(1, 40, 2), "pages 1, 3, 5, 7, 9, 11, 13, 15 and 12 more places"),
    ],
)
def test_pages_are_said_as_ranges(numbers: list[int], said: str) -> None:
    assert pdf_findings.page_ranges(numbers) == said
