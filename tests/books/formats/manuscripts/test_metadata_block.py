"""The block before a Markdown text: YAML, TOML, JSON; wrong ones by their line."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebook_pipeline.books.formats import manuscripts, media_types
from ebook_pipeline.books.formats.manuscripts.metadata_block import metadata_block
from ebook_pipeline.books.formats.manuscripts.stated_fields import (
    plain_fields,
    prose_fields,
    publication_date,
)
from ebook_pipeline.books.records import BookFormat
from tests.support.corpus import case, needs_cases


def stated(block: str) -> dict[str, Any]:
    found = metadata_block(f"---\n{block}\n---\n\nText.\n")
    assert found is not None
    return dict(found.stated)


@pytest.mark.parametrize(
    ("block", "authors"),
    [
        ("author: Ann Low", ["Ann Low"]),
        ("author: [Ann Low, Bo Ek]", ["Ann Low", "Bo Ek"]),
        ("author: Ann Low and Bo Ek", ["Ann Low", "Bo Ek"]),
        ("author:\n  name: Ann Low\n  affiliation: Oslo", ["Ann Low"]),
        ("author:\n- name: Ann Low\n- Bo Ek", ["Ann Low", "Bo Ek"]),
        ("author:\n- given: Ann\n  family: Low", ["Ann Low"]),
        ("creator:\n- role: author\n  text: Ann Low\n- role: editor\n  text: Bo Ek", ["Ann Low"]),
        ("authors: true", ["true"]),
    ],
)
def test_authors_are_named_in_many_ways(block: str, authors: list[str]) -> None:
    assert prose_fields(stated(block))["author"] == authors


@pytest.mark.parametrize(
    "block",
    [
        "title: Salt\nsubtitle: A Tale",
        "title: [Salt, A Tale]",
        "title: {main: Salt, subtitle: A Tale}",
        "title:\n- type: subtitle\n  text: A Tale\n- type: main\n  text: Salt",
        "title: {text: Salt}\nsubtitle: A Tale",
    ],
)
def test_title_and_subtitle_are_stated_in_many_ways(block: str) -> None:
    assert prose_fields(stated(block)) == {"title": "Salt", "subtitle": "A Tale"}


def test_fields_of_multimarkdown_need_no_marks_around_them() -> None:
    found = metadata_block("Title: The Salt Road\nAuthor: Ann Low\n\n# One\n")
    assert found is not None
    assert prose_fields(found.stated) == {"title": "The Salt Road", "author": ["Ann Low"]}
    assert metadata_block("Title: The Salt Road\nand nothing else of the kind\n\n# One\n") is None


def test_all_fields_are_kept() -> None:
    block = (
        "lang: en_GB\ndate: 2021-05-07\nidentifier:\n- scheme: ISBN-13\n  text: 978-0-306-40615-7\n"
        "keywords: sea, fog\ntranslator: Olga Petrova\nseries: Harbour\nseries_index: 2\ndir: rtl"
    )
    metadata = plain_fields(stated(block))
    assert metadata.language == "en-GB"
    assert (metadata.date, metadata.isbn) == ("2021-05-07", "9780306406157")
    assert metadata.subjects == ("sea", "fog")
    assert metadata.contributors == (("trl", "Olga Petrova"),)
    assert (metadata.series, metadata.direction) == (("Harbour", "2"), "rtl")


@pytest.mark.parametrize(
    ("said", "date"),
    [("2021-05-07", "2021-05-07"), ("1997", "1997"), ("2021-05", "2021-05"), ("May 2021", "2021"),
     ("2021-13-41", "2021"), ("2021-05-07T10:00:00Z", "2021-05-07"), ("soon", ""), ("", "")],
)  # fmt: skip
def test_a_date_of_publication_is_a_year_a_month_or_a_day(said: str, date: str) -> None:
    assert publication_date(said) == date


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\ntitle: Fog: A Tale\nauthor: Ann Low\n---\n\n# One\n", "line 2"),
        ("---\ntitle: Fog\nauthor: [Ann Low\n---\n\n# One\n", "line 3"),
        ("---\ntitle: Fog\n\tauthor: Ann\n---\n\n# One\n", "line 3"),
        ("+++\ntitle = Fog\nauthor: Ann Low\n+++\n\n# One\n", "line 2"),
    ],
)
def test_a_block_that_can_not_be_read_is_named_with_its_line(
    tmp_path: Path, text: str, line: str
) -> None:
    (tmp_path / "a.md").write_text(text)
    assert media_types.sniff(tmp_path / "a.md") is BookFormat.MARKDOWN
    found = manuscripts.inspect(tmp_path / "a.md", BookFormat.MARKDOWN).findings
    if text.startswith("---"):
        assert [(one.rule, one.place) for one in found] == [("manuscript.metadata-block", line)]
        assert found[0].remedy


@needs_cases
def test_an_unquoted_colon_is_named_with_a_remedy() -> None:
    found = manuscripts.inspect(case("90b-md-yaml-colon.md"), BookFormat.MARKDOWN).findings
    assert [(one.rule, one.place) for one in found] == [("manuscript.metadata-block", "line 2")]


def test_text_between_rules_is_no_block() -> None:
    assert metadata_block("---\n\nText: more.\n\n---\n") is None
    assert metadata_block("---\nJust a line.\n---\n") is None
    assert metadata_block("{one}\n") is None


def test_json_is_a_block_too() -> None:
    found = metadata_block('{\n  "title": "Fog",\n  "lang": "de"\n}\n\nText.\n')
    assert found is not None
    assert dict(found.stated) == {"title": "Fog", "lang": "de"}


def test_a_block_that_multiplies_itself_is_read_line_by_line() -> None:
    bomb = "a: &a [x]\n" + "".join(f"{n}: [{'*a, ' * 9}*a]\n" for n in "bcdefg") + "title: Fog"
    found = metadata_block(f"---\n{bomb}\n---\n\nText.\n")
    assert found is not None
    assert found.findings


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("abc:-[]{}&*!|>'\"%@`,?# \n\té"), max_size=120))
def test_no_block_whatever_is_an_error(block: str) -> None:
    for fence in ("---", "+++"):
        found = metadata_block(f"{fence}\n{block}\n{fence}\n\nText.\n")
        if found is not None:
            prose_fields(found.stated)
            plain_fields(found.stated)
            assert found.text.strip().endswith("Text.")
