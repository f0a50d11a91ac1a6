"""The metadata section of a package document, its refinements resolved to what they refine.

EPUB 3.3 §5.5, https://www.w3.org/TR/epub-33/#sec-pkg-metadata; EPUB 2's ``opf:`` attributes and
``<meta name=…>`` say the same in their own words.
"""

import math
import re
from typing import Any

from lxml import etree

from ebook_pipeline.books.records import Accessibility, Contributor, Identifier, Record, Subject
from ebook_pipeline.foundation.identifiers import isbn13

_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ISBN_LIST_5 = {"02": "isbn", "15": "isbn", "06": "doi"}
_MOST_SCRIPTS = 5
_NUMBER = re.compile(r"[0-9]{1,6}")
_SUBJECT_SCHEMES = {"bisac": "bisac", "thema": "thema", "bic": "bic", "lcsh": "lcsh"}


class Title(Record):
    """EPUB 3.3 §5.5.3.2: `type` such as ``main``, ``subtitle``, ``expanded``."""

    text: str
    type: str | None = None
    sequence: str | None = None
    file_as: str | None = None
    language: str | None = None


class Date(Record):
    """A date as printed; `event` is EPUB 2's ``opf:event``."""

    value: str
    event: str | None = None


class Collection(Record):
    """EPUB 3.3 D.3.2 ``belongs-to-collection``; `type` is ``series``, ``set`` or None."""

    name: str
    type: str | None = None
    position: str | None = None
    identifier: str | None = None


class Meta(Record):
    """One ``<meta>``: EPUB 3's property and text, or EPUB 2's name and content."""

    property: str
    value: str
    refines: str | None = None
    scheme: str | None = None
    id: str | None = None


class Metadata:
    """The section of one package document."""

    def __init__(self, elements: list[etree._Element], unique_id: str | None) -> None:
        self._elements = elements
        self._unique_id = unique_id
        self._named = _named(elements)
        self.meta = tuple(meta for meta in map(_meta, elements) if meta is not None)
        self._refinements: dict[str, list[Meta]] = {}
        for meta in self.meta:
            if meta.refines:
                self._refinements.setdefault(meta.refines.lstrip("#"), []).append(meta)

    def value(self, property_: str) -> str | None:
        """The first value of a property of the whole publication."""
        return next(iter(self.values(property_)), None)

    def values(self, property_: str) -> tuple[str, ...]:
        """Every value of a property of the whole publication, in order."""
        return tuple(
            meta.value for meta in self.meta if meta.property == property_ and not meta.refines
        )

    def named(self, name: str) -> str | None:
        """The content of EPUB 2's ``<meta name=…>``."""
        return next((content for key, content in self._named if key == name), None)

    def fields(self) -> dict[str, Any]:
        """The fields of a PackageDocument that this section fills."""
        identifiers = self._identifiers()
        return {
            "unique_identifier": next(
                (identifier.value for identifier in identifiers if identifier.unique), None
            ),
            "titles": self._titles(),
            "creators": self._people("creator"),
            "contributors": self._people("contributor"),
            "languages": self._texts("language"),
            "identifiers": identifiers,
            "subjects": self._subjects(),
            "publishers": self._texts("publisher"),
            "dates": self._dates(),
            "modified": self.value("dcterms:modified"),
            "descriptions": self._texts("description"),
            "rights": self._texts("rights"),
            "sources": self._texts("source"),
            "types": self._texts("type"),
            "collections": self._collections(),
            "meta": self.meta + tuple(Meta(property=k, value=v) for k, v in self._named),
            "accessibility": self._accessibility(),
        }

    def _all(self, name: str) -> list[etree._Element]:
        elements = [element for element in self._elements if element.tag == f"{_DC}{name}"]
        return [element for element in elements if _text(element)]

    def _texts(self, name: str) -> tuple[str, ...]:
        return tuple(_text(element) for element in self._all(name))

    def _refined(self, element: etree._Element, property_: str) -> list[Meta]:
        of_it = self._refinements.get(element.get("id", ""), [])
        return [meta for meta in of_it if meta.property == property_]

    def _one(self, element: etree._Element, property_: str, attribute: str = "") -> str | None:
        refined = self._refined(element, property_)
        if refined:
            return refined[0].value
        return element.get(f"{_OPF}{attribute or property_}")

    def _titles(self) -> tuple[Title, ...]:
        return tuple(
            Title(
                text=_text(element),
                type=self._one(element, "title-type"),
                sequence=self._one(element, "display-seq"),
                file_as=self._one(element, "file-as"),
                language=element.get(_XML_LANG),
            )
            for element in self._in_sequence(self._all("title"))
        )

    def _people(self, name: str) -> tuple[Contributor, ...]:
        return tuple(
            Contributor(
                name=_text(element),
                roles=self._roles(element),
                file_as=self._one(element, "file-as"),
                also=self._in_other_scripts(element),
            )
            for element in self._in_sequence(self._all(name))
        )

    def _in_other_scripts(self, element: etree._Element) -> tuple[str, ...]:
        names = (meta.value for meta in self._refined(element, "alternate-script"))
        return tuple(dict.fromkeys(filter(None, names)))[:_MOST_SCRIPTS]

    def _in_sequence(self, elements: list[etree._Element]) -> list[etree._Element]:
        """First those that say where they are shown, EPUB 3.3 §D.3.3 ``display-seq``."""

        def place(element: etree._Element) -> float:
            number = self._one(element, "display-seq") or ""
            return int(number) if _NUMBER.fullmatch(number) else math.inf

        return sorted(elements, key=place)

    def _roles(self, element: etree._Element) -> tuple[str, ...]:
        refined = tuple(meta.value for meta in self._refined(element, "role"))
        attribute = element.get(f"{_OPF}role")
        return refined or ((attribute,) if attribute else ())

    def _identifiers(self) -> tuple[Identifier, ...]:
        return tuple(
            Identifier(
                value=_text(element),
                scheme=self._scheme(element),
                unique=bool(self._unique_id) and element.get("id") == self._unique_id,
                isbn13=isbn13(_text(element)),
            )
            for element in self._all("identifier")
        )

    def _scheme(self, element: etree._Element) -> str | None:
        for meta in self._refined(element, "identifier-type"):
            return _ISBN_LIST_5.get(meta.value, meta.value)
        return element.get(f"{_OPF}scheme")

    def _subjects(self) -> tuple[Subject, ...]:
        subjects = []
        for element in self._all("subject"):
            authority = self._one(element, "authority")
            term = self._one(element, "term")
            known = _SUBJECT_SCHEMES.get((authority or "").lower(), authority)
            subjects.append(Subject(term=_text(element), scheme=known, code=term))
        return tuple(subjects)

    def _dates(self) -> tuple[Date, ...]:
        return tuple(
            Date(value=_text(element), event=element.get(f"{_OPF}event"))
            for element in self._all("date")
        )

    def _collections(self) -> tuple[Collection, ...]:
        collections = [self._collection(meta) for meta in self.meta if _is_collection(meta)]
        series = self.named("calibre:series")
        if series:
            position = self.named("calibre:series_index")
            collections.append(Collection(name=series, type="series", position=position))
        return tuple(collections)

    def _collection(self, meta: Meta) -> Collection:
        refined = {
            refinement.property: refinement.value
            for refinement in self._refinements.get(meta.id or "", [])
        }
        return Collection(
            name=meta.value,
            type=refined.get("collection-type"),
            position=refined.get("group-position"),
            identifier=refined.get("dcterms:identifier"),
        )

    def _accessibility(self) -> Accessibility:
        return Accessibility(
            access_modes=self._schema("accessMode"),
            access_modes_sufficient=self._schema("accessModeSufficient"),
            features=self._schema("accessibilityFeature"),
            hazards=self._schema("accessibilityHazard"),
            summary=" ".join(self._schema("accessibilitySummary")),
            conforms_to=self._conforms_to(),
        )

    def _schema(self, name: str) -> tuple[str, ...]:
        named = tuple(value for key, value in self._named if key == f"schema:{name}")
        return self.values(f"schema:{name}") + named

    def _conforms_to(self) -> tuple[str, ...]:
        links = tuple(
            element.get("href", "")
            for element in self._elements
            if element.tag == f"{_OPF}link" and "dcterms:conformsTo" in element.get("rel", "")
        )
        named = tuple(value for key, value in self._named if key == "dcterms:conformsTo")
        return self.values("dcterms:conformsTo") + links + named


def read(root: etree._Element) -> Metadata:
    """The metadata of a package document; EPUB 2's ``dc-metadata`` and ``x-metadata`` included."""
    section = root.find(f"{_OPF}metadata")
    elements: list[etree._Element] = []
    for child in [] if section is None else section:
        if child.tag in (f"{_OPF}dc-metadata", f"{_OPF}x-metadata"):
            elements.extend(child)
        else:
            elements.append(child)
    unique = root.get("unique-identifier")
    return Metadata([element for element in elements if isinstance(element.tag, str)], unique)


def _text(element: etree._Element) -> str:
    text = "".join(element.itertext())  # type: ignore[arg-type]
    return re.sub(r"[ \t\r\n]+", " ", text).strip(" \t\r\n")


def _named(elements: list[etree._Element]) -> list[tuple[str, str]]:
    metas = [element for element in elements if element.tag == f"{_OPF}meta"]
    return [(meta.get("name", ""), meta.get("content", "")) for meta in metas if meta.get("name")]


def _meta(element: etree._Element) -> Meta | None:
    if element.tag != f"{_OPF}meta" or not element.get("property"):
        return None
    return Meta(
        property=element.get("property", "").strip(),
        value=_text(element),
        refines=element.get("refines"),
        scheme=element.get("scheme"),
        id=element.get("id"),
    )


def _is_collection(meta: Meta) -> bool:
    return meta.property == "belongs-to-collection" and bool(meta.value) and not meta.refines
