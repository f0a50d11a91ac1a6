"""The desk does what its OpenAPI document says: no 500, nothing that the document does not know.

Every operation is asked over real HTTP, by an operator, a reader and nobody, with what fits its
description and with what does not.
"""

import contextlib
from dataclasses import dataclass
from typing import Any

import httpx
import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable

from ebook_pipeline.resources.rate_limits import MemoryRateLimiter
from tests.support.corpus import THOROUGH
from tests.support.desk_shop import DeskShop

schemathesis = pytest.importorskip("schemathesis")

KEPT = {("DELETE", "/api/v1/books/{book}"), ("POST", "/api/v1/books/{book}/purge")}
"""What would take away what the other operations are asked about."""
WHO = ("olga", "rita", "nobody")


@dataclass
class Described:
    """The desk over HTTP, its description, and how each of `WHO` asks it."""

    url: str
    operations: list[Any]
    known: dict[str, str]
    headers: dict[str, dict[str, str]]

    def ask(self, case: Any, who: str) -> None:
        """Send what was made up, and judge the answer by the description."""
        from schemathesis import checks

        headers = {"If-Match": "*"} | self.headers[who]
        answer = case.call(base_url=self.url, headers=headers, timeout=60)
        judged = [
            checks.not_a_server_error,
            *(
                checks.CHECKS.get_one(name)
                for name in (
                    "status_code_conformance",
                    "content_type_conformance",
                    "response_schema_conformance",
                    "response_headers_conformance",
                )
            ),
        ]
        case.validate_response(answer, checks=judged)


@pytest.fixture
def described(shop: DeskShop, served: str, monkeypatch: pytest.MonkeyPatch) -> Described:
    monkeypatch.setattr(MemoryRateLimiter, "take", lambda *_: 0.0)
    document = httpx.get(f"{served}/api/v1/openapi.json", timeout=60).json()
    schema = schemathesis.openapi.from_dict(document)
    waiting = shop.by("olga").get("/api/v1/reviews", params={"book": "press-waiting"}).json()
    license_id = shop.license(holder="rita")["id"]
    known = {
        "book": "press-sold",
        "review": str(waiting["items"][0]["task"]["id"]),
        "license": license_id,
        "license_id": license_id,
        "name": "original",
    }
    found = (operation.ok() for operation in schema.get_all_operations())
    operations = [operation for operation in found if not _is_endless(operation)]
    return Described(served, operations, known, {who: _headers(shop, who) for who in WHO})


def _is_endless(operation: Any) -> bool:
    """Streams of events end when their asker goes: tests of their own read them."""
    answers = operation.definition.raw["responses"].values()
    return any("text/event-stream" in answer.get("content", {}) for answer in answers)


def _headers(shop: DeskShop, who: str) -> dict[str, str]:
    if who == "nobody":
        return {}
    client = shop.by(who)
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    token = client.headers["X-CSRF-Token"]
    own = {"Host": "127.0.0.1:8080", "Sec-Fetch-Site": "same-origin"}  # cookies know their port
    return own | {"Cookie": cookie, "X-CSRF-Token": token}


def _explore(described: Described, examples: int, who: str) -> list[str]:
    """The faults of all operations, each with what was sent."""
    from schemathesis.core.failures import Failure, FailureGroup

    faults = []
    for operation in described.operations:
        for mode in schemathesis.GenerationMode:
            try:  # an operation without any input can't be asked wrongly
                with contextlib.suppress(Unsatisfiable):
                    _run(described, operation, mode, examples, who)
            except (FailureGroup, Failure) as error:
                faults.append(f"{operation.label} as {who}: {str(error)[:600]}")
    return faults


def _run(described: Described, operation: Any, mode: Any, examples: int, who: str) -> None:
    named = {parameter.name for parameter in operation.path_parameters}
    known = {name: described.known[name] for name in named & described.known.keys()}
    kept = (operation.method.upper(), operation.path) in KEPT
    strategy = operation.as_strategy(
        generation_mode=mode, path_parameters=None if kept or not known else known
    )

    @hypothesis.seed(20261129)
    @hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(strategy)
    def ask(case: Any) -> None:
        described.ask(case, who)

    ask()


def test_every_operation_is_described_with_examples_and_errors(described: Described) -> None:
    bare = [
        operation.label
        for operation in described.operations
        if not operation.definition.raw.get("summary")
        or "default" not in operation.definition.raw["responses"]
    ]
    assert [label for label in bare if not label.endswith(("/me", "/status", "lcpl"))] == []


@pytest.mark.prove
def test_an_operator_meets_no_fault_of_ours(described: Described) -> None:
    faults = _explore(described, 1, "olga")
    assert not faults, "\n".join(faults)


@pytest.mark.prove
@pytest.mark.timeout(900)
@pytest.mark.skipif(not THOROUGH, reason="takes minutes: THOROUGH=1 make prove")
@pytest.mark.parametrize("who", WHO)
def test_nobody_meets_a_fault_of_ours_however_long_they_ask(described: Described, who: str) -> None:
    faults = _explore(described, 3, who)
    assert not faults, "\n".join(faults)
