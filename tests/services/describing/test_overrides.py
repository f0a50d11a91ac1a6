"""A person's word on a field, kept and told."""

import pytest

from ebook_pipeline.books.describing.overrides import InvalidOverride
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.describing import overrides
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
