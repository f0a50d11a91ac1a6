"""Markdown: what its block states stands in the book, and so does all that it holds."""

import base64
import io
import re
from pathlib import Path

import pytest
from PIL import Image

from ebook_pipeline.books.converting.text_comparison import compare_texts
from ebook_pipeline.books.formats import manuscripts, media_types
from ebook_pipeline.books.records import BookFormat
from tests.books.converting.from_manuscript.conftest import MakeBook
from tests.support.corpus import case, needs_cases


@needs_cases
def test_authors_subtitle_date_publisher_rights_and_isbn_are_kept(book_of: MakeBook) -> None:
    book = book_of(case("90-md-yaml.md"))
    package = book.package
    assert book.authors == ["Petra Vos", "Idris Kalu"]
    assert (package.title, package.subtitle) == ("The Fog Harbour: A Tale", "Of the Coast")
    assert (package.publishers, package.rights) == (("Tidewater",), ("© 2021 Petra Vos",))
    assert [date.value for date in package.dates] == ["2021-05-07"]
    assert "9780306406157" in [identifier.isbn13 for identifier in package.identifiers]
    assert [series.name for series in package.series] == ["Fog Harbour"]


@needs_cases
def test_a_block_of_toml_is_read(book_of: MakeBook) -> None:
    assert media_types.sniff(case("90c-md-toml.md")) is BookFormat.MARKDOWN
    book = book_of(case("90c-md-toml.md"))
    assert (book.package.title, book.authors) == ("The Fog Harbour", ["Petra Vos"])
    assert book.headings == ["The Lamp"]
    assert "+++" not in book.text


@needs_cases
def test_a_block_that_is_wrong_still_says_what_its_lines_say(book_of: MakeBook) -> None:
    book = book_of(case("90b-md-yaml-colon.md"))
    assert book.package.title == "The Big L: Logistics in Fog"
    assert book.authors == ["Petra Vos", "Idris Kalu"]


@needs_cases
def test_pictures_within_the_text_raise_no_alarm_and_html_stays_whole(book_of: MakeBook) -> None:
    source = case("91-md-constructs.md")
    assert manuscripts.inspect(source, BookFormat.MARKDOWN).findings == ()
    book = book_of(source)
    assert book.rules == []
    assert "<strong>inside</strong> html" in " ".join(book.bodies[2].split())
    assert book.text.count("Petra Vos") == 1
    assert 'src="images/picture-0001.png"' in book.bodies[2]


def test_rules_around_a_line_are_no_block_and_lose_nothing(book_of: MakeBook) -> None:
    text = '# One\n\nText.\n\n---\nHe said: "no: never".\n---\n\n# Two\n\nEnd.\n'
    assert "He said: “no: never”." in book_of(text, BookFormat.MARKDOWN).text


def test_an_abstract_is_the_beginning_of_the_text(book_of: MakeBook) -> None:
    text = "---\ntitle: T\nabstract: |\n  First *one*.\n\n  Second.\n---\n\n# One\n\nText.\n"
    book = book_of(text, BookFormat.MARKDOWN)
    assert book.chapters.startswith("First one . Second. One Text.")


def test_a_note_that_nobody_marks_and_one_marked_twice_are_kept(book_of: MakeBook) -> None:
    page = (
        '<h1>One</h1><p>A<a href="#n1" role="doc-noteref">1</a> '
        'b<a href="#n1" role="doc-noteref">1</a></p><h1>Two</h1><p>C.</p>'
        '<section role="doc-endnotes"><ol><li id="n1">First <em>note</em>.</li>'
        '<li id="n2"><p>Nobody’s note.</p></li></ol></section>'
    )
    book = book_of(f"<html><head><title>T</title></head><body>{page}</body></html>")
    assert book.text.count("First note") == 1
    assert "Nobody’s note." in book.bodies[2]


def test_links_find_headings_in_any_programs_spelling(book_of: MakeBook) -> None:
    text = (
        "# Größe & Übermut\n\n[a](#größe--übermut) [b](#Größe-Übermut) [c](#12-ça-va)\n\n"
        "# 1.2 Ça va?\n\n[d](#gr%C3%B6%C3%9Fe--%C3%BCbermut) [e](#elsewhere)\n"
    )
    book = book_of(text, BookFormat.MARKDOWN)
    assert 'href="#größe-übermut">a<' in book.bodies[1]
    assert 'href="#größe-übermut">b<' in book.bodies[1]
    assert 'href="chapter-0002.xhtml#ça-va">c<' in book.bodies[1]
    assert 'href="chapter-0001.xhtml#größe-übermut">d<' in book.bodies[2]
    (dead,) = (finding for finding in book.findings if finding.rule == "convert.dead-link")
    assert "#elsewhere" in dead.message
    assert dead.message.startswith("1 ")


def test_the_heading_above_all_others_is_the_title(book_of: MakeBook) -> None:
    front = "# The Salt Road\n\n*by Petra Vos*\n\n*For Mara*\n\n"
    text = f"{front}## Dawn\n\nIt began.\n\n## Dusk\n\nIt ended.\n"
    book = book_of(text, BookFormat.MARKDOWN)
    assert (book.package.title, book.authors) == ("The Salt Road", ["Petra Vos"])
    assert book.headings == ["Dawn", "Dusk"]
    assert "For Mara" in book.chapters
    assert "convert.title-guessed" in book.rules


def test_the_only_part_of_a_book_is_not_its_title(book_of: MakeBook) -> None:
    text = "# Part One\n\n## Chapter 1\n\nIt began.\n\n## Chapter 2\n\nIt ended.\n"
    assert book_of(text, BookFormat.MARKDOWN).headings == ["Part One", "Chapter 1", "Chapter 2"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('``` python title="x.py" {1,3}\na\n\nb\n```', '<pre class="python"><code>a\n\nb</code>'),
        ("- [ ] to do\n- [x] done", "<li><span><span>☐</span> to do</span></li>"),
        ("- [ ] to do\n- [X] done", "<li><span><span>☒</span> done</span></li>"),
        ("Press <Enter> in `List<String>`.", "Press &lt;Enter&gt; in <code>List&lt;String&gt;"),
        ("Of <my-own>words</my-own> and <mark>b</mark>.", "Of <span>words</span> and <mark>b"),
        ("The '90s, 'tis rock 'n' roll: 'so'.", "The ’90s, ’tis rock ’n’ roll: ‘so’."),
        ("A[^zzz] b.\n\n[^none]: Nobody’s.", "<p>A[^zzz] b.</p><p>[^none]: Nobody’s.</p>"),
        ("A[^1] b[^2] c[^1].\n\n[^1]: First.\n[^2]: Other.", '<a href="#fn1" id="fn1-mark-2"'),
        ("Term\n: One\n\n: Two", "<dd>\nOne</dd><dd>\nTwo</dd>"),
        ("<me@example.org>, 'n' A. B.", "me@example.org</a>"),
    ],
)
def test_what_other_programs_write_is_read_as_they_mean_it(
    book_of: MakeBook, text: str, kept: str
) -> None:
    book = book_of(f"# One\n\n{text}\n", BookFormat.MARKDOWN)
    assert kept in re.sub(r"[ \n]*\n[ \n]*(?=<)", "", book.bodies[1])
    source = _written(book.path, f"# One\n\n{text}\n")
    assert list(compare_texts(source, BookFormat.MARKDOWN, book.path)) == []


@pytest.mark.parametrize(
    "head",
    [
        "% The Fog\n  Harbour\n% Ann Onym; Bo Ek\n% 2019\n\n",
        "<!-- third draft -->\n% The Fog Harbour\n% Ann Onym; Bo Ek\n\n",
        "<!-- draft -->\n\n---\ntitle: The Fog Harbour\nauthor: [Ann Onym, Bo Ek]\n---\n\n",
        "Title: The Fog Harbour\nAuthor: Ann Onym and Bo Ek\nDate: 2019\n\n",
    ],
)
def test_a_title_block_of_any_dialect_is_no_text(book_of: MakeBook, head: str) -> None:
    book = book_of(f"{head}# One\n\nHi.\n", BookFormat.MARKDOWN)
    assert media_types.sniff(_written(book.path, f"{head}# One\n\nHi.\n")) is BookFormat.MARKDOWN
    assert (book.package.title, book.authors) == ("The Fog Harbour", ["Ann Onym", "Bo Ek"])
    assert book.chapters == "One Hi."


def _written(beside: Path, text: str) -> Path:
    path = beside.with_name("again.md")
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("mark", ["{.cover}", ""])
def test_a_picture_marked_as_cover_is_the_cover_and_no_other_is(
    book_of: MakeBook, mark: str
) -> None:
    """However long the title page is, behind which pictures are not looked for."""
    written = io.BytesIO()
    Image.new("RGB", (30, 48), "navy").save(written, "PNG")
    data = base64.b64encode(written.getvalue()).decode()
    title = "The Long and Winding River of Many Names and All Its Tributaries, to the Sea"
    book = book_of(
        f"---\ntitle: {title}\nauthor: Anna Vos\n---\n\n"
        f"![](data:image/png;base64,{data}){mark}\n\n# Motto\n\n> Water.\n\n# One\n\nIt rained.\n",
        BookFormat.MARKDOWN,
    )
    assert (book.package.cover is not None) is bool(mark)
    assert ('epub:type="cover"' in book.bodies[0]) is bool(mark)
    assert (f'alt="{title}, Anna Vos"' in book.bodies[0]) is bool(mark)
    assert ("convert.no-description" in book.rules) is not bool(mark)
    assert any('epub:type="epigraph"' in body for body in book.bodies)
