"""Who verifies a shop's edge, what was found, and how an edge lies."""

import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from ebook_pipeline.services.verifying.edge_repair import EdgeRepairer
from ebook_pipeline.services.verifying.verification import VerificationRun, Verifier
from tests.support.servers.edge import ProxiedShop
from tests.support.servers.faulty_proxy import Answer, Call, Fault, whenever
from tests.support.servers.postgres import rows

CONTENT = ["publication", "cover", "pointer"]


@pytest.fixture
def verifier(shop: ProxiedShop) -> Iterator[Verifier]:
    made = Verifier(shop.database, shop.cdn, seconds=2.0)
    yield made
    made.close()


@pytest.fixture
def mending(shop: ProxiedShop, tmp_path: Path) -> Iterator[Verifier]:
    repairer = EdgeRepairer(shop.database, shop.cdn, shop.store, tmp_path / "scratch")
    made = Verifier(shop.database, shop.cdn, seconds=2.0, repairer=repairer)
    yield made
    made.close()


def rules(found: VerificationRun) -> set[tuple[str, str]]:
    return {(fault.asked, fault.rule) for book in found.books for fault in book.faults}


def events(shop: ProxiedShop) -> list[tuple[object, ...]]:
    query = "SELECT event, book, payload ->> 'point', payload ->> 'everything' FROM outbox"
    return rows(shop.database, f"{query} WHERE event LIKE 'edge.%' ORDER BY id")


def of_the_book(fault: Fault) -> Callable[[Call], Fault | None]:
    return whenever(lambda call: call.path.startswith("/books/") and bool(call.query), fault)


def answering(change: Callable[[Answer], Answer]) -> Fault:
    return lambda exchange: exchange.send(change(exchange.forward()))


def other_bytes(answer: Answer) -> Answer:
    return answer._replace(body=bytes(reversed(answer.body)))


def longer(answer: Answer) -> Answer:
    return answer._replace(body=answer.body + b"!")


def uncached(answer: Answer) -> Answer:
    told = [(n, v) for n, v in answer.headers if n.lower() != "cache-control"]
    return answer._replace(headers=told)


def aged(seconds: str, answer: Answer) -> Answer:
    """An older answer, as a cache gives it."""
    return Answer(200, [("Age", seconds)], answer.body + b" ")


def dated(seconds: float, status: int | None = None) -> Callable[[Answer], Answer]:
    def change(answer: Answer) -> Answer:
        kept = [(n, v) for n, v in answer.headers if n.lower() != "date"]
        date = ("Date", formatdate(time.time() + seconds, usegmt=True))
        return Answer(status or answer.status, [*kept, date], answer.body)

    return change


def shared(answer: Answer) -> Answer:
    """As a distribution hands it on that lacks the policy for signed files."""
    told = [(n, v.replace("private", "public")) for n, v in answer.headers]
    return answer._replace(headers=told)
