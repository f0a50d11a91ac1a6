"""PDF manuscripts against what is known of them."""

from pathlib import Path

import pikepdf
import pytest

from ebook_pipeline.books import pdf
from ebook_pipeline.books.findings import Severity


def rules(path: Path) -> list[str]:
    return [finding.rule for finding in pdf.inspect(path)[0]]


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(tmp_path / "blank.pdf")
    return tmp_path / "blank.pdf"


def test_pages_without_text_are_a_warning(blank: Path) -> None:
    findings, facts = pdf.inspect(blank)
    assert ("pdf.no-text", Severity.WARNING) in [(one.rule, one.severity) for one in findings]
    assert (facts.pages, facts.looks.text_layer) == (1, False)


def test_a_script_deep_in_an_annotation_is_found(blank: Path, tmp_path: Path) -> None:
    with pikepdf.open(blank) as document:
        script = {"/S": "/JavaScript", "/JS": "app.alert(1)"}
        action = pikepdf.Dictionary({"/A": pikepdf.Dictionary(S=pikepdf.Name("/JavaScript"))})
        assert script["/S"] == str(action["/A"]["/S"])
        document.pages[0]["/Annots"] = pikepdf.Array([action])
        document.save(tmp_path / "script.pdf")
    assert "pdf.javascript" in rules(tmp_path / "script.pdf")


def test_a_program_to_start_is_found(blank: Path, tmp_path: Path) -> None:
    with pikepdf.open(blank) as document:
        document.Root["/OpenAction"] = pikepdf.Dictionary(S=pikepdf.Name("/Launch"), F="cmd.exe")
        document.save(tmp_path / "launch.pdf")
    assert "pdf.launch" in rules(tmp_path / "launch.pdf")


def test_a_file_without_pages_is_an_error(tmp_path: Path) -> None:
    with pikepdf.new() as document:
        document.save(tmp_path / "none.pdf")
    assert rules(tmp_path / "none.pdf") == ["pdf.no-pages"]


def test_no_finding_tells_where_our_files_lie(tmp_path: Path) -> None:
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7\nnothing else")
    (finding,) = pdf.inspect(tmp_path / "b.pdf")[0]
    assert finding.rule == "pdf.damaged"
    assert str(tmp_path) not in finding.message
