"""The desk does what its OpenAPI document says: no 500, nothing that the document does not know.

Every operation is asked over real HTTP, by each role, a shop's program and nobody, with what fits
its description and with what does not.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable

from ebook_pipeline.books.owning.rights import vocabulary
from ebook_pipeline.resources.rate_limits import MemoryRateLimiter
from tests.support.corpus import THOROUGH
from tests.support.desk_shop import DeskShop

LAST = (
    ("POST", "/api/v1/books/{book}/withdrawal"),
    ("DELETE", "/api/v1/books/{book}"),
    ("POST", "/api/v1/books/{book}/purge"),
    ("DELETE", "/api/v1/jobs/{job}"),
    ("DELETE", "/api/v1/opinions/{opinion}"),
    ("DELETE", "/api/v1/keys/{key}"),
    ("DELETE", "/api/v1/generate/books/{picture_book}"),
    ("DELETE", "/api/v1/admin/users/{login}"),
    ("POST", "/api/v1/auth/logout"),
)
"""What takes away what the other operations are asked about."""
PEOPLE = ("rita", "pat", "edna", "paul", "olga")
"""Reader, author, editor, publisher, operator: who may least comes first and changes least."""
WHO = ("nobody", "shop", *PEOPLE)
SHOP = {
    "name": "A shop",
    "scopes": ["license:*", "copy:*", "catalog:read"],
}


@dataclass
class Described:
    """The desk over HTTP, its description, and how each of `WHO` asks it."""

    url: str
    document: dict[str, Any]
    operations: list[Any]
    known: dict[str, str]
    headers: dict[str, dict[str, str]]
    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)

    def ask(self, case: Any, who: str) -> None:
        """Send what was made up, and judge the answer by the description."""
        from schemathesis import checks

        headers = {"If-Match": "*"} | self.headers[who]
        answer = case.call(base_url=self.url, headers=headers, timeout=60)
        self.answered[who, answer.status_code // 100] += 1
        self.unknown[who] += answer.status_code == 401
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


@pytest.fixture(scope="module")
def described(shop: DeskShop, served: str) -> Iterator[Described]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryRateLimiter, "take", lambda *_: 0.0)
        yield _described(shop, served)


def _described(shop: DeskShop, served: str) -> Described:
    import schemathesis

    document = httpx.get(f"{served}/api/v1/openapi.json", timeout=60).json()
    schema: Any = schemathesis.openapi.from_dict(document)
    schema.config.generation.update(with_security_parameters=False)  # ours are good ones
    operator = shop.by("olga")
    waiting = operator.get("/api/v1/reviews", params={"book": "press-waiting"}).json()
    key = operator.post("/api/v1/keys", json=SHOP).json()
    license_id = shop.license(holder="rita")["id"]
    words = {"stars": 4, "text": "Good."}
    opinion = shop.by("rita").post("/api/v1/books/press-sold/reviews", json=words).json()
    brief = {"brief": {"seed": 3, "pages": 24}}
    known = {
        "book": "press-sold",
        "picture_book": shop.by("pat").post("/api/v1/generate/books", json=brief).json()["key"],
        "review": str(waiting["items"][0]["task"]["id"]),
        "license": license_id,
        "opinion": str(opinion["id"]),
        "license_id": license_id,
        "name": "original",
        "job": shop.by("pat").post("/api/v1/jobs", json={}).json()["id"],
        "key": key["id"],
    }
    found = (operation.ok() for operation in schema.get_all_operations())
    operations = [operation for operation in found if not _is_endless(operation)]
    operations.sort(key=lambda one: ((one.method.upper(), one.path) in LAST, "logout" in one.path))
    headers = {who: _headers(shop, who) for who in PEOPLE}
    headers |= {"nobody": {}, "shop": {"Authorization": f"Bearer {key['text']}"}}
    return Described(served, document, operations, known, headers)


def _is_endless(operation: Any) -> bool:
    """Streams of events end when their asker goes: tests of their own read them."""
    answers = operation.definition.raw["responses"].values()
    return any("text/event-stream" in answer.get("content", {}) for answer in answers)


def _headers(shop: DeskShop, who: str) -> dict[str, str]:
    client = shop.by(who)
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    token = client.headers["X-CSRF-Token"]
    own = {"Host": "127.0.0.1:8080", "Sec-Fetch-Site": "same-origin"}  # cookies know their port
    return own | {"Cookie": cookie, "X-CSRF-Token": token}


def _explore(described: Described, examples: int) -> list[str]:
    """The faults of all operations, each with what was sent, and by whom."""
    from schemathesis import GenerationMode

    return [
        f"{operation.label}: {fault}"
        for operation in described.operations
        for mode in GenerationMode
        for fault in _faults(described, operation, mode, examples)
    ]


def _faults(described: Described, operation: Any, mode: Any, examples: int) -> list[str]:
    """What is made up once is sent by each of `WHO`: it costs more than the desk's answers."""
    from schemathesis.core.failures import Failure, FailureGroup

    named = {parameter.name for parameter in operation.path_parameters}
    known = {name: described.known[name] for name in named & described.known.keys()}
    strategy = operation.as_strategy(generation_mode=mode, path_parameters=known or None)
    faults = []

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
        for who in WHO:
            try:
                described.ask(case, who)
            except (FailureGroup, Failure) as error:
                faults.append(f"as {who}: {str(error)[:600]}")

    with contextlib.suppress(Unsatisfiable):  # what has no input can't be asked wrongly
        ask()
    return faults


def test_every_operation_is_described_with_examples_and_errors(described: Described) -> None:
    bare = [
        operation.label
        for operation in described.operations
        if not operation.definition.raw.get("summary")
        or "default" not in operation.definition.raw["responses"]
    ]
    assert [label for label in bare if not label.endswith(("/me", "/status", "lcpl"))] == []


def test_every_body_has_an_example(described: Described) -> None:
    models = described.document["components"]["schemas"]
    for operation in described.operations:
        content = operation.definition.raw.get("requestBody", {}).get("content", {})
        for schema in (kind["schema"] for kind in content.values()):
            model = models.get(schema.get("$ref", "").rpartition("/")[2], {}) | schema
            fields = model.get("properties", {}).values()
            assert model.get("examples") or any("examples" in field for field in fields), operation


def test_every_operation_says_by_what_it_may_be_asked(described: Described) -> None:
    """Who sends nothing is told to sign in wherever the document says so, and nowhere else."""
    told = described.document["components"]["securitySchemes"]
    scopes = {f"{kind}:{action}" for kind, action in vocabulary()}
    for operation in described.operations:
        ways = operation.definition.raw["security"]
        assert {name for way in ways for name in way} <= set(told)
        assert {scope for way in ways for held in way.values() for scope in held} <= scopes
        changes = operation.method.upper() not in ("GET", "HEAD", "OPTIONS")
        assert all(("csrfToken" in way) == changes for way in ways if "session" in way)


def test_nobody_is_told_to_sign_in_where_the_description_says_so(described: Described) -> None:
    with httpx.Client(base_url=described.url, timeout=60) as nobody:
        for operation in described.operations:
            values = {
                one.name: described.known.get(one.name, "x") for one in operation.path_parameters
            }
            status = nobody.request(operation.method, operation.path.format(**values)).status_code
            ways = operation.definition.raw["security"]
            if ways and {} not in ways:
                assert status in (401, 404), operation.label
            else:
                assert status != 401, operation.label


def test_streams_and_sockets_say_what_they_tell(described: Described) -> None:
    document = described.document
    message = {"$ref": "#/components/schemas/WatchMessage"}
    for path in ("/api/v1/events", "/api/v1/jobs/{job}/events"):
        stream = document["paths"][path]["get"]["responses"]["200"]["content"]["text/event-stream"]
        assert stream["schema"]["contentSchema"] == message
    for path in ("/api/v1/events/ws", "/api/v1/jobs/{job}/ws"):
        socket = document["paths"][path]["get"]["responses"]["101"]["content"]["application/json"]
        assert socket["schema"] == message
    assert "WatchMessage" in document["components"]["schemas"]


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_nobody_meets_a_fault_of_ours(described: Described) -> None:
    faults = _explore(described, 5 if THOROUGH else 1)
    assert not faults, "\n".join(faults)
    for who in WHO:
        assert described.answered[who, 2], f"nothing was answered to {who}"
    assert not any(described.unknown[who] for who in PEOPLE)
