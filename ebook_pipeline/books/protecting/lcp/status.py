"""Status Documents: what became of a licence, and what may be asked for it.

Readium License Status Document 1.0, https://readium.org/lcp-specs/releases/lsd/latest
"""

from enum import StrEnum

from pydantic import AwareDatetime

from ebook_pipeline.books.protecting.lcp.license import MEDIA_TYPE, STATUS_MEDIA_TYPE, utc_timestamp
from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.foundation.record import Record, canonical_json


class LicenseState(StrEnum):
    """§2.3; a licence that nobody can register a device for is active from the start."""

    READY = "ready"
    ACTIVE = "active"
    REVOKED = "revoked"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def usable(self) -> bool:
        """Whether the licence still opens its book."""
        return self in (LicenseState.READY, LicenseState.ACTIVE)


MESSAGES = {
    LicenseState.READY: "The book is ready to be opened.",
    LicenseState.ACTIVE: "The licence is active.",
    LicenseState.REVOKED: "The licence was revoked by the bookshop.",
    LicenseState.RETURNED: "The book was returned.",
    LicenseState.CANCELLED: "The licence was cancelled before it was used.",
    LicenseState.EXPIRED: "The licence has expired.",
}


class LicenseEventType(StrEnum):
    """§2.7 has the verb in its text and, of revocation, "revoked" in its schema; readers take both.

    https://readium.org/lcp-specs/releases/lsd/latest#27-events
    """

    REGISTER = "register"
    RENEW = "renew"
    RETURN = "return"
    REVOKE = "revoke"
    CANCEL = "cancel"


_ERRORS = "http://readium.org/license-status-document/error"


class LicenseFailure(StrEnum):
    """What failed, as a reading system is told it (§3.3 to §3.5): types of RFC 9457 problems."""

    REGISTRATION = f"{_ERRORS}/registration"
    RETURN = f"{_ERRORS}/return"
    RETURNED_ALREADY = f"{_ERRORS}/return/already"
    EXPIRED = f"{_ERRORS}/return/expired"
    RENEWAL = f"{_ERRORS}/renew"
    RENEWAL_DATE = f"{_ERRORS}/renew/date"
    SERVER = f"{_ERRORS}/server"

    @property
    def title(self) -> str:  # type: ignore[override]
        """The title that the standard gives it."""
        return _FAILURES[self][1]

    @property
    def http_status(self) -> int:
        """The status code that the standard gives it."""
        return _FAILURES[self][0]

    def because(self, state: LicenseState) -> "LicenseFailure":
        """The narrower failure, where the standard has one for a licence in this state."""
        narrower = {
            LicenseState.EXPIRED: LicenseFailure.EXPIRED,
            LicenseState.RETURNED: LicenseFailure.RETURNED_ALREADY,
            LicenseState.CANCELLED: LicenseFailure.RETURNED_ALREADY,
        }
        return narrower.get(state, self) if self is LicenseFailure.RETURN else self


_FAILURES = {
    LicenseFailure.REGISTRATION: (400, "Your device could not be registered properly."),
    LicenseFailure.RETURN: (400, "Your publication could not be returned properly."),
    LicenseFailure.RETURNED_ALREADY: (403, "Your publication has already been returned before."),
    LicenseFailure.EXPIRED: (403, "Your publication has already expired."),
    LicenseFailure.RENEWAL: (403, "Your publication could not be renewed properly."),
    LicenseFailure.RENEWAL_DATE: (
        403,
        "Incorrect renewal period, your publication could not be renewed.",
    ),
    LicenseFailure.SERVER: (500, "An unexpected error has occurred."),
}


class LicenseRefused(Denied):
    """What a reading system, or the shop, asks of a licence may not be."""

    def __init__(self, failure: LicenseFailure, message: str) -> None:
        super().__init__(message)
        self.failure = failure

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.failure, str(self))


class Device(Record):
    """A reading system as it named itself (§3.3)."""

    id: str
    name: str


class LicenseEvent(Record):
    """Something that happened to the licence; `device` is None where a person did it (§2.7)."""

    type: LicenseEventType
    at: AwareDatetime
    device: Device | None = None


class LicenseStatus(Record):
    """What is known of one licence; `may_end` is how far it may be renewed (§2.6)."""

    id: str
    state: LicenseState
    profile: str
    license_updated: AwareDatetime
    status_updated: AwareDatetime
    license_url: str
    server: str | None = None
    """The address below which a licence is registered, renewed and returned; None: nowhere."""
    renewable: bool = False
    may_end: AwareDatetime | None = None
    events: tuple[LicenseEvent, ...] = ()


def status_document(status: LicenseStatus) -> bytes:
    """The Status Document of §2 as canonical JSON."""
    facts: dict[str, object] = {
        "id": status.id,
        "status": status.state,
        "message": MESSAGES[status.state],
        "updated": {
            "license": utc_timestamp(status.license_updated),
            "status": utc_timestamp(status.status_updated),
        },
        "links": _links(status),
        "events": [_event(event) for event in status.events],
    }
    if status.may_end is not None:
        facts["potential_rights"] = {"end": utc_timestamp(status.may_end)}
    return canonical_json(facts)


def _links(status: LicenseStatus) -> list[dict[str, object]]:
    """§2.5; what may not be asked any more has no link."""
    licence = {"rel": "license", "href": status.license_url, "type": MEDIA_TYPE}
    links: list[dict[str, object]] = [{**licence, "profile": status.profile}]
    if status.server is None or not status.state.usable:
        return links
    base = f"{status.server.rstrip('/')}/{status.id}"
    links.append(_templated("register", f"{base}/register{{?id,name}}"))
    links.append(_templated("return", f"{base}/return{{?id,name}}"))
    if status.renewable:
        links.append(_templated("renew", f"{base}/renew{{?end,id,name}}"))
    return links


def _templated(rel: str, href: str) -> dict[str, object]:
    return {"rel": rel, "href": href, "type": STATUS_MEDIA_TYPE, "templated": True}


def _event(event: LicenseEvent) -> dict[str, object]:
    """Readium's schema and readers say ``revoked`` where the text says ``revoke``."""
    kind = "revoked" if event.type is LicenseEventType.REVOKE else event.type.value
    facts: dict[str, object] = {"type": kind, "timestamp": utc_timestamp(event.at)}
    if event.device is not None:
        facts |= {"id": event.device.id, "name": event.device.name}
    return facts
