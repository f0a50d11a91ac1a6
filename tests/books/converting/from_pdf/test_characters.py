"""A page's characters become its lines: words, looks, raised letters, links."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest

from ebook_pipeline.books.converting.from_pdf.characters import finish_line
from ebook_pipeline.books.converting.from_pdf.glyphs import LinkArea
from ebook_pipeline.books.converting.from_pdf.lines import HYPHEN, Page
from ebook_pipeline.books.converting.from_pdf.page_text import read_page
from tests.support.books.built_lines import line, lined, span, texts
from tests.support.books.pdf_lines import Set, add_page, below, typeset
from tests.support.existing import existing


@pytest.fixture
def reading(tmp_path: Path) -> Callable[..., Page]:
    """The page that is read of what is set, or of a file."""

    def read(*shown: Set, drawn: str = "", turned: int = 0, areas: Sequence[LinkArea] = ()) -> Page:
        path = typeset(tmp_path / "a.pdf", shown, more=drawn)
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            pdf.pages[0].rotate(turned, relative=False)
            pdf.save(path)
        return read_file(path, areas)

    return read


def read_file(path: Path, areas: Sequence[LinkArea] = ()) -> Page:
    with pdfium.PdfDocument(path) as document:
        page = document[0]
        text = page.get_textpage()
        return read_page(page, 0, text, areas)


def test_lines_are_where_their_letters_stand(reading: Callable[..., Page]) -> None:
    page = reading(*below("It was the best", "of times.", x=60, y=480))
    first, second = page.lines
    assert (first.text, second.text) == ("It was the best", "of times.")
    assert (first.left, first.base, first.size) == pytest.approx((60, 480, 10), abs=0.1)
    assert first.right == pytest.approx(60 + 15 * 6, abs=1)
    assert first.first == pytest.approx(2 * 6, abs=1)
    assert second.base == pytest.approx(468, abs=0.1)
    assert page.letters == len("Itwasthebestoftimes.")


def test_a_gap_is_a_space_where_none_is_written(reading: Callable[..., Page]) -> None:
    assert texts(reading(Set("It was", 50), Set("the best", 90)).lines) == ["It was the best"]


def test_words_of_wide_spaces_are_spans_whichever_way_they_are_read(
    reading: Callable[..., Page],
) -> None:
    shown = Set("Page 8 of", 50), Set("a", 112, size=30), Set("book here", 140), Set("up", 60, 480)
    (quick, slow) = (reading(*shown, areas=areas).lines for areas in ([], [(0, 0, 0, 0, 1)]))
    assert quick == slow
    assert [span.text for span in quick[0].spans][:3] == ["Page ", "8 ", "of "]


def test_letters_that_nobody_sees_for_their_size_have_one(reading: Callable[..., Page]) -> None:
    drawn = "BT /Fr 0.03 Tf 50 500 Td (a dot) Tj ET"
    (one,) = reading(drawn=drawn).lines
    assert one.size > 0


def test_letters_set_apart_are_one_word(reading: Callable[..., Page]) -> None:
    drawn = "BT /Fr 10 Tf 2 Tc 50 500 Td (SUNRISE) Tj ET"
    assert texts(reading(drawn=drawn).lines) == ["SUNRISE"]


def test_what_stands_far_away_on_the_same_height_is_a_line_of_its_own(
    reading: Callable[..., Page],
) -> None:
    assert texts(reading(Set("Ann", 50), Set("speaks", 150)).lines) == ["Ann", "speaks"]


def test_bold_and_italic_letters_are_told_by_their_fonts(reading: Callable[..., Page]) -> None:
    (one,) = reading(Set("It", 50), Set("very", 66, font="i"), Set("bold", 96, font="b")).lines
    looks = [(part.text.strip(), part.style.italic, part.style.bold) for part in one.spans]
    assert looks == [("It", False, False), ("very", True, False), ("bold", False, True)]


def test_small_letters_above_the_line_are_raised(reading: Callable[..., Page]) -> None:
    (one,) = reading(Set("said", 50), Set("1", 74, 504, 6)).lines
    assert [(part.text, part.style.raised) for part in one.spans] == [("said", 0), ("1", 1)]


def test_small_letters_below_the_line_are_lowered(reading: Callable[..., Page]) -> None:
    (one,) = reading(Set("H", 50), Set("2", 56, 497, 6), Set("O", 60)).lines
    assert [(part.text, part.style.raised) for part in one.spans] == [("H", 0), ("2", -1), ("O", 0)]


def test_the_content_that_a_letter_belongs_to_is_kept(reading: Callable[..., Page]) -> None:
    first, second = reading(Set("One.", tag=4), Set("Two.", y=480, tag=7)).lines
    assert (first.spans[0].mark, second.spans[0].mark) == (4, 7)


def test_letters_within_an_area_link(reading: Callable[..., Page]) -> None:
    (one,) = reading(Set("See there now"), areas=[(72, 495, 104, 510, 3)]).lines
    assert [(part.text, part.link) for part in one.spans] == [
        ("See ", -1),
        ("there ", 3),
        ("now", -1),
    ]


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_turned_page_is_read_as_it_is_shown(tmp_path: Path, turned: int) -> None:
    wide, high = 420, 600
    matrix = {
        90: f"0 1 -1 0 {wide} 0",
        180: f"-1 0 0 -1 {wide} {high}",
        270: f"0 -1 1 0 0 {high}",
    }[turned]
    lines = "\n".join(one.drawn() for one in below("It was the best", "of times.", x=60, y=300))
    with pikepdf.new() as pdf:
        page = add_page(pdf, f"q {matrix} cm\n{lines}\nQ")
        page.rotate(turned, relative=False)
        pdf.save(tmp_path / "a.pdf")
    first, second = read_file(tmp_path / "a.pdf").lines
    assert (first.text, second.text) == ("It was the best", "of times.")
    assert (first.left, first.base) == pytest.approx((60, 300), abs=0.5)
    assert second.base == pytest.approx(288, abs=0.5)


def coded(tmp_path: Path, codes: int, pairs: dict[int, str]) -> Page:
    """A page whose font gives its codes from 1 these letters; codes without a letter are drawn."""
    square = b"600 0 0 0 600 600 d1 0 0 600 600 re f"
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(420, 600))
        written = "".join(f"<{code:02x}> <{letters}>" for code, letters in pairs.items())
        names = [pikepdf.Name(f"/g{code}") for code in range(1, codes + 1)]
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type3,
            FontBBox=[0, 0, 600, 600],
            FontMatrix=[0.001, 0, 0, 0.001, 0, 0],
            CharProcs=pikepdf.Dictionary({str(name): pdf.make_stream(square) for name in names}),
            Encoding=pikepdf.Dictionary(Differences=pikepdf.Array([1, *names])),
            FirstChar=1,
            LastChar=codes,
            Widths=[600] * codes,
            ToUnicode=pdf.make_stream(
                b"begincmap 1 begincodespacerange <00> <FF> endcodespacerange "
                + f"{len(pairs)} beginbfchar {written} endbfchar endcmap".encode()
            ),
        )
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        shown = "".join(f"{code:02x}" for code in range(1, codes + 1))
        page.obj.Contents = pdf.make_stream(f"BT /F 10 Tf 50 500 Td <{shown}> Tj ET".encode())
        pdf.save(tmp_path / "coded.pdf")
    return read_file(tmp_path / "coded.pdf")


def test_ligatures_are_read_as_their_letters(tmp_path: Path) -> None:
    page = coded(tmp_path, 4, {1: "006F", 2: "FB03", 3: "0063", 4: "0065"})
    assert texts(page.lines) == ["office"]
    assert page.unreadable == 0


def test_letters_of_no_known_meaning_are_counted(tmp_path: Path) -> None:
    page = coded(tmp_path, 3, {1: "0061", 2: "E042", 3: "0062"})
    assert page.unreadable == 1
    assert (page.letters, texts(page.lines)) == (2, ["a\ue042b"])


def test_letters_without_width_and_controls_are_left_out(tmp_path: Path) -> None:
    page = coded(tmp_path, 4, {1: "0061", 2: "200B", 3: "0085", 4: "0062"})
    assert texts(page.lines) == ["ab"]


def test_a_word_that_a_soft_hyphen_breaks_ends_its_line(tmp_path: Path) -> None:
    page = coded(tmp_path, 3, {1: "0061", 2: "0062", 3: "00AD"})
    assert texts(page.lines) == [f"ab{HYPHEN}"]


def test_an_empty_page_has_no_lines(reading: Callable[..., Page]) -> None:
    page = reading()
    assert (page.lines, page.letters) == ([], 0)


def test_a_finished_line_has_the_size_of_most_of_its_letters_and_no_outer_spaces() -> None:
    made = existing(finish_line(lined(span(" 7", 50, size=6), span(" It was the best ", 60))))
    assert (made.text, made.size, len(made.spans)) == ("7 It was the best", 10, 2)


def test_a_line_of_spaces_is_none() -> None:
    assert finish_line(line("   ")) is None
