"""Style sheets scoped to their documents."""

from hypothesis import given
from hypothesis import strategies as st

from ebook_pipeline.books.converting.to_pdf import scoped_css


def nothing(_: str) -> str | None:
    return None


def test_strings_and_comments_hide_braces() -> None:
    found = list(scoped_css.split_rules('a::before { content: "}" } /* { */ b { color: red }'))
    assert [rule.prelude for rule in found] == ["a::before", "b"]


def test_urls_lead_from_the_containers_root() -> None:
    sheet = scoped_css.read_sheet(
        "p { background: url('../img/a b.png') }", "css/main.css", nothing
    )
    assert 'url("/img/a%20b.png")' in sheet.text(".s")


def test_an_outside_url_is_emptied_and_noted() -> None:
    sheet = scoped_css.read_sheet("p { background: url(http://x.example/a.png) }", "a.css", nothing)
    assert "x.example" not in sheet.text(".s")
    assert sheet.remote == {"http://x.example/a.png"}


def test_an_import_is_read_in_place_under_its_media() -> None:
    texts = {"css/b.css": "i { color: blue }"}
    sheet = scoped_css.read_sheet('@import "b.css" print;', "css/a.css", texts.get)
    assert "@media print" in sheet.text(".s")
    assert "color: blue" in sheet.text(".s")


def test_sheets_that_import_each_other_end() -> None:
    texts = {"a.css": "@import 'b.css';", "b.css": "@import 'a.css'; p { color: red }"}
    assert "color: red" in scoped_css.read_sheet("@import 'b.css';", "a.css", texts.get).text(".s")


def test_fonts_and_namespaces_stand_outside_the_scope() -> None:
    text = '@namespace epub "x"; @font-face { font-family: A; src: url(a.otf) } p { color: red }'
    written = scoped_css.read_sheet(text, "a.css", nothing).text(".s")
    assert written.index("@namespace") < written.index("@font-face") < written.index("@scope")


def test_an_id_selects_the_renamed_element() -> None:
    assert '[data-id="top"]' in scoped_css.read_sheet(
        "#top { color: #fff }", "a.css", nothing
    ).text(".s")


def test_the_books_page_rules_give_way() -> None:
    assert "@page" not in scoped_css.read_sheet("@page { margin: 9cm }", "a.css", nothing).text(
        ".s"
    )


@given(st.text(alphabet="ab{}@;:\"'/*\\(url)#\n ", max_size=60))
def test_any_text_is_read_to_its_end(text: str) -> None:
    written = scoped_css.read_sheet(text, "a.css", nothing).text(".s")
    assert written.endswith("}")
