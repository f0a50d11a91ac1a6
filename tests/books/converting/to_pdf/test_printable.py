"""What paper cannot do gives way to what the book offers instead."""

from lxml import etree

from ebook_pipeline.books.converting.to_pdf.printable import make_printable

SPACES = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'


def printable(markup: str) -> tuple[str, int]:
    root = etree.fromstring(f"<html {SPACES}><body>{markup}</body></html>")
    media = make_printable(root)
    written = etree.tostring(root, encoding="unicode")
    return written.replace(f" {SPACES}", ""), media


def test_a_film_gives_way_to_its_poster_and_a_note() -> None:
    written, media = printable('<video poster="a.png" title="Waves"><source src="a.mp4"/></video>')
    assert media == 1
    assert '<img src="a.png" alt="Waves"/>' in written
    assert "[Video: Waves]" in written
    assert "mp4" not in written


def test_a_sound_gives_way_to_what_is_offered_instead() -> None:
    written, _ = printable('<audio controls="" src="a.mp3"><p>A transcript.</p></audio>')
    assert "<div><p>A transcript.</p></div>" in written


def test_a_sound_that_nobody_could_press_leaves_no_note() -> None:
    written, media = printable('<p>before<audio src="a.mp3"/>after</p>')
    assert media == 1
    assert "<p>beforeafter</p>" in written


def test_what_scripts_would_draw_shows_what_it_shows_without_them() -> None:
    written, _ = printable("<canvas>a chart</canvas><noscript>no scripts</noscript>")
    assert "<div>a chart</div><div>no scripts</div>" in written


def test_what_is_folded_away_is_open() -> None:
    assert 'open="open"' in printable("<details><summary>More</summary><p>Text</p></details>")[0]


def test_a_note_that_pops_up_is_read_where_it_stands() -> None:
    written, _ = printable('<aside epub:type="footnote" hidden="hidden" id="n">Note</aside>')
    assert "hidden" not in written
    assert "display: block !important" in written


def test_of_a_switch_the_case_that_a_browser_knows_is_shown() -> None:
    case = '<epub:case required-namespace="{}"><b>x</b></epub:case>'
    mathml = case.format("http://www.w3.org/1998/Math/MathML")
    other = case.format("http://chem.example/")
    default = "<epub:default><i>y</i></epub:default>"
    assert (
        "<p><span><b>x</b></span>.</p>"
        in printable(f"<p><epub:switch>{mathml}{default}</epub:switch>.</p>")[0]
    )
    assert (
        "<p><span><i>y</i></span>.</p>"
        in printable(f"<p><epub:switch>{other}{default}</epub:switch>.</p>")[0]
    )
