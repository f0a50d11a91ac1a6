"""Typography, plausibility and pictures, each fault alone."""

from pathlib import Path

import pytest

from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.judging import chapters, images, plausibility, typography
from ebook_pipeline.books.judging.dimension import DimensionResult, bounded, info, quote
from ebook_pipeline.books.judging.plausibility import language
from tests.support.books.for_judging import PROSE, book, chapter, picture

LOREM = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor."


def rules(part: DimensionResult) -> list[str]:
    return [finding.rule for finding in part.findings]


def looked_at(path: Path) -> DimensionResult:
    package = read_package(path)
    return images.check(path, package, list(chapters.read(path, package)))


def test_clean_text_has_perfect_typography() -> None:
    assert typography.check([chapter(f"{PROSE}\n" * 20)]).score.value == 1


def test_empty_paragraphs_for_room_are_counted_and_rules_are_not(tmp_path: Path) -> None:
    body = "<p>One.</p><p> \u00a0</p><p><br/></p><p/><p><span> </span></p>"
    path = book(tmp_path / "book.epub", body)
    (read,) = chapters.read(path, read_package(path))
    assert (read.paragraphs, read.empty_paragraphs) == (5, 3)
    assert rules(typography.check([read])) == ["typography.empty-paragraphs"]


def test_mixed_quotation_marks_are_a_finding() -> None:
    mixed = '“Yes,” he said. "No," said she. ' * 20
    assert rules(typography.check([chapter(mixed)])) == ["typography.mixed-quotes"]


def test_one_kind_of_quotation_mark_is_none() -> None:
    assert rules(typography.check([chapter('"No," said she. It\'s so. ' * 20)])) == []


def test_doubled_spaces_cost_and_indented_source_does_not() -> None:
    doubled = typography.check([chapter("One.  Two.  Three.  " * 100)])
    indented = typography.check([chapter("One.\n      Two.\n      Three. " * 100)])
    assert (doubled.score.value or 0) < 0.7
    assert indented.score.value == 1


def test_a_book_of_prose_is_plausible() -> None:
    parts = [chapter(PROSE * 5 + str(n), f"{n}.xhtml") for n in range(9)]
    part = plausibility.check(parts)
    assert (part.score.value, part.findings) == (1, ())


def test_an_empty_chapter_is_named() -> None:
    part = plausibility.check([chapter(PROSE * 5), chapter(" — ", "two.xhtml")])
    assert [(one.rule, one.place) for one in part.findings] == [
        ("plausibility.empty-chapter", "two.xhtml")
    ]


def test_a_chapter_that_shows_a_picture_is_not_empty() -> None:
    assert plausibility.check([chapter("", shows=True), chapter("", shows=True)]).findings == ()


def test_a_repeated_chapter_names_the_one_that_it_repeats() -> None:
    part = plausibility.check([chapter(PROSE * 5), chapter(f"{PROSE * 5} !", "two.xhtml")])
    assert rules(part) == ["plausibility.repeated-chapter"]
    assert "one.xhtml" in part.findings[0].message
    assert part.score.evidence["repeated"] == 0.5


@pytest.mark.parametrize(
    "text",
    ["TODO: end", "[insert name here]", "Your Text Here", "XXXXX", "Click here to enter text."],
)
def test_a_placeholder_is_quoted(text: str) -> None:
    part = plausibility.check([chapter(f"{PROSE}\n{text}\n{PROSE}")])
    assert rules(part) == ["plausibility.placeholder"]


@pytest.mark.parametrize("text", ["“To do it well,” he said.", "Malcolm XXX", "your text, here"])
def test_prose_is_no_placeholder(text: str) -> None:
    assert plausibility.check([chapter(text)]).findings == ()


def test_filler_is_measured_and_latin_prose_is_not() -> None:
    half = plausibility.check([chapter(f"{LOREM}\n{PROSE[:80]}")])
    latin = "Gallia est omnis divisa in partes tres, quarum unam incolunt Belgae, aliam Aquitani."
    assert 0.3 < float(half.score.evidence["lorem"]) < 0.7
    assert rules(half) == ["plausibility.lorem"]
    assert plausibility.check([chapter(latin)]).score.evidence["lorem"] == 0


@pytest.mark.parametrize(
    ("declared", "heard", "doubted"),
    [
        (("en-GB",), ["en", "en"], False),
        (("fr",), ["en", "en"], True),
        (("la", "en"), ["en"], False),
        (("nb",), ["no"], False),
        ((), ["en"], False),
        (("en",), ["und"], False),
    ],
)
def test_the_declared_language_is_compared_with_the_text(
    declared: tuple[str, ...], heard: list[str], doubted: bool
) -> None:
    finding = language.language_finding(declared, heard, PROSE * 5)
    assert (finding is not None) == doubted


def test_a_few_words_do_not_tell_their_language() -> None:
    assert language.language_finding(("fr",), ["en"], "Chapter One") is None


def test_samples_leave_out_the_front_matter() -> None:
    pieces = language.samples("A" * 10_000 + "B" * 30_000)
    assert len(pieces) == 3
    assert all(piece == "B" * len(piece) for piece in pieces[1:])
    assert language.samples("short") == ["short"]


def test_sharp_large_described_pictures_are_perfect(tmp_path: Path) -> None:
    body = '<p><img src="a.png" alt="A map"/></p>'
    path = book(tmp_path / "b.epub", body, files={"a.png": picture(800, 700)})
    part = looked_at(path)
    assert (part.score.value, part.findings) == (1, ())


@pytest.mark.parametrize(
    ("tag", "data", "rule"),
    [
        ('<img src="a.png" alt=""/>', picture(800, 700, blur=4), "images.blurred"),
        ('<img src="a.png" alt=""/>', picture(300, 200), "images.small"),
        ('<img src="a.png"/>', picture(800, 700), "images.without-alt"),
        ('<img src="a.png" alt=""/>', picture(800, 700)[:900], "images.broken"),
        ('<img src="a.png" alt=""/>', b"GIF89 no", "images.broken"),
        ('<img src="none.png" alt=""/>', picture(9, 9), "images.broken"),
    ],
)
def test_each_fault_of_a_picture_is_one_finding(
    tmp_path: Path, tag: str, data: bytes, rule: str
) -> None:
    path = book(tmp_path / "b.epub", f"<p>{tag}</p>", files={"a.png": data})
    assert rules(looked_at(path)) == [rule]


def test_a_small_cover_is_told_apart(tmp_path: Path) -> None:
    path = book(tmp_path / "b.epub", "<p>One.</p>", files={"cover.png": picture(300, 400)})
    assert rules(looked_at(path)) == ["images.small-cover"]


def test_ornaments_and_vector_graphics_are_not_judged(tmp_path: Path) -> None:
    files = {
        "a.png": picture(60, 60, blur=5),
        "b.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    }
    body = '<p><img src="a.png" alt=""/><img src="b.svg" alt=""/></p>'
    part = looked_at(book(tmp_path / "b.epub", body, files=files))
    assert (part.score.value, part.findings) == (1, ())


def test_a_picture_of_too_many_pixels_is_not_unpacked(tmp_path: Path) -> None:
    bomb = bytearray(picture(200, 200))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    path = book(tmp_path / "b.epub", '<img src="a.png" alt=""/>', files={"a.png": bytes(bomb)})
    assert rules(looked_at(path)) == ["images.broken"]


def test_findings_of_one_kind_are_few_and_say_how_many_there_are() -> None:
    kept = bounded([info("a", str(n)) for n in range(50)] + [info("b", "other")])
    assert [finding.rule for finding in kept] == ["a"] * 20 + ["b"]
    assert "30 more" in kept[19].message


def test_a_quotation_ends_at_words() -> None:
    text = f"{PROSE} ERROR {PROSE}"
    at = text.index("ERROR")
    quoted = quote(text, at, at + 5)
    assert quoted.startswith("“…")
    assert quoted.endswith("…”")
    assert all(word.strip("“”…") in text for word in quoted.split())
