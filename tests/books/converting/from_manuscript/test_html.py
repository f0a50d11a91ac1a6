"""HTML of every age: what it shows stands in the book, what it hides is left out and said."""

import pytest

from ebook_pipeline.books.converting.text_comparison import compare_texts
from ebook_pipeline.books.formats import manuscripts
from ebook_pipeline.books.formats.manuscripts.html import web_address
from ebook_pipeline.books.records import BookFormat
from ebook_pipeline.foundation.errors import BookError
from tests.books.converting.from_manuscript.conftest import MakeBook
from tests.support.corpus import case, needs_cases

DOT = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhg"
    "GAWjR9awAAAABJRU5ErkJggg=="
)
EVERY_ELEMENT = f"""<!DOCTYPE html><html lang="en"><head><title>Every Element</title></head><body>
<header><nav><h2>Navi</h2><ul><li><a href="#s1">Sec</a></ul></nav></header>
<main><article><hgroup><h1>Head <small>one</small></h1><p>Under head</p></hgroup>
<section id=s1><h2>Sec</h2><p>Para <em>em</em> <strong>st</strong> <small>sm</small> <s>s9</s>
<cite>ci</cite> <q>qu</q> <dfn>df</dfn> <abbr title="x">ab</abbr> <ruby>漢<rp>(</rp><rt>kan</rt>
<rp>)</rp></ruby> <data value=1>da</data> <time datetime="2020-01-01">ti</time> <code>co</code>
<var>va</var> <samp>sa</samp> <kbd>kb</kbd> x<sub>1</sub> y<sup>2</sup> <i>it</i> <b>bo</b>
<u>un</u> <mark>ma</mark> <bdi>bi</bdi> <bdo dir=rtl>bd</bdo> <span lang=de>sp</span> br<br>br2
wbr<wbr>x <ins>in</ins> <del>de</del> <a href="mailto:a b@c">mail</a> <a name=old>nm</a>
<output>outp</output> <meter value=1>met</meter> <progress>prog</progress> <label>lab</label></p>
<blockquote cite="x">Bq text<p>Bq para</blockquote><pre>pre  text</pre>
<ol start=3 reversed type=i><li value=7>li1<li>li2</ol><ul>stray<li>li3</ul><menu><li>men</menu>
<dl><dt>dt1<dd>dd1<div>dd2</div></dl>
<figure><img src="{DOT}" alt="dot"><figcaption>Cap <b>b</b></figcaption></figure>
<table border=1><caption>Tcap</caption><colgroup><col span=2></colgroup><thead><tr><th scope=col>H1
<th>H2</thead><tbody><tr><td rowspan=2 headers=zz>c1<td>c2<tr><td>c3</tbody><tfoot><tr><td>f1
<td>f2</tfoot></table><details open><summary>Summ</summary>Det text<p>Det para</details>
<dialog open>Dia</dialog><form action=x><fieldset><legend>Leg</legend></fieldset></form>
<object data=x><p>Obj</p></object><video src=x>Vid</video><picture><source srcset=a>
<img src="{DOT}" alt="second"></picture><map name=m><area href="#s1" alt=ar>Map</map>
<noscript>Noscr</noscript><math display="block"><mfrac><mi>a</mi><mn>2</mn></mfrac></math>
<address>Addr <a href="https://x.y">w</a></address><hr>
<center>Cent <font color=red>fo</font></center>
<p><big>big</big> <tt>tt</tt> <strike>str</strike> <acronym>acr</acronym> <nobr>nob</nobr>
<blink>bli</blink> <marquee>mar</marquee> <custom-el>cust</custom-el><o:p>op</o:p></p>
<dir><li>dirli</dir><listing>list</listing><xmp><b>raw</b></xmp><basefont size=2><spacer>
<layer>lay<p>lay2</p></layer><font><h2>Font head</h2><p>Font para</p></font>
<a href="#s1"><h3>Link head</h3></a><b><p>bold para</p></b><custom><h2>Cust head</h2></custom>
<p aria-labelledby="s1 nope" aria-expanded="true" aria-label="l" role="note" itemprop=x data-y=1
onclick="x()" tabindex=0>attr</p><table><tr><td><h2>Layout head</h2><p>Layout para</p></table>
</section><aside>Aside <p>apara</aside><footer>Foot</footer></article></main> &copy;&#x263A; end
</body></html>"""
WORDS = """
Navi Sec Head one Under head Sec Para em st sm s9 ci qu df ab 漢 kan da ti co va sa kb it bo un ma
bi bd sp br br2 in de mail nm outp met prog lab Bq text Bq para pre li1 li2 stray li3 men dt1 dd1
dd2 Cap Tcap H1 H2 c1 c2 c3 f1 f2 Summ Det text Det para Dia Leg Obj Vid Map Noscr Addr w Cent fo
big tt str acr nob bli mar cust op dirli list <b>raw</b> lay lay2 Font head Font para Link head
bold para Cust head attr Layout head Layout para Aside apara Foot ©☺ end
"""
HEADINGS = ["Navi", "Head one", "Sec", "Font head", "Link head", "Cust head", "Layout head"]


def test_every_element_of_html_keeps_its_words_in_their_order(book_of: MakeBook) -> None:
    book = book_of(EVERY_ELEMENT, BookFormat.HTML)
    words = iter(book.chapters.split())
    missing = [word for word in WORDS.split() if word not in words]
    assert missing == []
    assert book.headings == HEADINGS
    assert "".join(book.bodies).count("<img ") == 2


@needs_cases
def test_directions_ruby_and_pages_without_scripts_are_kept(book_of: MakeBook) -> None:
    source = case("84-html-odd.html")
    said = {one.rule for one in manuscripts.inspect(source, BookFormat.HTML).findings}
    assert "manuscript.hidden-text" in said
    book = book_of(source)
    assert 'page-progression-direction="rtl"' in book.package_source
    assert 'dir="rtl"' in book.bodies[1]
    assert '<p dir="ltr">Latin <ruby>港<rp>(</rp><rt>みなと</rt>' in book.bodies[1]
    assert "INVISIBLE" not in book.text
    assert "HIDDEN DETAIL" in book.text
    assert "NOSCRIPT TEXT" in book.text


@needs_cases
def test_an_old_page_loses_nothing(book_of: MakeBook) -> None:
    book = book_of(case("87-html-frames-old.html"))
    assert [text for _, text in book.title_page] == ["OLD PAGE", "Petra Vos"]
    for words in ("First para", "After two breaks", "Another para by breaks", "<b>raw</b>", "def"):
        assert words in book.text
    assert book.headings == ["Section", "Sub"]


def test_a_page_of_frames_shows_what_it_says_without_them(book_of: MakeBook) -> None:
    page = (
        "<html><head><title>T</title></head><frameset cols='*,*'><frame src=a.html><noframes><body>"
        "<h1>One</h1><p>Without frames.</p></body></noframes></frameset></html>"
    )
    book = book_of(page, BookFormat.HTML)
    assert (book.headings, book.chapters) == (["One"], "One Without frames.")


def test_addresses_are_written_as_addresses_are() -> None:
    assert web_address("https://müller.de/ä?q=é#ü") == "https://müller.de/ä?q=é#ü"
    assert web_address("http://x.y/a b|c[d]%zz") == "http://x.y/a%20b%7Cc%5Bd%5D%25zz"
    assert web_address("http://[::1]:80/") == "http://[::1]:80/"
    for nowhere in ("http://", "http:x", "http://exa mple.com", "mailto:", "http://h:99999/"):
        assert web_address(nowhere) == ""


def test_behind_plaintext_all_is_text_and_a_comment_holds_none(book_of: MakeBook) -> None:
    page = (
        "<body><!-- <plaintext> --><h1>One</h1><p>a <i>b</i></p><PLAINTEXT class=x>c <b>d</b> &amp;"
    )
    book = book_of(f"{page} </plaintext> e", BookFormat.HTML)
    assert " ".join(book.chapters.split()) == "One a b c <b>d</b> &amp; </plaintext> e"


def test_attributes_without_values_cost_no_words(book_of: MakeBook) -> None:
    page = "<h1 class>One</h1><ol reversed><li value>a</ol><td nowrap>b<p dir lang>c<img alt src>d"
    assert " ".join(book_of(page, BookFormat.HTML).chapters.split()) == "One a b c d"


GUTENBERG = """<html><head><title>The Project Gutenberg eBook of Fog, by Ann Low</title>
<meta name="dc.creator" content="Low, Ann, 1850-1900"></head><body>
<section class="pg-boilerplate pgheader" id="pg-header"><p>For the use of anyone.</p></section>
<h1>I</h1><p><span class="pagenum"><a id="Page_1">[1]</a></span>It was dark.<a id="A1" href="#F1"
>[1]</a> See <a href="#Page_1">here</a>.</p><div class="footnote"><p><a id="F1" href="#A1">[1]</a>
A note of some words.</p></div><p>And the text goes on behind its note.</p><h1>II</h1><p>End.</p>
<section id="pg-footer"><p>Updated editions.</p></section></body></html>"""


@pytest.mark.parametrize(
    ("page", "kept", "gone"),
    [
        (GUTENBERG, ["<h1", '<span id="Page_1"', "It was dark."], ["anyone", "Updated", "[1]"]),
        ("<p class=MsoToc1>One 3</p><h1>One</h1><p>x", ["<p>x</p>"], ["One 3"]),
        ("<p>a</p></body></html><p>behind <b>it", ["behind <b>it</b>"], []),
        ("<p style='font-family:Wingdings'>J<i>b</i>", ["☺<i>b"], []),
        (
            '<p><span style="font:9pt Symbol">abg</span> <font face=Symbol>D</font>',
            ["αβγ", "Δ"],
            [],
        ),
        (
            "<ruby><rb>東</rb><rb>京</rb><rtc><rt>とう</rt><rt>きょう</rt></rtc></ruby>",
            ["東京<rt>とうきょう</rt>"],
            [],
        ),
        ('<html xmlns="http://www.w3.org/1999/xhtml"><p><![CDATA[1 < 2]]></p>', ["1 &lt; 2"], []),
        ("<p><input type=checkbox checked>yes<input type=radio>no", ["☒", "☐"], []),
    ],
)
def test_pages_of_programs_say_what_they_mean(
    book_of: MakeBook, page: str, kept: list[str], gone: list[str]
) -> None:
    book = book_of(page, BookFormat.HTML)
    body = "".join(book.bodies[1:])
    assert [words for words in kept if words not in body] == []
    assert [words for words in gone if words in body] == []
    source = book.path.with_name("again.html")
    source.write_text(page, "utf-8")
    told = compare_texts(source, BookFormat.HTML, book.path)
    assert [finding.rule for finding in told if finding.rule != "convert.left-out"] == []


def test_project_gutenbergs_page_is_named_as_its_book(book_of: MakeBook) -> None:
    book = book_of(GUTENBERG, BookFormat.HTML)
    assert (book.package.title, book.authors) == ("Fog", ["Ann Low"])


def test_a_page_of_frames_alone_is_no_book(book_of: MakeBook) -> None:
    with pytest.raises(BookError, match="no text"):
        book_of("<html><head><title>T</title></head><frameset><frame src=a></frameset></html>")
