"""Status Documents: what LSD 1.0 asks for, in every state."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ebook_pipeline.books.protecting.lcp import profiles, status
from ebook_pipeline.books.protecting.lcp.status import (
    Device,
    LicenseEvent,
    LicenseEventType,
    LicenseState,
    LicenseStatus,
)

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
ACTIVE = LicenseStatus(
    id="ef15e740",
    state=LicenseState.ACTIVE,
    profile=profiles.BASIC,
    license_updated=NOW,
    status_updated=NOW + timedelta(hours=1),
    license_url="https://example.org/ef15e740.lcpl",
    server="https://example.org/licenses/",
    renewable=True,
    may_end=NOW + timedelta(days=30),
    events=(
        LicenseEvent(type=LicenseEventType.REGISTER, at=NOW, device=Device(id="d1", name="eInk")),
        LicenseEvent(type=LicenseEventType.REVOKE, at=NOW),
    ),
)


def written(**change: object) -> dict[str, Any]:
    found = json.loads(status.status_document(ACTIVE.model_copy(update=change)))
    assert isinstance(found, dict)
    return found


def test_it_has_what_the_standard_asks_for() -> None:
    said = written()
    assert (said["id"], said["status"]) == ("ef15e740", "active")
    assert said["updated"] == {"license": "2026-05-04T03:02:01Z", "status": "2026-05-04T04:02:01Z"}
    assert said["potential_rights"] == {"end": "2026-06-03T03:02:01Z"}
    assert {link["rel"]: link["href"] for link in said["links"]} == {
        "license": "https://example.org/ef15e740.lcpl",
        "register": "https://example.org/licenses/ef15e740/register{?id,name}",
        "return": "https://example.org/licenses/ef15e740/return{?id,name}",
        "renew": "https://example.org/licenses/ef15e740/renew{?end,id,name}",
    }
    assert said["events"][0] == {
        "type": "register",
        "id": "d1",
        "name": "eInk",
        "timestamp": "2026-05-04T03:02:01Z",
    }


@pytest.mark.parametrize("state", [state for state in LicenseState if not state.usable])
def test_what_is_over_can_only_be_looked_at(state: LicenseState) -> None:
    said = written(state=state)
    assert (said["status"], [link["rel"] for link in said["links"]]) == (state, ["license"])
    assert said["message"]


@pytest.mark.parametrize("change", [{"server": None}, {"renewable": False}])
def test_what_can_not_be_asked_has_no_link(change: dict[str, Any]) -> None:
    assert "renew" not in {link["rel"] for link in written(**change)["links"]}
