"""Amazon and the network fail in every way and at every call; asked again, all is as it should be.

Nothing is lost, nothing is half published, nobody is told twice. The selling half of the chain is
repeated from one snapshot: its database is a copy, its records and releases are cleared.
"""

import gc
import hashlib
import json
import uuid
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.assets.book_batches import book_batch
from ebook_pipeline.cli.running import book_statuses
from ebook_pipeline.execution import Batch
from ebook_pipeline.jobs.ingest import RELEASE_STAGES
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.delivering import dispatch
from ebook_pipeline.services.delivering.worker import DeliveryLimits
from ebook_pipeline.services.intake import arrivals
from ebook_pipeline.services.reporting.status import BookState, BookStatus
from tests.support.aws.home import AwsHome, open_aws_home
from tests.support.aws.moto import REGION
from tests.support.corpus import THOROUGH
from tests.support.in_process import tools
from tests.support.paths import SAMPLES
from tests.support.servers.faulty_proxy import (
    Exchange,
    Plan,
    cut,
    down_after,
    first,
    is_call,
    never_arrived,
    now_and_then,
    refused,
    slow,
    unheard,
    whenever,
)
from tests.support.servers.postgres import rows
from tests.support.servers.used_databases import run

pytestmark = [
    pytest.mark.prove,
    pytest.mark.browser,
    pytest.mark.timeout(600),
    # boto3 closes the connections of a client when it is collected, and each test has its own.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

BOOK = "fables-choisies"
DOWN = refused(500, "InternalError")
FAULTS = (DOWN, refused(503, "SlowDown"), never_arrived, unheard, cut)


@dataclass
class Seller:
    """A home on AWS with a book that waits to be released, and how patient its run is."""

    aws_home: AwsHome
    resources: Resources
    patience: float = 0.0

    def run(self, *, stages: tuple[str, ...] = RELEASE_STAGES) -> None:
        """Ask for the book's stages once."""
        context = book_batch(self.resources, lambda _: None, str(uuid.uuid4()))
        context = replace(context, keep_trying_seconds=self.patience)
        list(Batch(BOOK_CHAIN, context, [BOOK], selected=stages))

    @property
    def status(self) -> BookStatus:
        (status,) = book_statuses(self.resources).statuses([BOOK])
        return status

    def tell(self, *, hours: int = 0) -> None:
        """Every event to every subscriber, as the daemon's sensor does, or will so much later."""
        listening = dispatch.subscribers(self.resources)
        terms = DeliveryLimits(clock=lambda: datetime.now(UTC) + timedelta(hours=hours))
        dispatch.deliver(self.resources.database, listening, terms)

    def under(self, plan: Plan) -> BookStatus:
        """A run, and the telling of it, during which this goes wrong."""
        with self.aws_home.proxy.failing(plan):
            self.run()
            self.tell()
        return self.status


ALONE = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'ebooks'"
"""A database that anybody is in, with a run's lock say, is nobody's template."""


@pytest.fixture(scope="module", autouse=True)
def _collected() -> Iterator[None]:
    """What botocore left of connections that broke is collected here, not in another's test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="module")
def aws_home(tmp_path_factory: pytest.TempPathFactory, moto_url: str) -> Iterator[AwsHome]:
    with open_aws_home(tmp_path_factory.mktemp("faults"), moto_url) as aws_home:
        run(aws_home.postgres, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield aws_home


@pytest.fixture(scope="module")
def snapshot(aws_home: AwsHome) -> AwsHome:
    """The book has landed and passed quality while one call in eight failed; it is not for sale."""
    aws_home.hand_in(SAMPLES / f"{BOOK}.epub")
    resources = aws_home.home.resources
    arrivals.submit_arrivals(resources.database, resources.landing_store, actor="eve", most=9)
    chain = BOOK_CHAIN.names[: BOOK_CHAIN.names.index(RELEASE_STAGES[0])]
    seller = Seller(aws_home, resources, patience=60)
    with aws_home.proxy.failing(now_and_then(7, 0.12, FAULTS)):
        seller.run(stages=chain)
        assert aws_home.proxy.struck >= 3
    assert seller.status.stage == chain[-1], seller.status.reason
    resources.database.close()
    return aws_home


@pytest.fixture
def seller(snapshot: AwsHome) -> Iterator[Seller]:
    """A run that is not patient at all, over the snapshot; boto3 asks once and no more."""
    name = f"faults_{uuid.uuid4().hex}"
    snapshot.home.resources.database.close()
    run(snapshot.postgres, ALONE, f"CREATE DATABASE {name} TEMPLATE ebooks STRATEGY file_copy")
    clear(snapshot)
    yield Seller(snapshot, impatient(snapshot, name))
    run(snapshot.postgres, f"DROP DATABASE {name} WITH (FORCE)")


def impatient(aws_home: AwsHome, database: str, **how: float) -> Resources:
    """Resources over another database, of which each call is made once and no more."""
    made = Resources(
        aws_home.home.settings,
        database=Database(aws_home.postgres.url(database), vault=aws_home.home.resources.key_vault),
        **tools(aws_home.home.settings),
    )
    vars(made)["_aws"] = one_of_each(aws_home.proxy.url, **how)
    return made


@cache
def one_of_each(url: str, **how: Any) -> Aws:
    """Clients that ask once, each made once: to make one takes longer than a stage."""
    aws = Aws(REGION, url, attempts=1, **how)
    for name in ("s3", "kms", "cloudfront", "ses", "sns"):
        object.__setattr__(aws, name, cache(getattr(aws, name)))
    return aws


def clear(aws_home: AwsHome) -> None:
    """Nothing is released, no stage of the selling half has a record, nobody was told."""
    s3 = aws_home.stack.client("s3")
    for output, prefixes in {
        "ReleaseBucket": [""],
        "ObjectsBucket": [f"documents/records/{stage}/" for stage in RELEASE_STAGES],
    }.items():
        for prefix in prefixes:
            bucket = aws_home.outputs[output]
            for one in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
                s3.delete_object(Bucket=bucket, Key=one["Key"])
    aws_home.told()


def assert_as_if_nothing_was(seller: Seller) -> None:
    """One release, whole; one event of it; a pointer that says what the catalogue says."""
    aws_home, database = seller.aws_home, seller.resources.database
    for hours in (1, 2, 3):  # what a subscriber refused is offered again, later and later
        seller.tell(hours=hours)
    assert rows(database, "SELECT state FROM catalog") == [("live",)]
    assert rows(database, "SELECT count(*) FROM release") == [(1,)]
    assert rows(database, "SELECT count(*) FROM content_key") == [(1,)]
    ((distribution,),) = rows(database, "SELECT distribution FROM release")
    files = {one["path"]: one["blob"]["sha256"] for one in distribution["files"]}
    delivered = aws_home.objects("ReleaseBucket")
    immutable = {key: body for key, body in delivered.items() if not key.endswith("current.json")}
    assert {key: hashlib.sha256(body).hexdigest() for key, body in immutable.items()} == files
    (pointer,) = delivered.keys() - immutable.keys()
    assert set(json.loads(delivered[pointer])["files"].values()) == files.keys()
    left = aws_home.stack.client("s3").list_multipart_uploads(
        Bucket=aws_home.outputs["ReleaseBucket"]
    )
    assert left.get("Uploads", []) == []
    told = Counter(event["type"].rpartition("release.")[2] for event in aws_home.told())
    assert told["live"] == 1


def test_without_a_fault_a_release_is_whole_and_told_once(seller: Seller) -> None:
    assert seller.under(lambda _: None).state is BookState.RELEASED
    assert_as_if_nothing_was(seller)


PART = 9
"""One call in so many is lost where not each of them is asked for by THOROUGH."""


def test_at_whichever_change_amazon_goes_down_a_second_run_finishes(
    snapshot: AwsHome, seller: Seller
) -> None:
    """Each call that changes something is done, its answer is lost, and no later one is answered.

    Where a call that only reads is the first to fail, what stands is what stood after the change
    before it: those cases are the same.
    """
    seller.under(lambda _: None)
    changes = [call.number for call in snapshot.proxy.planned if call.method not in ("GET", "HEAD")]
    assert len(changes) > 10
    tried = changes if THOROUGH else sorted({*changes[::PART], changes[-1]})
    states = []
    for number in tried:
        seller = start_again(snapshot, seller)
        states.append(seller.under(down_after(number, DOWN)).state)
        on_sale = rows(seller.resources.database, "SELECT count(*) FROM catalog")
        assert on_sale == [(1,)] or states[-1] is BookState.FAILED
        seller.run()
        assert_as_if_nothing_was(seller)
    assert {BookState.FAILED, BookState.RELEASED} == set(states)


def start_again(aws_home: AwsHome, seller: Seller) -> Seller:
    """The snapshot anew, in the same database's name."""
    ((name,),) = rows(seller.resources.database, "SELECT current_database()")
    seller.resources.database.close()
    run(
        aws_home.postgres,
        f"DROP DATABASE {name} WITH (FORCE)",
        ALONE,
        f"CREATE DATABASE {name} TEMPLATE ebooks STRATEGY file_copy",
    )
    clear(aws_home)
    return Seller(aws_home, impatient(aws_home, str(name)))


def test_a_fault_at_one_call_in_twelve_is_outlasted_by_one_patient_run(seller: Seller) -> None:
    seller.patience = 60
    status = seller.under(now_and_then(11, 0.08, FAULTS))
    assert seller.aws_home.proxy.struck >= 2
    assert status.state is BookState.RELEASED, status.reason
    assert_as_if_nothing_was(seller)


@pytest.mark.parametrize("code", ["DisabledException", "AccessDeniedException"])
def test_without_its_key_a_book_waits_and_its_reason_says_so(seller: Seller, code: str) -> None:
    status = seller.under(whenever(is_call("kms"), refused(400, code)))
    assert (status.state, status.stage) == (BookState.FAILED, "drm_package")
    assert code in status.reason
    assert seller.aws_home.objects("ReleaseBucket") == {}
    seller.under(lambda _: None)
    assert_as_if_nothing_was(seller)


def test_throttling_by_kms_is_outlasted(seller: Seller) -> None:
    seller.patience = 30
    plan = first(3, is_call("kms"), refused(400, "ThrottlingException"))
    assert seller.under(plan).state is BookState.RELEASED
    assert_as_if_nothing_was(seller)


def test_a_wrong_clock_is_said_and_a_clock_that_is_set_right_meanwhile_outlasted(
    seller: Seller,
) -> None:
    skewed = refused(403, "RequestTimeTooSkewed", "The difference is too large.")
    status = seller.under(whenever(is_call("s3"), skewed))
    assert status.state is BookState.FAILED
    assert "clock" in status.reason
    seller.patience = 30
    assert seller.under(first(3, is_call("s3"), skewed)).state is BookState.RELEASED
    assert_as_if_nothing_was(seller)


def test_an_answer_that_does_not_come_is_given_up_and_asked_for_again(
    snapshot: AwsHome, seller: Seller
) -> None:
    ((name,),) = rows(seller.resources.database, "SELECT current_database()")
    hasty = Seller(snapshot, impatient(snapshot, str(name), read_seconds=0.5), patience=30)
    plan = first(2, is_call("s3", "PUT"), slow(1.5))
    assert hasty.under(plan).state is BookState.RELEASED
    assert_as_if_nothing_was(hasty)


def test_a_restart_of_postgres_between_publishing_and_selling_is_outlasted(
    snapshot: AwsHome, seller: Seller
) -> None:
    def restart(exchange: Exchange) -> None:
        answer = exchange.forward()
        snapshot.postgres.stop()
        snapshot.postgres.start()
        exchange.send(answer)

    seller.patience = 60
    plan = first(1, is_call("s3", "PUT", snapshot.outputs["ReleaseBucket"]), restart)
    assert seller.under(plan).state is BookState.RELEASED
    assert_as_if_nothing_was(seller)


def test_each_event_is_told_once_though_the_topic_s_answers_were_lost(seller: Seller) -> None:
    seller.under(first(3, is_call("sns"), unheard))
    assert_as_if_nothing_was(seller)
