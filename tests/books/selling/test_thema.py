"""Headings of Thema: in two languages, by the nearest code above where a code has none."""

import pytest

from ebook_pipeline.books.describing.enrich.finer import finer_subjects
from ebook_pipeline.books.describing.enrich.labels import labels
from ebook_pipeline.books.selling.facets import facet_label
from ebook_pipeline.books.selling.thema import thema_heading
from tests.support.books.script_samples import languages


@pytest.mark.parametrize(
    ("code", "heading"),
    [
        ("YFP", "Children’s / teenage fiction: nature & animal stories"),
        ("FBA", "Modern & contemporary fiction"),
        ("PHVN", "Physics"),
        ("Q", "Philosophy & religion"),
    ],
)
def test_a_code_is_called_by_its_heading_or_the_nearest_above(code: str, heading: str) -> None:
    assert thema_heading(code) == heading
    assert facet_label(f"genre={code}") == heading


def test_headings_are_german_too_and_english_for_whoever_else_asks() -> None:
    assert thema_heading("FV", "de") == "Historische Romane"
    assert thema_heading("FV", "fr") == thema_heading("FV")


@pytest.mark.parametrize("code", ["", "1DDU", "fba", "F" * 30, "I", "F\n", "FIC000000"])
def test_what_is_no_subject_of_thema_stands_for_itself(code: str) -> None:
    assert thema_heading(code) in ("", "Fiction & related items")
    assert facet_label(f"genre={code}") in (code, "Fiction & related items")


def test_every_subject_that_a_text_is_told_by_has_a_heading_of_its_own() -> None:
    for code in [one.code for one in labels()] + [one.code for one in finer_subjects()]:
        assert thema_heading(code) != thema_heading(code[:-1]), code


def test_languages_of_the_samples_are_called_as_their_readers_call_them() -> None:
    assert facet_label("language=hi") == "हिन्दी"
    assert facet_label("language=en-GB") == "English (GB)"
    assert facet_label("language=xx-YY") == "xx-YY"
    named = {facet_label(f"language={language}") for language in languages()}
    assert not named & set(languages())
