"""``ebooks preflight``: verdicts, exit codes, the form for programs, pictures of the faults."""

from pathlib import Path

import pytest

from tests.support.books.print_pdf import PrintPdf, image, write
from tests.support.commands import ebooks


@pytest.fixture
def coarse(tmp_path: Path) -> Path:
    return write(tmp_path / "coarse.pdf", PrintPdf(), image(400))


def test_a_book_with_a_coarse_picture_fails_and_its_page_is_drawn(
    coarse: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    done = ebooks(
        "preflight", coarse, "--for", "kdp-paperback", "--json", "--pictures", folder, cwd=None
    )
    (answer,) = done.objects
    assert done.code == 1
    assert not answer["passes"]
    assert answer["trim"] == {"width": 8.5, "height": 8.5}
    finding = next(one for one in answer["findings"] if one["rule"] == "print.low-resolution")
    assert finding["place"] == "page 3"
    assert finding["marks"] == [{"page": 3, "box": [150.0, 150.0, 438.0, 438.0]}]
    assert answer["pictures"] == [str(folder / "page-0003.png")]
    assert (folder / "page-0003.png").read_bytes().startswith(b"\x89PNG")


def test_a_good_book_passes_with_a_line_for_people(tmp_path: Path) -> None:
    path = write(tmp_path / "good.pdf", PrintPdf())
    done = ebooks("preflight", path, "--for", "kdp-paperback", cwd=None)
    assert done.code == 0
    assert "good.pdf: passes" in done.out


@pytest.mark.parametrize(
    "words",
    [
        ["--for", "somebody"],
        ["--for", "ingram", "--trim", "large"],
        ["--for", "ingram", "--trim", "0x9"],
        ["--for", "ingram", "--pages", "32"],
        ["--for", "ingram", "--cover", "--template", "17.3x8.75"],
        ["--for", "ingram", "--template", "17.3x8.75", "--spine", "0.07"],
        [],
    ],
    ids=["printer", "trim", "size", "pages", "half a template", "no cover", "nobody"],
)
def test_wrong_usage_is_told_before_any_work(words: list[str], coarse: Path) -> None:
    assert ebooks("preflight", coarse, *words, cwd=None).code == 2
