"""Files in the landing bucket to books on sale, with ``EBOOK_ENV=aws`` and over HTTP throughout.

Everything of Amazon's is made from the templates, and inspected where it lies. One moto, one run:
the tests read what it left, and judge what it asked for.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import httpx
import pytest

from ebook_pipeline.books.protecting.lcp import license
from ebook_pipeline.books.records import Distribution
from ebook_pipeline.cli.running import book_statuses
from ebook_pipeline.foundation.errors import Damaged
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.measuring.downloads import take_downloads
from ebook_pipeline.services.notifying import confirming
from ebook_pipeline.services.protecting.content_keys import MARKING, ContentKeys, named_secret
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.reporting.status import BookState
from tests.support import secret_search
from tests.support.aws import iam
from tests.support.aws.desk_day import spend_a_day
from tests.support.aws.home import SENDER, SUBMITTER, AwsHome, open_aws_home
from tests.support.aws.moto import REGION
from tests.support.aws.stacks import template
from tests.support.desk import desk_over
from tests.support.homes import CONTACTS
from tests.support.paths import SAMPLES
from tests.support.servers.postgres import rows

pytestmark = [
    pytest.mark.prove,
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:Parameter `owners`"),  # Dagster warns of its own use
    pytest.mark.filterwarnings("ignore::dagster.PreviewWarning"),
    pytest.mark.filterwarnings("ignore::dagster.BetaWarning"),
]

EPUB, PDF, BAD = "fables-choisies", "flatland", "broken-links"
FILES = {EPUB: SAMPLES / f"{EPUB}.epub", PDF: SAMPLES / f"{PDF}.pdf", BAD: SAMPLES / f"{BAD}.epub"}
KMS_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo")
PASSPHRASE = "Moles like rivers: 7 of them"


@pytest.fixture(scope="module")
def aws_home(tmp_path_factory: pytest.TempPathFactory, moto_url: str) -> Iterator[AwsHome]:
    with open_aws_home(tmp_path_factory.mktemp("aws"), moto_url) as aws_home:
        yield aws_home


@pytest.fixture(scope="module")
def sold(aws_home: AwsHome) -> AwsHome:
    """The home after its sensor has found three files, their run has ended, and all was told."""
    for contact in CONTACTS:
        confirming.vouch(aws_home.home.resources.database, "house", contact, 20, actor="eve")
    aws_home.hand_in(*FILES.values())
    with dg.DagsterInstance.get() as instance:
        (request,) = aws_home.tick(instance)
        aws_home.run(instance, request)
        assert aws_home.tick(instance) == []
    aws_home.tell()
    return aws_home


@pytest.fixture(scope="module")
def licensed(sold: AwsHome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader's licence; another one was given and taken away, and the book was off sale once."""
    folder = tmp_path_factory.mktemp("licence")
    (folder / "passphrase").write_text(f"{PASSPHRASE}\n")
    asked = ("license", EPUB, "--reader", "r-17", "--passphrase-from", folder / "passphrase")
    sold.ebooks(*asked, "--out", folder / "l.lcpl")
    (revoked,) = map(json.loads, sold.ebooks(*asked, "--form", "epub", "--json").splitlines()[-1:])
    sold.ebooks("license", "--revoke", revoked["id"])
    sold.ebooks("withdraw", PDF)
    sold.ebooks("release", PDF)
    named_secret(sold.home.resources.database, sold.home.resources.key_vault, MARKING)
    sold.ebooks("rewrap")
    sold.leave_access_log(distribution(sold, EPUB).files[0].path)
    take_downloads(sold.home.resources.database, sold.home.resources.download_log)
    sold.tell()
    return folder / "l.lcpl"


def distribution(aws_home: AwsHome, book: str) -> Distribution:
    found = RecordStore(aws_home.home.resources.object_store).read(
        "cdn_release", book, 1, Distribution
    )
    assert found is not None
    return found


def test_good_books_are_released_and_the_bad_one_is_rejected(sold: AwsHome) -> None:
    found = book_statuses(sold.home.resources).statuses([*FILES])
    states = {one.book: one.state for one in found}
    expected = {EPUB: BookState.RELEASED, PDF: BookState.RELEASED, BAD: BookState.REJECTED}
    assert states == expected, [one.reason for one in found]


def test_manuscripts_are_kept_byte_for_byte_under_their_digest(sold: AwsHome) -> None:
    kept = sold.objects("ObjectsBucket")
    for book, file in FILES.items():
        body = file.read_bytes()
        digest = hashlib.sha256(body).hexdigest()
        assert kept[f"blobs/{digest[:2]}/{digest}"] == body
        folder = f"documents/records/raw_file/{book}/1/"
        records = [body for key, body in kept.items() if key.startswith(folder)]
        assert any(digest.encode() in record for record in records)


def test_nothing_raw_is_at_the_edge_and_nothing_of_a_rejected_book(sold: AwsHome) -> None:
    raw = {hashlib.sha256(file.read_bytes()).hexdigest() for file in FILES.values()}
    delivered = sold.objects("ReleaseBucket")
    assert not raw & {hashlib.sha256(body).hexdigest() for body in delivered.values()}
    assert not [key for key in delivered if BAD in key]
    assert sold.objects("LandingBucket").keys() >= {f"house/{file.name}" for file in FILES.values()}


def test_released_objects_say_what_they_are_and_never_change(sold: AwsHome) -> None:
    delivered = sold.objects("ReleaseBucket")
    for file in (*distribution(sold, EPUB).files, *distribution(sold, PDF).files):
        head = sold.head("ReleaseBucket", file.path)
        assert hashlib.sha256(delivered[file.path]).hexdigest() == file.blob.sha256
        assert head["Metadata"]["sha256"] == file.blob.sha256
        assert head["CacheControl"] == "public, max-age=31536000, immutable"
        assert head["ContentType"] == file.blob.media_type


def test_the_edge_delivers_them_by_signed_url_and_the_preview_to_all(sold: AwsHome) -> None:
    cdn = sold.home.resources.cdn
    for file in distribution(sold, EPUB).files:
        answer = httpx.get(cdn.url(file.path))
        assert hashlib.sha256(answer.content).hexdigest() == file.blob.sha256
        bare = httpx.get(cdn.url(file.path).partition("?")[0]).status_code
        assert bare == (200 if file.path.startswith("public/") else 403)


def test_content_keys_are_wrapped_by_kms_for_their_book_and_edition_alone(sold: AwsHome) -> None:
    wrapped = dict(rows(sold.home.resources.database, "SELECT book, wrapped FROM content_key"))
    assert wrapped.keys() == {EPUB, PDF}
    kms = sold.stack.client("kms")
    for book, blob in wrapped.items():
        told = kms.decrypt(
            CiphertextBlob=bytes(blob), EncryptionContext={"book": book, "edition": "1"}
        )
        assert told["KeyId"].endswith(f":key/{sold.outputs['KmsKeyId']}")
        with pytest.raises(kms.exceptions.InvalidCiphertextException):
            kms.decrypt(CiphertextBlob=bytes(blob), EncryptionContext={"book": BAD, "edition": "1"})


def test_only_pointers_are_invalidated(sold: AwsHome, licensed: Path) -> None:
    paths = set(sold.edge.invalidations())
    assert {f"/public/books/{book}/current.json" for book in (EPUB, PDF)} <= paths
    released = {f"/{one.path}" for book in (EPUB, PDF) for one in distribution(sold, book).files}
    assert not paths & released


def test_the_catalogue_sells_what_the_edge_delivers(sold: AwsHome) -> None:
    found = rows(sold.home.resources.database, "SELECT book, state FROM catalog ORDER BY book")
    assert found == [(EPUB, "live"), (PDF, "live")]
    pointer = httpx.get(sold.home.resources.cdn.url(f"public/books/{EPUB}/current.json")).json()
    assert set(pointer["files"].values()) == {one.path for one in distribution(sold, EPUB).files}


def test_each_event_is_told_once_and_in_the_order_of_its_book(
    sold: AwsHome, licensed: Path
) -> None:
    told = sold.told()
    assert len({one["id"] for one in told}) == len(told)
    of_pdf = [one["type"] for one in told if one["subject"] == PDF and "release" in one["type"]]
    assert [name.rpartition("release.")[2] for name in of_pdf] == ["live", "withdrawn", "live"]


def test_what_cloudfront_says_was_fetched_is_told_and_its_log_taken_away(
    sold: AwsHome, licensed: Path
) -> None:
    query = "SELECT book, payload ->> 'times' FROM outbox WHERE event = 'book.downloaded'"
    assert rows(sold.home.resources.database, query) == [(EPUB, "2")]
    assert sold.objects("EdgeLogBucket") == {}


def test_the_authors_of_both_books_and_the_team_are_written_to_once_each(
    sold: AwsHome, licensed: Path
) -> None:
    sent = [text for text in map(json.dumps, sold.mail()) if SENDER in text]
    for address in CONTACTS:
        assert [text for text in sent if address in text], sent
    assert len(set(sent)) == len(sent)


def test_the_licence_opens_the_book_and_a_changed_one_does_not(
    sold: AwsHome, licensed: Path
) -> None:
    keys = ContentKeys(sold.home.resources.database, sold.home.resources.key_vault)
    user_key = license.passphrase_hash(PASSPHRASE)
    assert license.unlock(licensed.read_bytes(), user_key) == keys.for_edition(EPUB, 1).key
    document = json.loads(licensed.read_bytes())
    document["rights"] = {"print": 9999}
    with pytest.raises(Damaged, match="not what its provider signed"):
        license.unlock(json.dumps(document).encode(), user_key)


def test_the_pipeline_s_policy_allows_every_call_and_names_no_action_in_vain(
    sold: AwsHome, licensed: Path
) -> None:
    policy = attached(sold, "PipelineRole")
    needed = [
        need
        for call in sold.proxy.calls
        if call.who != SUBMITTER
        for need in iam.needs(call, REGION)
    ]
    assert [need for need in needed if not iam.allows(policy, need)] == []
    called = {need.action for need in needed}
    assert iam.actions(policy) - called == explained("PipelinePolicy") - called
    assert len(called) > 6


def test_the_deliverer_s_policy_is_enough_to_tell_events(sold: AwsHome) -> None:
    before = len(sold.proxy.calls)
    for change in (releases.withdraw, releases.release):
        change(sold.home.resources.database, EPUB, actor="eve")
        sold.tell("event_deliveries")
    policy = attached(sold, "DelivererRole")
    needed = [need for call in sold.proxy.calls[before:] for need in iam.needs(call, REGION)]
    assert [need for need in needed if not iam.allows(policy, need)] == []
    called = {need.action for need in needed}
    assert iam.actions(policy) - called == explained("DelivererPolicy")


def test_submitters_may_hand_in_and_nothing_else(sold: AwsHome) -> None:
    policy, landing = attached(sold, "SubmitterRole"), sold.outputs["LandingBucket"]
    handed_in = [call for call in sold.proxy.calls if call.who == SUBMITTER]
    needed = [need for call in handed_in for need in iam.needs(call, REGION)]
    assert {need.action for need in needed} == {"s3:PutObject"}
    assert [need for need in needed if not iam.allows(policy, need)] == []
    for action in ("s3:GetObject", "s3:DeleteObject"):
        assert not iam.allows(policy, iam.Need(action, f"arn:aws:s3:::{landing}/house/{EPUB}.epub"))
    for key in ("emma.epub", "ann/emma.epub", "houses/emma.epub"):
        assert not iam.allows(policy, iam.Need("s3:PutObject", f"arn:aws:s3:::{landing}/{key}"))


def test_the_release_bucket_answers_its_own_distribution_alone(sold: AwsHome) -> None:
    policy = sold.stack.resolved["ReleaseBucketPolicy"]["PolicyDocument"]
    file = f"arn:aws:s3:::{sold.outputs['ReleaseBucket']}/{distribution(sold, EPUB).files[0].path}"
    arn = f"arn:aws:cloudfront::{iam.ACCOUNT}:distribution/"
    ours = {"AWS:SourceArn": f"{arn}{sold.outputs['CloudfrontDistributionId']}"}
    others = {"AWS:SourceArn": f"{arn}EOTHERS"}
    assert iam.allows(policy, iam.Need("s3:GetObject", file, ours))
    assert not iam.allows(policy, iam.Need("s3:GetObject", file, others))
    assert not iam.allows(policy, iam.Need("s3:PutObject", file, ours))
    bare = ours | {"aws:SecureTransport": "false"}
    assert not iam.allows(policy, iam.Need("s3:GetObject", file, bare))


def test_only_the_pipeline_uses_the_key_and_only_for_what_it_names(sold: AwsHome) -> None:
    policy = attached(sold, "PipelineRole")
    key = f"arn:aws:kms:{REGION}:{iam.ACCOUNT}:key/{sold.outputs['KmsKeyId']}"
    bound = {"kms:EncryptionContext:book": EPUB, "kms:EncryptionContext:edition": "1"}
    assert iam.allows(policy, iam.Need("kms:Decrypt", key, bound))
    for name, value, may in (
        ("license", "l", True),
        ("house_key", "marking", True),
        ("house_key", "other", False),
        ("book", EPUB, False),
    ):
        context = {f"kms:EncryptionContext:{name}": value}
        assert iam.allows(policy, iam.Need("kms:GenerateDataKey", key, context)) is may
    assert not iam.allows(policy, iam.Need("kms:Decrypt", key))
    assert not iam.allows(policy, iam.Need("kms:Decrypt", key.replace(":key/", ":key/x"), bound))
    assert not iam.allows(policy, iam.Need("kms:ScheduleKeyDeletion", key, bound))


def test_nothing_that_is_left_anywhere_holds_a_secret_or_opens_a_book(
    sold: AwsHome, licensed: Path
) -> None:
    """Files, logs, rows of both databases, objects, their metadata, events, mail."""
    resources = sold.home.resources
    key = ContentKeys(resources.database, resources.key_vault).for_edition(EPUB, 1).key
    user_key = license.passphrase_hash(PASSPHRASE)
    secrets = [PASSPHRASE.encode(), user_key.reveal(), key.reveal(), *sold.secrets]
    places = dict(secret_search.left_behind(sold.home))
    places |= dict(secret_search.left_at_amazon(sold))
    assert {"table license", "table event_logs", "logs/everything.log", "sqs"} <= places.keys()
    assert secret_search.holding(places, secrets) == []
    assert secret_search.signed_urls(places) == []
    url = resources.cdn.url(distribution(sold, EPUB).files[0].path).encode()
    assert secret_search.signed_urls({"here": url}) == ["here"]


def test_the_desks_policy_and_the_keys_allow_every_call_and_name_no_action_in_vain(
    sold: AwsHome, licensed: Path
) -> None:
    before = len(sold.proxy.calls)
    with desk_over(sold.home.resources) as desk:
        spend_a_day(sold, desk, sold=EPUB, rejected=BAD)
    policy, key = attached(sold, "DeskRole"), used_by(sold, "DeskRole")
    needed = [need for call in sold.proxy.calls[before:] for need in iam.needs(call, REGION)]
    assert [need for need in needed if not iam.allows(policy, need)] == []
    assert [need for need in needed if need.action.startswith("kms:") and not key(need)] == []
    called = {need.action for need in needed}
    assert iam.actions(policy) - called == explained("DeskPolicy") - called


def test_the_desk_makes_no_content_key_and_releases_nothing(sold: AwsHome) -> None:
    policy, release = attached(sold, "DeskRole"), sold.outputs["ReleaseBucket"]
    key = f"arn:aws:kms:{REGION}:{iam.ACCOUNT}:key/{sold.outputs['KmsKeyId']}"
    bound = {"kms:EncryptionContext:book": EPUB, "kms:EncryptionContext:edition": "1"}
    assert iam.allows(policy, iam.Need("kms:Decrypt", key, bound))
    assert not iam.allows(policy, iam.Need("kms:GenerateDataKey", key, bound))
    assert not iam.allows(policy, iam.Need("s3:PutObject", f"arn:aws:s3:::{release}/public/x"))


def test_the_key_answers_each_role_for_what_its_own_policy_names(sold: AwsHome) -> None:
    for role in ("PipelineRole", "DeskRole", "DelivererRole"):
        policy, key = attached(sold, role), used_by(sold, role)
        named = {action for action in iam.actions(policy) if action.startswith("kms:")}
        assert {action for action in KMS_ACTIONS if key(iam.Need(action, "*"))} == named
    assert not used_by(sold, "SubmitterRole")(iam.Need("kms:Decrypt", "*"))


def explained(policy: str) -> set[str]:
    """The actions of which a template says when they are called."""
    return set(template("books.yaml")["Resources"][policy]["Metadata"]["NotInEveryRun"])


def attached(aws_home: AwsHome, role: str) -> dict[str, object]:
    """The one policy of a role, as the stack has made it."""
    client, name = aws_home.stack.client("iam"), aws_home.outputs[role].rpartition("/")[2]
    (policy,) = client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    version = client.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
    found = client.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)
    return dict(found["PolicyVersion"]["Document"])


def used_by(aws_home: AwsHome, role: str) -> Callable[[iam.Need], bool]:
    """Whether the key's own policy lets this role do it: both policies must."""
    kms, key = aws_home.stack.client("kms"), aws_home.outputs["KmsKeyId"]
    document: Any = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    who = {"aws:PrincipalArn": aws_home.outputs[role]}
    return lambda need: iam.allows(document, replace(need, context={**need.context, **who}))
