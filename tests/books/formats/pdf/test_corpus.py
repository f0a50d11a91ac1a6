"""Every PDF of the corpus: each field that its manifest knows against what we measure."""

from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.books.formats import pdf
from ebook_pipeline.books.formats.pdf import metadata
from ebook_pipeline.books.formats.pdf.facts import Encryption, PdfFacts
from ebook_pipeline.foundation.findings import blocks
from tests.support.corpus import entries, named, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

KNOWN = [one for one in entries("pdf", "hostile") if one["format"] == "pdf"]
OPEN = [one for one in KNOWN if one["expect"]["readable"] and not one["expect"]["needs_password"]]


def plain(text: str) -> str:
    """One line of letters: the manifest keeps control characters that our facts leave out."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def of_encryption(found: Encryption | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "R": found.revision,
        "V": found.version,
        "bits": found.bits,
        "allow_extract": found.may("extract"),
        "allow_print_high": found.may("print_highres"),
    }


def measured(facts: PdfFacts) -> dict[str, Any]:
    """Our facts by the manifest's names; None where the manifest leaves the field out."""
    return {
        "pages": facts.pages,
        "pages_pdfinfo": facts.pages,
        "header": facts.version,
        "pdf_version": facts.version,
        "encrypted": facts.encrypted,
        "needs_password": facts.needs_password,
        "encryption": of_encryption(facts.encryption),
        "title": facts.info.title,
        "producer": facts.info.producer,
        "creator_tool": facts.info.creator_tool,
        "lang": facts.info.language or None,
        "form_fields": facts.form.fields if facts.form else None,
        "xfa": facts.form.xfa if facts.form else None,
        "attachments": len(facts.attachments),
        "outline": facts.outline.entries > 0,
        "open_action": facts.actions.opens,
        "javascript": facts.actions.scripts > 0,
        "tagged": facts.tags.marked,
        "pdfa_claim": facts.claims.pdfa or None,
        "pdfua_claim": facts.claims.pdfua or None,
        "text_layer": facts.sample.text_layer,
    }


@pytest.mark.parametrize("entry", KNOWN, ids=lambda entry: Path(entry["name"]).name)
def test_a_pdf_is_what_the_manifest_says(entry: dict[str, Any]) -> None:
    expect = entry["expect"]
    findings, facts = pdf.inspect(named(entry["name"]))
    if not expect["readable"]:
        assert blocks(findings)
        assert facts == PdfFacts(reader=facts.reader)
    elif expect["needs_password"]:
        assert [one.rule for one in findings] == ["pdf.encrypted"]
        assert facts.needs_password
        assert of_encryption(facts.encryption) == expect["encryption"]
    else:
        ours = measured(facts)
        told = {name: expect.get(name) for name in ours if name in expect or ours[name] is None}
        told |= {name: plain(told[name]) for name in ("title", "producer") if name in told}
        assert {name: ours[name] for name in told} == told
        assert blocks(findings) == (facts.actions.scripts > 0)
        assert_counted_as_others_count(facts, expect)


def assert_counted_as_others_count(facts: PdfFacts, expect: dict[str, Any]) -> None:
    """Words, notes and forms."""
    assert facts.sample.words == pytest.approx(expect["word_count"], rel=0.05, abs=4)
    stated = expect.get("stated_by_repository")
    if stated:
        assert dict(facts.annotations.kinds) == stated["annotations"]
        assert (facts.form is not None) == bool(stated["forms"])


@pytest.mark.parametrize("entry", OPEN, ids=lambda entry: Path(entry["name"]).name)
def test_a_pdf_says_of_itself_what_the_manifest_read(entry: dict[str, Any]) -> None:
    expect = entry["expect"]
    said = metadata.read_metadata(named(entry["name"]))
    if expect.get("author"):
        assert said.authors == (plain(expect["author"]),)
    if expect.get("subject"):
        assert said.description == plain(expect["subject"])


def test_every_field_of_the_manifest_is_compared() -> None:
    elsewhere = {"readable", "why", "qpdf_check_rc", "pdfinfo_rc", "source_text"}
    counted = {"word_count", "stated_by_repository", "author", "subject", "keywords"}
    fields = {field for entry in KNOWN for field in entry["expect"]}
    assert fields - set(measured(PdfFacts())) - elsewhere - counted == set()
