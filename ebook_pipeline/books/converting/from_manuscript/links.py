"""Links within a manuscript led to the files that its chapters are now."""

from collections.abc import Callable, Sequence

from lxml import etree

from ebook_pipeline.books.converting.to_epub.conforming import XHTML
from ebook_pipeline.books.converting.to_epub.element_ids import NAMING

_HEADINGS = tuple(f"{XHTML}h{level}" for level in range(1, 7))


def mend_links(
    sections: Sequence[etree._Element], file_name: Callable[[int], str]
) -> tuple[str, ...]:
    """Lead every link to the file, 1 the first, that holds its target; those that lead nowhere.

    A heading's name is known in the spelling of any program. Links that lead nowhere keep their
    words and lose their target. Labels and descriptions can only be named within
    a file: other names go.
    """
    ids = [{element.get("id", "") for element in section.iter("*")} - {""} for section in sections]
    homes: dict[str, int] = {}
    for number, known in enumerate(ids, 1):
        for identifier in known:
            homes.setdefault(identifier, number)
    spelt = _spellings(sections)
    dead: list[str] = []
    for number, section in enumerate(sections, 1):
        for element in section.iter(f"{XHTML}*"):
            _keep_names(element, ids[number - 1])
            href = element.get("href", "")
            if not href.startswith("#"):
                continue
            name = (
                href[1:] if href[1:] in homes else spelt.get(_folded(href.removeprefix("#id-")), "")
            )
            if not name:
                dead.append(href)
                element.attrib.pop("href")
            else:
                file = "" if name in ids[number - 1] else file_name(homes[name])
                element.set("href", f"{file}#{name}")
    return tuple(dead)


def _spellings(sections: Sequence[etree._Element]) -> dict[str, str]:
    """Headings' ids by their letters and figures: programs spell the same heading differently.

    GitHub keeps figures and each hyphen that pandoc leaves out; others keep capitals.
    """
    found: dict[str, set[str]] = {}
    for heading in (each for section in sections for each in section.iter(*_HEADINGS)):
        if identifier := heading.get("id"):
            for spelling in (identifier, "".join(map(str, heading.itertext()))):
                found.setdefault(_folded(spelling), set()).add(identifier)
    return {
        spelling: names.pop() for spelling, names in found.items() if spelling and len(names) == 1
    }


def _folded(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _keep_names(element: etree._Element, ids: set[str]) -> None:
    for key in NAMING & {str(key) for key in element.attrib}:
        kept = [name for name in element.get(key, "").split() if name in ids]
        if kept:
            element.set(key, " ".join(kept))
        else:
            element.attrib.pop(key)
