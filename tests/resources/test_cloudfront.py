"""What CloudFront alone does: invalidations, versions, signatures, distributions."""

import base64
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1

from ebook_pipeline.resources.cdn import CloudFrontCdn
from tests.support.aws.cdn import EPUB, PATH, book, cloudfront, distribution, private_key

__all__ = ["book", "cloudfront", "distribution", "private_key"]


def invalidations(cdn: CloudFrontCdn) -> list[str]:
    listed = cdn.cloudfront.list_invalidations(DistributionId=cdn.distribution_id)
    ids = [item["Id"] for item in listed["InvalidationList"].get("Items", [])]
    batches = [
        cdn.cloudfront.get_invalidation(DistributionId=cdn.distribution_id, Id=each) for each in ids
    ]
    return [
        path
        for batch in batches
        for path in batch["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]
    ]


def test_only_pointers_and_removals_are_invalidated(cloudfront: CloudFrontCdn, book: Path) -> None:
    cloudfront.publish("books/a/1/a.epub", book, EPUB)
    assert invalidations(cloudfront) == []
    cloudfront.point("books/a/current.json", b"1", "application/json")
    cloudfront.remove("books/a/1/a.epub")
    assert sorted(invalidations(cloudfront)) == ["/books/a/1/a.epub", "/books/a/current.json"]


def test_a_purge_leaves_no_version_and_no_delete_marker(
    cloudfront: CloudFrontCdn, book: Path
) -> None:
    """A removal only hides what a versioned bucket has; neighbours whose names go on stay."""
    s3, bucket = cloudfront.s3, cloudfront.bucket
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    pointer = "books/gone/current.json"
    for body in (b"1", b"2"):
        cloudfront.point(pointer, body, "application/json")
    cloudfront.point(f"{pointer}.old", b"3", "application/json")
    cloudfront.remove(pointer)
    cloudfront.purge(pointer)
    cloudfront.purge(pointer)
    kept = s3.list_object_versions(Bucket=bucket, Prefix=pointer)
    assert [one["Key"] for one in kept.get("Versions", ())] == [f"{pointer}.old"]
    assert kept.get("DeleteMarkers", []) == []
    cloudfront.purge(f"{pointer}.old")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


def test_s3_keeps_type_caching_and_checksum(cloudfront: CloudFrontCdn, book: Path) -> None:
    cloudfront.publish(PATH, book, EPUB)
    head = cloudfront.s3.head_object(Bucket=cloudfront.bucket, Key=PATH, ChecksumMode="ENABLED")
    assert head["ContentType"] == EPUB
    assert head["CacheControl"] == "public, max-age=31536000, immutable"
    assert head["ChecksumSHA256"]


def test_cloudfronts_signature_is_by_the_key_over_the_canned_policy(
    cloudfront: CloudFrontCdn, private_key: rsa.RSAPrivateKey
) -> None:
    url = cloudfront.url(PATH)
    query = {name: value[0] for name, value in parse_qs(urlsplit(url).query).items()}
    assert query["Key-Pair-Id"] == "K123"
    policy = (
        f'{{"Statement":[{{"Resource":"{url.partition("?")[0]}","Condition":'
        f'{{"DateLessThan":{{"AWS:EpochTime":{query["Expires"]}}}}}}}]}}'
    )
    signature = query["Signature"].translate(str.maketrans("-_~", "+=/"))
    private_key.public_key().verify(
        base64.b64decode(signature), policy.encode(), PKCS1v15(), SHA1()
    )


def test_the_private_key_is_in_no_repr(cloudfront: CloudFrontCdn) -> None:
    assert "PRIVATE KEY" not in repr(cloudfront)
    assert "<secret>" in repr(cloudfront)


def test_a_distribution_says_whether_it_is_enabled_and_deployed(cloudfront: CloudFrontCdn) -> None:
    asked = {"Id": cloudfront.distribution_id}
    while not cloudfront.health().settled:  # moto deploys when it is asked
        time.sleep(0.01)
    assert cloudfront.health() == (True, True, "enabled, Deployed")
    answer = cloudfront.cloudfront.get_distribution_config(**asked)
    off = answer["DistributionConfig"] | {"Enabled": False}
    cloudfront.cloudfront.update_distribution(
        **asked, DistributionConfig=off, IfMatch=answer["ETag"]
    )
    assert not cloudfront.health().serves


def test_caches_are_told_to_forget_what_was_repaired(cloudfront: CloudFrontCdn) -> None:
    cloudfront.refresh("books/a/1/a.epub")
    assert invalidations(cloudfront) == ["/books/a/1/a.epub"]
