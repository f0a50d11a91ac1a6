"""The PDF that is sold: repaired, without password, without anything that acts or was attached."""

from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from ebook_pipeline.books.converting.to_pdf.clean_pdf import clean_pdf
from ebook_pipeline.books.formats.pdf import actions, annotations, cleaning, inspection
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.tools import sandbox
from tests.support.corpus import entries, named, needs_corpus


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def note(subtype: str, **more: Any) -> Dictionary:
    return Dictionary(
        Type=Name.Annot, Subtype=Name(f"/{subtype}"), Rect=Array([0, 0, 9, 9]), **more
    )


def book(path: Path, notes: list[Dictionary], **root: object) -> Path:
    """A page with these notes; `root` goes into the catalogue."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.pages[0].Annots = Array(notes)
        for key, value in root.items():
            pdf.Root[f"/{key}"] = value
        pdf.attachments["secret.txt"] = b"nobody's business"
        pdf.save(path)
    return path


@pytest.fixture
def cleaned(tmp_path: Path) -> tuple[tuple[Finding, ...], Path]:
    link = note("Link", A=Dictionary(S=Name.URI, URI="https://example.org/"))
    chained = Dictionary(S=Name.URI, URI="https://example.org/", Next=Array([script()]))
    notes = [
        link,
        note("Link", A=chained),
        note("Link", A=Dictionary(S=Name.URI, URI="javascript:alert(1)")),
        note("Link", A=Dictionary(S=Name.Launch, F="cmd.exe")),
        note("Link", AA=Dictionary(K=script())),
        note("FileAttachment", FS=Dictionary(F="a.exe")),
        note("RichMedia", RichMediaContent=Dictionary(Assets=Dictionary())),
    ]
    source = book(
        tmp_path / "a.pdf",
        notes,
        OpenAction=script(),
        AcroForm=Dictionary(Fields=Array(), XFA="<xdp/>"),
    )
    pages, findings = clean_pdf(source, tmp_path / "b.pdf")
    assert pages == 1
    return findings, tmp_path / "b.pdf"


def test_what_acts_on_its_own_is_taken_out_and_said(
    cleaned: tuple[tuple[Finding, ...], Path],
) -> None:
    findings, target = cleaned
    assert [one.rule for one in findings] == ["convert.active-content", "convert.left-out"]
    assert "programs to start" in findings[0].message
    assert "attached files" in findings[1].message
    assert b"app.alert" not in target.read_bytes()
    with pikepdf.open(target) as pdf:
        assert "/OpenAction" not in pdf.Root
        assert "/XFA" not in pdf.Root.AcroForm
        assert actions.count_by_rule(pdf) == {"pdf.rich-media": 1}  # its picture stays on the page
        assert "/RichMediaContent" not in pdf.pages[0].Annots[-1]


def test_links_to_the_web_stay(cleaned: tuple[tuple[Finding, ...], Path]) -> None:
    with pikepdf.open(cleaned[1]) as pdf:
        kept = [one.A.URI for one in pdf.pages[0].Annots if "/A" in one]
        assert [str(one) for one in kept] == ["https://example.org/"] * 2
        assert all("/FS" not in one for one in pdf.pages[0].Annots)


def test_a_book_with_nothing_to_take_out_has_no_finding(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.Fit])
        pdf.save(tmp_path / "a.pdf")
    assert clean_pdf(tmp_path / "a.pdf", tmp_path / "b.pdf") == (1, ())
    with pikepdf.open(tmp_path / "b.pdf") as pdf:
        assert "/OpenAction" in pdf.Root


def test_a_resource_that_is_named_like_an_action_stays(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        fonts = Dictionary(AA=Dictionary(Type=Name.Font), A=Dictionary(Type=Name.Font))
        page.obj.Resources = Dictionary(Font=fonts)
        pdf.save(tmp_path / "a.pdf")
    clean_pdf(tmp_path / "a.pdf", tmp_path / "b.pdf")
    with pikepdf.open(tmp_path / "b.pdf") as pdf:
        assert set(pdf.pages[0].Resources.Font.keys()) == {"/A", "/AA"}


def test_a_signature_that_can_not_hold_is_left_out(tmp_path: Path) -> None:
    signed = Dictionary(FT=Name.Sig, T="s", V=Dictionary(Type=Name.Sig, Filter=Name("/X")))
    form = Dictionary(Fields=Array([signed]), SigFlags=3)
    source = book(tmp_path / "a.pdf", [], AcroForm=form)
    _, findings = clean_pdf(source, tmp_path / "b.pdf")
    assert "signatures" in findings[0].message
    with pikepdf.open(tmp_path / "b.pdf") as pdf:
        assert "/V" not in pdf.Root.AcroForm.Fields[0]


@needs_corpus
@pytest.mark.corpus
def test_every_pdf_that_opens_is_sold_without_damage_password_scripts_and_attachments(
    tmp_path: Path,
) -> None:
    for entry in entries("pdf", "hostile"):
        source = named(entry["name"])
        if entry["format"] != "pdf" or not entry["expect"].get("pages"):
            continue
        if entry["expect"]["needs_password"] or entry["expect"]["pages"] > 1000:
            continue
        target = tmp_path / "b.pdf"
        clean_pdf(source, target)
        with pikepdf.open(target) as pdf:
            assert (len(pdf.pages), pdf.is_encrypted) == (entry["expect"]["pages"], False)
            assert actions.count_by_rule(pdf) == {}
            assert annotations.attachment_names(pdf) == []
            assert cleaning.clean(pdf) == {}
        _, damage = inspection.inspect_syntax(target)
        assert damage.faults == damage.lost


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("pdf/enc-r3-user-password.pdf", "pdf.encrypted"),
        ("hostile/page-tree-loop.pdf", "pdf.unreadable"),
        ("hostile/zero-byte.pdf", "pdf.unreadable"),
    ],
)
def test_a_pdf_that_cannot_be_read_says_why(tmp_path: Path, name: str, rule: str) -> None:
    with pytest.raises(BookError) as caught:
        sandbox.call(clean_pdf, named(name), tmp_path / "b.pdf")
    assert caught.value.finding.rule == rule
    assert "/" not in caught.value.finding.message.replace("/Pages", "")


@pytest.mark.parametrize("base", ["file:///etc/", "FILE:x", "\\\\evil\\share", "//evil/share"])
def test_links_have_no_base_outside_of_the_web(tmp_path: Path, base: str) -> None:
    link = note("Link", A=Dictionary(S=Name.URI, URI="passwd"))
    source = book(tmp_path / "a.pdf", [link], URI=Dictionary(Base=base))
    _, findings = clean_pdf(source, tmp_path / "b.pdf")
    with pikepdf.open(tmp_path / "b.pdf") as pdf:
        assert "/URI" not in pdf.Root
    assert "links of unknown kinds" in findings[0].message


@pytest.mark.parametrize("address", ["\\\\evil\\share\\a", "//evil/share/a"])
def test_a_link_to_another_machines_files_is_taken_out(tmp_path: Path, address: str) -> None:
    link = note("Link", A=Dictionary(S=Name.URI, URI=address))
    clean_pdf(book(tmp_path / "a.pdf", [link]), tmp_path / "b.pdf")
    with pikepdf.open(tmp_path / "b.pdf") as pdf:
        assert "/A" not in pdf.pages[0].Annots[0]


def test_a_base_on_the_web_stays(tmp_path: Path) -> None:
    source = book(tmp_path / "a.pdf", [], URI=Dictionary(Base="https://example.org/"))
    clean_pdf(source, tmp_path / "b.pdf")
    with pikepdf.open(tmp_path / "b.pdf") as pdf:
        assert str(pdf.Root.URI.Base) == "https://example.org/"
