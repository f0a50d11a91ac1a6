"""Drawings that use each other without end are refused before anything draws them."""

import base64
from pathlib import Path
from urllib.parse import quote

import pytest

from ebook_pipeline.books.formats.epub import ocf
from tests.support.books.epub import epub

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'
SIGNS = "<defs><g id='g0'><path/></g></defs>" + "<use xlink:href='#g0'/>" * 30_000


def chain(links: int, each: int, attribute: str = "href", last: str = "#g0") -> str:
    """Groups of which each uses the one before `each` times."""
    groups = [f'<use {attribute}="{last}"/>']
    for number in range(links):
        use = f'<use {attribute}="#g{number}"/>' * each
        groups.append(f'<g id="g{number + 1}">{use}</g>')
    return '<g id="g0"><path/></g>' + "".join(reversed(groups))


def found(path: Path, files: dict[str, str | bytes]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.place) for finding in ocf.inspect(epub(path, files)).findings]


@pytest.mark.parametrize(
    "drawing",
    [
        chain(20, 10),
        chain(20, 10, "xlink:href"),
        chain(5_000, 2),
        chain(2_000, 1),
        SVG.format("<g id='g0'><path/></g>").removesuffix("</svg>") + chain(9, 10) + "<p></svg>",
    ],
    ids=["href", "xlink", "deep", "long", "malformed"],
)
def test_a_drawing_of_countless_copies_is_refused(tmp_path: Path, drawing: str) -> None:
    whole = drawing if drawing.startswith("<svg") else SVG.format(drawing)
    for name, data in (("a.svg", whole), ("one.xhtml", f"<p>{whole}</p>")):
        files: dict[str, str | bytes] = {f"EPUB/{name}": data}
        assert found(tmp_path / "b.epub", files) == [("svg.uses", f"EPUB/{name}")]


def test_a_drawing_in_a_url_is_counted(tmp_path: Path) -> None:
    drawing = SVG.format(chain(9, 10))
    coded = f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"
    for url in (coded, f"data:image/svg+xml,{quote(drawing)}"):
        inner = SVG.format(f'<image href="{url}"/>')
        twice = f"data:image/svg+xml,{quote(inner)}"
        for shown in (url, twice):
            page = f'<p><img alt="a" src="{shown}"/></p>'
            files: dict[str, str | bytes] = {"EPUB/one.xhtml": page}
            assert found(tmp_path / "b.epub", files) == [("svg.uses", "EPUB/one.xhtml")]


def test_patterns_within_patterns_are_counted_and_one_of_itself_is_none(tmp_path: Path) -> None:
    filled = '<rect fill="url(#p{0})"/>' * 5 + "<rect style=\"stroke: url( '#p{0}')\"/>" * 5
    patterns = "".join(
        f'<pattern id="p{number + 1}">{filled.format(number)}</pattern>' for number in range(9)
    )
    drawing = SVG.format(f'<pattern id="p0"><path/></pattern>{patterns}')
    assert found(tmp_path / "a.epub", {"EPUB/a.svg": drawing}) == [("svg.uses", "EPUB/a.svg")]
    itself = SVG.format('<pattern id="p"><rect fill="url(#p)"/></pattern><rect fill="url(#p)"/>')
    assert not found(tmp_path / "b.epub", {"EPUB/a.svg": itself})


def test_copies_are_counted_in_every_spelling(tmp_path: Path) -> None:
    hidden = "<!DOCTYPE svg [<!ENTITY u '&#60;use href=\"#g4\"/>'>]>" + SVG.format(
        chain(4, 10) + "&u;" * 100
    )
    prefixed = SVG.format(chain(20, 10)).replace("<", "<s:").replace("<s:/", "</s:")
    for data in (
        hidden,
        prefixed.replace("xmlns=", "xmlns:s="),
        SVG.format(chain(20, 10)).encode("utf-16"),
    ):
        assert found(tmp_path / "b.epub", {"EPUB/a.svg": data}) == [("svg.uses", "EPUB/a.svg")]


def test_copies_of_other_documents_and_of_many_together_count(tmp_path: Path) -> None:
    large = SVG.format(f"<g id='all'>{'<path/>' * 1000}</g>")
    files: dict[str, str | bytes] = {
        f"EPUB/{number}.svg": SVG.format("<use href='shown.svg#all'/>" * 30) for number in range(10)
    }
    assert found(tmp_path / "b.epub", files | {"EPUB/shown.svg": large}) == [
        ("svg.uses", "EPUB/0.svg")
    ]


@pytest.mark.parametrize(
    "drawing",
    [
        '<g id="a"><use href="#a"/></g>',
        '<g id="a"><use href="#b"/></g><g id="b"><g><use href="a.svg#a"/></g></g>',
        '<use id="a" href="#%61"/>',
    ],
)
def test_a_drawing_within_itself_is_refused(tmp_path: Path, drawing: str) -> None:
    files: dict[str, str | bytes] = {"EPUB/a.svg": SVG.format(drawing)}
    assert found(tmp_path / "b.epub", files) == [("svg.circular-use", "EPUB/a.svg")]


@pytest.mark.parametrize(
    "drawing",
    [
        SIGNS,
        chain(4, 10),
        "<use href='#nowhere'/><use href='none.svg#a'/><use href='https://example.org/#a'/><use/>",
        "<g id='a'><path/></g><g id='a'><use href='#a'/></g><use href='#'/>",
    ],
    ids=["signs", "ornament", "dangling", "twice"],
)
def test_ordinary_drawings_pass(tmp_path: Path, drawing: str) -> None:
    assert found(tmp_path / "b.epub", {"EPUB/a.svg": SVG.format(drawing)}) == []
