"""A landing folder and a landing bucket, and somebody who puts files there."""

import os
import time
from pathlib import Path

from mypy_boto3_s3 import S3Client

from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.resources.landing import LandingBucket, LandingFolder
from ebook_pipeline.resources.landing_arrivals import Arrival


class FolderCase:
    """A landing folder, and somebody who puts files there that rest already."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.landing = LandingFolder(folder, quiet_seconds=3)

    def put(self, key: str, body: bytes = b"book", age: float = 60) -> None:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        os.utime(path, (time.time() - age,) * 2)

    def remove(self, key: str) -> None:
        (self.folder / key).unlink()


class BucketCase:
    """A landing bucket, and somebody who puts objects there."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self.s3, self.bucket = s3, bucket
        self.landing = LandingBucket(s3, bucket)

    def put(self, key: str, body: bytes = b"book") -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def remove(self, key: str) -> None:
        self.s3.delete_object(Bucket=self.bucket, Key=key)


def keys(case: FolderCase | BucketCase) -> list[str]:
    return [arrival.key for arrival in case.landing.arrivals() if arrival.refusal is None]


def refusals(case: FolderCase | BucketCase) -> list[Finding]:
    found = (arrival.refusal for arrival in case.landing.arrivals())
    return [refusal for refusal in found if refusal is not None]


def only(case: FolderCase | BucketCase) -> Arrival:
    (arrival,) = case.landing.arrivals()
    return arrival
