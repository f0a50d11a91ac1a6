"""A person's word on a field, kept and told."""

import pytest

from ebook_pipeline.books.describing.overrides import InvalidOverride, apply_overrides
from ebook_pipeline.books.records import Product
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.describing import overrides, subjects
from ebook_pipeline.services.describing.descriptions import Descriptions
from ebook_pipeline.services.describing.overrides import BookFields
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive


def test_a_lock_holds_until_it_is_taken_away(database: Database) -> None:
    arrive(database)
    overrides.override_field(database, "emma", "title", "Emma", actor="ann")
    overrides.override_field(database, "emma", "title", "Emma: A Novel", actor="bob")
    assert overrides.overrides_of(database, "emma").values == {"title": "Emma: A Novel"}
    overrides.clear_override(database, "emma", "title", actor="ann")
    assert overrides.overrides_of(database, "emma").values == {}
    told = rows(database, "SELECT actor, action FROM audit WHERE action LIKE '%lock' ORDER BY id")
    assert told == [("ann", "lock"), ("bob", "lock"), ("ann", "unlock")]
    assert ("metadata.locked",) in rows(database, "SELECT event FROM outbox")


def test_subjects_of_thema_are_confirmed_and_freed(database: Database) -> None:
    arrive(database)
    assert subjects.subjects_of(database, "emma").confirmed == ()
    told = subjects.confirm(database, "emma", ["fr", "FBC"], actor="ann")
    assert [(one.code, one.confidence) for one in told.confirmed] == [("FR", 1), ("FBC", 1)]
    assert (told.confirmed[0].term, told.confirmed_by) == ("Romance", "ann")
    locked = apply_overrides(Product(title="Emma"), overrides.overrides_of(database, "emma"))
    assert [one.code for one in locked.subjects_told] == ["FR", "FBC"]
    for wrong in ([], ["QQQQ"], ["FR", "FF", "FL", "FM"], ["F" * 5000]):
        with pytest.raises(InvalidOverride):
            subjects.confirm(database, "emma", wrong, actor="ann")
    placed = subjects.confirm(database, "emma", ["1ddu-gb-e", "3MNB"], actor="ann")
    assert [one.code for one in placed.confirmed] == ["FR", "FBC", "1DDU-GB-E", "3MNB"]
    with pytest.raises(InvalidOverride, match="no qualifier"):
        subjects.confirm(database, "emma", ["FR", "1XXX"], actor="ann")
    assert subjects.free(database, "emma", actor="bob").confirmed == ()


def test_a_value_that_the_field_can_not_have_is_refused_and_nothing_kept(
    database: Database,
) -> None:
    arrive(database)
    with pytest.raises(InvalidOverride):
        overrides.override_field(database, "emma", "creators", "Jane", actor="ann")
    assert overrides.overrides_of(database, "emma").values == {}


def test_an_unknown_book_and_an_unlocked_field_are_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        overrides.override_field(database, "nobody", "title", "Emma", actor="ann")
    arrive(database)
    with pytest.raises(NotFound):
        overrides.clear_override(database, "emma", "title", actor="ann")


def test_fields_change_together_or_not_at_all(database: Database) -> None:
    edition = arrive(database)
    Descriptions(database, edition).add(Product(title="Emma", languages=("en",)), (1,))
    overrides.override_field(database, "emma", "title", "Emma", actor="ann")
    with pytest.raises(NotFound):
        overrides.change_fields(
            database, "emma", {"subtitle": "A Novel", "rights": overrides.UNLOCKED}, actor="ann"
        )
    changes = {"subtitle": "A Novel", "title": overrides.UNLOCKED}
    fields = overrides.change_fields(database, "emma", changes, actor="bob")
    assert fields == overrides.fields_of(database, "emma")
    assert [(lock.field, lock.value, lock.actor) for lock in fields.locks] == [
        ("subtitle", "A Novel", "bob")
    ]
    assert (fields.edition, fields.values["title"]) == (1, "Emma")


def test_fields_that_were_changed_meanwhile_are_not_changed_unseen(database: Database) -> None:
    arrive(database)
    seen = overrides.fields_of(database, "emma")
    overrides.override_field(database, "emma", "title", "Emma", actor="ann")

    def unchanged(fields: BookFields) -> None:
        if fields != seen:
            raise Denied("changed")

    with pytest.raises(Denied):
        overrides.change_fields(
            database, "emma", {"title": "Other"}, actor="bob", precondition=unchanged
        )
    assert overrides.overrides_of(database, "emma").values == {"title": "Emma"}
