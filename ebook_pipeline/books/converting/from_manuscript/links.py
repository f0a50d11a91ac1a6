"""Links within a manuscript led to the files that its chapters are now."""

from collections.abc import Callable, Sequence

from lxml import etree

from ebook_pipeline.books.converting.to_epub.conforming import XHTML
from ebook_pipeline.books.converting.to_epub.element_ids import NAMING


def mend_links(
    sections: Sequence[etree._Element], file_name: Callable[[int], str]
) -> tuple[str, ...]:
    """Lead every link to the file, 1 the first, that holds its target; those that lead nowhere.

    These keep their words and lose their target. Labels and descriptions can only be named within
    a file: other names go.
    """
    ids = [{element.get("id", "") for element in section.iter("*")} - {""} for section in sections]
    homes: dict[str, int] = {}
    for number, known in enumerate(ids, 1):
        for identifier in known:
            homes.setdefault(identifier, number)
    dead: list[str] = []
    for number, section in enumerate(sections, 1):
        for element in section.iter(f"{XHTML}*"):
            _keep_names(element, ids[number - 1])
            href = element.get("href", "")
            if not href.startswith("#"):
                continue
            target = homes.get(href[1:])
            if target is None:
                dead.append(href)
                element.attrib.pop("href")
            elif href[1:] not in ids[number - 1]:
                element.set("href", f"{file_name(target)}{href}")
    return tuple(dead)


def _keep_names(element: etree._Element, ids: set[str]) -> None:
    for key in NAMING & {str(key) for key in element.attrib}:
        kept = [name for name in element.get(key, "").split() if name in ids]
        if kept:
            element.set(key, " ".join(kept))
        else:
            element.attrib.pop(key)
