"""What programs write into a package document is read as what they mean."""

import pytest

from ebook_pipeline.books.describing.stated_values import calendar_date, each_person
from ebook_pipeline.books.records import Contributor


@pytest.mark.parametrize(
    ("stated", "names"),
    [
        (["Ann Low & Cy Dee"], ["Ann Low", "Cy Dee"]),
        (["Low, Ann; Ek, Bo"], ["Ann Low", "Bo Ek"]),
        (["Ann Low; Bo Ek;Cy Dee"], ["Ann Low", "Bo Ek", "Cy Dee"]),
        (["Ann Low", "ann low", "Bo Ek"], ["Ann Low", "Bo Ek"]),
        (["Smith & Sons"], ["Smith & Sons"]),
        (["Low, Ann"], ["Low, Ann"]),
        (["Fog & Rain Press"], ["Fog & Rain Press"]),
        (["山田太郎; 鈴木花子"], ["山田太郎; 鈴木花子"]),
    ],
)
def test_each_person_is_one_and_nobody_is_two(stated: list[str], names: list[str]) -> None:
    people = each_person(Contributor(name=name, roles=("aut",)) for name in stated)
    assert [person.name for person in people] == names
    assert {person.roles for person in people} == {("aut",)}


def test_a_name_is_filed_as_it_stood_and_other_roles_are_kept() -> None:
    people = each_person(
        [Contributor(name="Low, Ann; Ek, Bo"), Contributor(name="Ann Low", roles=("ill",))]
    )
    assert [person.file_as for person in people] == ["Low, Ann", "Ek, Bo", None]


@pytest.mark.parametrize(
    ("stated", "date"),
    [
        ("2011-02-13T00:00:00+00:00", "2011-02-13T00:00:00+00:00"),
        ("2011-05", "2011-05"),
        ("2012-00-00", "2012"),
        ("2013-02-30", "2013"),
        ("May 5, 2003", "2003"),
        ("n. d.", None),
        ("", None),
        (None, None),
    ],
)
def test_a_day_that_no_calendar_has_is_its_year(stated: str | None, date: str | None) -> None:
    assert calendar_date(stated) == date
