"""Markup that no standard allows becomes markup that EPUB allows, with every word of it."""

from pathlib import Path

import pytest
from lxml import etree

from ebook_pipeline.books.converting.from_kindle import epub_from_mobi
from ebook_pipeline.books.converting.from_kindle.markup import parse_html
from ebook_pipeline.books.converting.to_epub.clean_css import clean_declarations
from ebook_pipeline.books.converting.to_epub.conforming import XHTML, conform
from ebook_pipeline.books.converting.to_epub.element_ids import safe_id
from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.tools.epubcheck import EpubCheck
from tests.support.books.kindle import mobi6
from tests.support.existing import existing
from tests.support.markup import text_of


def conformed(html: str) -> str:
    body = parse_html(f"<html><body>{html}</body></html>")
    conform(body)
    text = etree.tostring(body, encoding="unicode")
    return (
        text.replace(f' xmlns="{XHTML[1:-1]}"', "").removeprefix("<body>").removesuffix("</body>")
    )


@pytest.mark.parametrize(
    ("html", "mended"),
    [
        ("<span>a<div>b</div></span>", "<div>a<div>b</div></div>"),
        ("<ul>a<b>c</b>d<li>e</li></ul>", "<ul><li>a</li><li><b>c</b>d</li><li>e</li></ul>"),
        ("<ul><p>a</p></ul>", '<div style="margin-left: 2em"><p>a</p></div>'),
        ("<li>a</li>", "<div>a</div>"),
        ("<dl><dd>a</dd></dl>", "<div><div>a</div></div>"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "<dl><dt>a</dt><dd>b</dd></dl>"),
        ("<h1></h1><p>a</p>", "<div/><p>a</p>"),
        ("<foo bar='1'>a</foo>", "<span>a</span>"),
        ("a<script>b</script>c", "ac"),
        ("<form>a<input>b</form>", "<span>ab</span>"),
        ("<p onclick='x' id='1 2' lang='!'>a</p>", '<p id="id-1_202">a</p>'),
        ("<p id='a'>b</p><p id='a'>c</p>", '<p id="a">b</p><p>c</p>'),
        ("<img src='a.png' width='50%' height='9'>", '<img src="a.png" height="9" alt=""/>'),
        ("<td>a</td>", "<div>a</div>"),
        ("<p role='doc-tip'>a<i role='doc-tiP'>b", '<p role="doc-tip">a<i>b</i></p>'),
        ("<table><tr></tr></table>", "<table><tbody><tr/></tbody></table>"),
        ("<table></table>", "<div/>"),
        (
            "<table><tr><td colspan='99999999' rowspan=' 2'>a</td></tr></table>",
            '<table><tbody><tr><td colspan="100" rowspan="2">a</td></tr></tbody></table>',
        ),
        (
            "<table><tr><td>a</td>b</tr></table>",
            "<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>",
        ),
    ],
)
def test_what_may_not_stand_there_becomes_what_may(html: str, mended: str) -> None:
    assert conformed(html) == mended


def test_a_heading_keeps_its_lines_and_one_with_a_table_is_none() -> None:
    body = etree.fromstring(
        f'<body xmlns="{XHTML[1:-1]}"><h1><p>a</p>b</h1><h2><ul><li/></ul>c</h2></body>'
    )
    conform(body)
    assert [child.tag for child in body] == [f"{XHTML}h1", f"{XHTML}div"]
    assert body[0][0].get("style") == "display: block"


def test_an_emphasis_of_paragraphs_is_a_block_that_looks_alike() -> None:
    body = etree.fromstring(f'<body xmlns="{XHTML[1:-1]}"><b>a<p>b</p></b></body>')
    conform(body)
    assert (body[0].tag, body[0].get("style")) == (f"{XHTML}div", "font-weight: bold")


def test_a_link_in_a_link_is_none() -> None:
    body = etree.fromstring(
        f'<body xmlns="{XHTML[1:-1]}"><p><a href="x">a<b><a href="y">c</a></b></a></p></body>'
    )
    conform(body)
    assert [one.get("href") for one in body.iter(f"{XHTML}a")] == ["x"]


def test_stray_parts_of_a_table_stand_before_it_in_order() -> None:
    made = etree.fromstring(
        f'<body xmlns="{XHTML[1:-1]}"><table>a<p>b</p><tfoot><tr><td>z</td></tr></tfoot>'
        "<caption>c</caption><td>d</td><tr>e</tr><col/><thead/><thead/></table></body>"
    )
    conform(made)
    table = existing(made.find(f"{XHTML}table"))
    assert [child.tag.removeprefix(XHTML) for child in table] == [
        "caption",
        "colgroup",
        "thead",
        "tbody",
        "tbody",
        "tfoot",
    ]
    assert text_of(made) == "abcdez"


def test_styles_keep_declarations_that_parse_and_reach_nowhere() -> None:
    assert clean_declarations(
        "color: red; ;: x; background: url(http://a); top:1px !important"
    ) == ("color: red; top: 1px !important")
    assert clean_declarations("direction: rtl") == ""


def test_an_id_that_xml_allows_is_kept_and_others_stay_apart() -> None:
    assert safe_id("chapter-1") == "chapter-1"
    assert safe_id("1") != safe_id("2")
    assert safe_id("a b") == safe_id("a b")


NASTY = """<p height="2em" width="-1em" align="center"><font size="+2" face="Arial">T</font>
<ul><a href="http://ok.example/x">One</a> text <li>x<li>y<ul><ul>z</ul></ul></ul>
<h1><p>Chapter</p><div>One</div></h1><b><p>bold<i><blockquote>quote</blockquote></i></p></b>
<table border=1><caption>cap<td>1<td nowrap align=right bgcolor=#eee>2<tr><p>stray</p><th rowspan=0>
</table><table><tr></tr></table><dl><dt>a<p>b</p><dd>c</dl><dd>d</dd><li>lone</li><br clear=all>
<center>c<hr width=50% noshade></center><video src="x">v</video><script>alert(1)</script>
<form><input value=1><select><option>o</select>kept</form><a href="http://ok.example/a b">bad</a>
<a href="javascript:alert(1)">js</a><p style="color:red;;:x; direction: rtl">st</p><o:p>office</o:p>
<a name="n1">t</a><a href="#n1">to</a><a href="#nowhere">dead</a><pre> a <div>b</div></pre>
<ruby>k<rt>r</rt></ruby><rt>x</rt><sup><table><tr><td>t</table></sup><tt>tt</tt><strike>s</strike>
<div><b>open <mbp:pagebreak/><h2>Two</h2> still bold</b></div><p>x\x01&#0;&#xD800;&nbsp;&bogus;</p>
<abbr lang="x y" dir=foo title=t>ab</abbr><svg><path d="M0 0"/></svg><math><mi>x</mi></math>"""


def test_a_page_of_every_fault_is_valid(tmp_path: Path, epubcheck: EpubCheck) -> None:
    made = tmp_path / "made.epub"
    epub_from_mobi(mobi6(tmp_path / "b.mobi", NASTY), made, Claims())
    assert [one for one in epubcheck.check(made) if one.severity >= Severity.ERROR] == []


@pytest.mark.parametrize("opened", ["<p><font size=2>", "<div>", "<i>", "<ul><li>", "<b><p>"])
def test_elements_that_are_never_closed_lose_no_text(opened: str) -> None:
    body = parse_html(f"<html><body>{(opened + 'word ') * 5000}</body></html>")
    conform(body)
    assert len(text_of(body).split()) == 5000


@pytest.mark.parametrize(
    ("markup", "mended"),
    [
        ("<ruby>a<rt>b</rt></ruby>", "<ruby>a<rt>b</rt></ruby>"),
        ("<p><ruby><rt>b</rt>a</ruby></p>", "<p><span><span>b</span>a</span></p>"),
        ("<details>t<summary>s</summary></details>", "<div>t<div>s</div></div>"),
        ("<header><footer>f</footer></header>", "<header><div>f</div></header>"),
        ("<address><header>h</header></address>", "<address><div>h</div></address>"),
    ],
)
def test_what_lacks_its_parts_becomes_neutral(markup: str, mended: str) -> None:
    assert conformed(markup) == mended
