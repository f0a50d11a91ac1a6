"""What programs write into a package document that means something else than it says.

Several people in one element, people twice, days that no calendar has.
"""

import datetime
import re
from collections.abc import Iterable, Iterator

from ebook_pipeline.books.formats.manuscripts.person_names import looks_like_name
from ebook_pipeline.books.formats.manuscripts.stated_fields import publication_date
from ebook_pipeline.books.records import Contributor

_BETWEEN = re.compile(r" ?; ?| & ")
"""What stands between the names of people, as Calibre joins them."""
_INVERTED = re.compile(r"(?P<last>[^,;]+), (?P<first>[^,;]+)")
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T.*)?")


def each_person(people: Iterable[Contributor]) -> tuple[Contributor, ...]:
    """The `people`, each of one name, and nobody twice."""
    found: dict[tuple[str, tuple[str, ...]], Contributor] = {}
    for person in people:
        for one in _parted(person):
            found.setdefault((one.name.casefold(), one.roles), one)
    return tuple(found.values())


def calendar_date(stated: str | None) -> str | None:
    """`stated` where a calendar has it; of another the part that is one, maybe a year alone."""
    day = _DAY.fullmatch(stated or "")
    if day:
        year, month, number = (int(part) if part else 1 for part in day.groups())
        try:
            datetime.date(year, month, number)
        except ValueError:
            return publication_date(stated or "") or None
        return stated
    return publication_date(stated or "") or None


def _parted(person: Contributor) -> Iterator[Contributor]:
    """The people that one name names: “Low, Ann; Ek, Bo” are two, “Smith & Sons” is one."""
    names = [_in_order(part) for part in _BETWEEN.split(person.name)]
    if len(names) < 2 or not all(looks_like_name(name) for name, _ in names):
        yield person
        return
    for name, filed in names:
        yield Contributor(name=name, roles=person.roles, file_as=filed)


def _in_order(name: str) -> tuple[str, str | None]:
    """A name as people say it, and as it is filed where it stands so."""
    inverted = _INVERTED.fullmatch(name.strip())
    return (f"{inverted['first']} {inverted['last']}", name) if inverted else (name.strip(), None)
