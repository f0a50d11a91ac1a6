"""Where manuscripts arrive: a folder of this machine or a bucket. Nothing here is ever changed.

A file ``<file>.json`` beside ``<file>`` is its sidecar: what the submitter says of the book.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from ebook_pipeline.books.describing.sidecar import LARGEST_SIDECAR, parse_claims
from ebook_pipeline.books.owning.landing_keys import SIDECAR, is_passed_over
from ebook_pipeline.books.records import Claims, Record
from ebook_pipeline.foundation.errors import NotFound, ServiceError, Unavailable
from ebook_pipeline.resources import beneath, disk
from ebook_pipeline.resources.aws import aws_errors
from ebook_pipeline.resources.landing_arrivals import (
    Arrival,
    FoundFile,
    arrival_of,
    arrivals_of,
    joined_version,
    refused_arrival,
)
from ebook_pipeline.resources.landing_folder_walk import FolderWalk, version_of
from ebook_pipeline.resources.landing_names import unusable
from ebook_pipeline.resources.verified_streams import CHUNK, BodyStream, appearing

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectsV2OutputTypeDef, TagTypeDef

TAKEN: "TagTypeDef" = {"Key": "ebooks", "Value": "taken"}
"""The tag of an object whose bytes are kept elsewhere: the bucket's rule lets it go."""


class ArrivalChanged(ServiceError):
    """The file is another one than the arrival says: list again and take the new one."""

    retryable = True


class LandingPart(Record):
    """Some of a landing store; `after` is where the next part begins, and unset at the end."""

    arrivals: tuple[Arrival, ...]
    after: str | None = None


class LandingStore(Protocol):
    """Safe for many threads; every method may raise ServiceErrors."""

    @property
    def shared(self) -> bool:
        """Whether others than this machine's users put files here, each into their own folder."""
        ...

    def arrivals(self) -> Iterator[Arrival]:
        """Files that nobody is writing any more, sorted by key; sidecars are no arrivals.

        What can't be taken comes first, with its refusal: one file is never another's problem.
        """
        ...

    def part(self, after: str) -> "LandingPart":
        """Some files behind the key `after`, in order: where all of them are too many at once."""
        ...

    def arrival(self, key: str) -> Arrival:
        """What lies there now, whether it rests or not; NotFound, ServiceError."""
        ...

    def mark_taken(self, arrival: Arrival) -> None:
        """Note beside the file, if it is still that version, that its bytes are kept elsewhere.

        A bucket lets go of such files by its rules; a folder is its owner's, and is not touched.
        """
        ...

    def fetch(self, arrival: Arrival, target: Path) -> Path:
        """A copy of exactly that version as `target`; ArrivalChanged, NotFound."""
        ...

    def claims(self, arrival: Arrival) -> Claims:
        """What the sidecar of that version says; ArrivalChanged, BookError."""
        ...

    def uri(self, key: str) -> str:
        """Where the file is, for people and records."""
        ...


class LandingFolder:
    """Files at any depth of `folder` that were not written to for `quiet_seconds`.

    Symbolic links below `folder` are passed over, whether they are files or folders.
    """

    shared = False

    def __init__(self, folder: Path, quiet_seconds: float) -> None:
        self._folder = folder
        self._quiet_seconds = quiet_seconds

    def arrivals(self) -> Iterator[Arrival]:
        walk = FolderWalk(self._folder, self._quiet_seconds)
        with disk.disk_errors(f"landing folder {self._folder}"):
            walk.run()
        return chain(walk.refused, arrivals_of(walk.found))

    def part(self, after: str) -> LandingPart:
        files = (arrival for arrival in self.arrivals() if arrival.refusal or arrival.key > after)
        return LandingPart(arrivals=tuple(files))

    def mark_taken(self, arrival: Arrival) -> None:
        """Nothing: what lies in the folder is its owner's."""

    def arrival(self, key: str) -> Arrival:
        with disk.disk_errors(f"landing file {key}"):
            book = beneath.status(self._folder, key)
            sidecar = beneath.status(self._folder, key + SIDECAR)
        if book is None or not stat.S_ISREG(book.st_mode):
            raise NotFound(f"landing file {key}: it is gone")
        found = FoundFile(version_of(book), book.st_size)
        return arrival_of(key, found, version_of(sidecar) if sidecar else None)

    def fetch(self, arrival: Arrival, target: Path) -> Path:
        with (
            disk.disk_errors(f"landing file {arrival.key}"),
            beneath.open_file(self._folder, arrival.key) as source,
        ):
            self._check(arrival, os.fstat(source.fileno()))
            with appearing(target) as copy:
                shutil.copyfileobj(source, copy, CHUNK)
                self._check(arrival, os.fstat(source.fileno()))
        return target

    def claims(self, arrival: Arrival) -> Claims:
        if arrival.sidecar is None:
            return Claims()
        with disk.disk_errors(f"sidecar {arrival.sidecar}"):
            self._check(arrival, beneath.status(self._folder, arrival.key))
            with beneath.open_file(self._folder, arrival.sidecar) as stream:
                body = stream.read(LARGEST_SIDECAR + 1)
            self._check(arrival, beneath.status(self._folder, arrival.key))
        return parse_claims(body, arrival.sidecar)

    def uri(self, key: str) -> str:
        return (self._folder.absolute() / key).as_uri()

    def _check(self, arrival: Arrival, book: os.stat_result | None) -> None:
        """`book` and the sidecar beside it are those of the arrival."""
        sidecar = beneath.status(self._folder, arrival.key + SIDECAR)
        if book is None:
            raise NotFound(f"landing file {arrival.key}: it is gone")
        if (
            joined_version(version_of(book), version_of(sidecar) if sidecar else None)
            != arrival.version
        ):
            raise ArrivalChanged(f"landing file {arrival.key} is another one by now")


class LandingBucket:
    """Objects of one bucket; S3 shows them only when they are whole."""

    shared = True

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def arrivals(self) -> Iterator[Arrival]:
        with aws_errors(f"landing bucket {self._bucket}"):
            files = dict(self._list())
        refusals = {key: refusal for key in files if (refusal := unusable(key))}
        refused = [refused_arrival(key, refusal) for key, refusal in refusals.items()]
        usable = {key: file for key, file in files.items() if key not in refusals}
        return chain(refused, arrivals_of(usable))

    def part(self, after: str) -> LandingPart:
        """At most a thousand objects. A sidecar that the next part begins with is asked for."""
        with aws_errors(f"landing bucket {self._bucket}"):
            page = self._client.list_objects_v2(Bucket=self._bucket, StartAfter=after)
        listed = [item["Key"] for item in page.get("Contents", [])]
        last = listed[-1] if listed and page["IsTruncated"] else None
        usable = {key: found for key, found in _meant(page) if unusable(key) is None}
        refused = [
            refused_arrival(key, refusal) for key, _ in _meant(page) if (refusal := unusable(key))
        ]
        whole = [
            self.arrival(arrival.key)
            if last is not None and arrival.sidecar is None and arrival.key + SIDECAR > last
            else arrival
            for arrival in arrivals_of(usable)
        ]
        return LandingPart(arrivals=(*refused, *whole), after=last)

    def mark_taken(self, arrival: Arrival) -> None:
        """Tag that very version of the object, so that a rule of the bucket lets it go."""
        what = f"landing object {arrival.key}"
        with aws_errors(what):
            head = self._client.head_object(Bucket=self._bucket, Key=arrival.key)
            if _stamp(head["ETag"], head["LastModified"]) != arrival.version.partition("+")[0]:
                return
            version: Any = {"VersionId": head["VersionId"]} if "VersionId" in head else {}
            self._client.put_object_tagging(
                Bucket=self._bucket, Key=arrival.key, Tagging={"TagSet": [TAKEN]}, **version
            )

    def arrival(self, key: str) -> Arrival:
        with aws_errors(f"landing object {key}"):
            head = self._client.head_object(Bucket=self._bucket, Key=key)
        found = FoundFile(_stamp(head["ETag"], head["LastModified"]), head["ContentLength"])
        return arrival_of(key, found, self._sidecar_stamp(key))

    def fetch(self, arrival: Arrival, target: Path) -> Path:
        self._check(arrival)
        what = f"landing object {arrival.key}"
        with aws_errors(what):
            answer = self._client.get_object(Bucket=self._bucket, Key=arrival.key)
        if _stamp(answer["ETag"], answer["LastModified"]) != arrival.version.partition("+")[0]:
            answer["Body"].close()
            raise ArrivalChanged(f"{what} is another one by now")
        with (
            disk.disk_errors(what),
            BodyStream(answer["Body"], what) as source,
            appearing(target) as copy,
        ):
            shutil.copyfileobj(source, copy, CHUNK)
            if copy.tell() != answer["ContentLength"]:
                raise Unavailable(f"{what}: the answer ended early")
        return target

    def claims(self, arrival: Arrival) -> Claims:
        if arrival.sidecar is None:
            return Claims()
        self._check(arrival)
        with aws_errors(f"sidecar {arrival.sidecar}"):
            answer = self._client.get_object(Bucket=self._bucket, Key=arrival.sidecar)
            body = answer["Body"].read(LARGEST_SIDECAR + 1)
            answer["Body"].close()
        if _stamp(answer["ETag"], answer["LastModified"]) != arrival.version.partition("+")[2]:
            raise ArrivalChanged(f"sidecar {arrival.sidecar} is another one by now")
        return parse_claims(body, arrival.sidecar)

    def uri(self, key: str) -> str:
        return f"s3://{self._bucket}/{quote(key)}"

    def _list(self) -> Iterator[tuple[str, FoundFile]]:
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket):
            yield from _meant(page)

    def _stamped(self, key: str) -> str:
        with aws_errors(f"landing object {key}"):
            head = self._client.head_object(Bucket=self._bucket, Key=key)
        return _stamp(head["ETag"], head["LastModified"])

    def _check(self, arrival: Arrival) -> None:
        book = self._stamped(arrival.key)
        if joined_version(book, self._sidecar_stamp(arrival.key)) != arrival.version:
            raise ArrivalChanged(f"landing object {arrival.key} is another one by now")

    def _sidecar_stamp(self, key: str) -> str | None:
        try:
            return self._stamped(key + SIDECAR)
        except NotFound:
            return None


def _meant(page: "ListObjectsV2OutputTypeDef") -> Iterator[tuple[str, FoundFile]]:
    """The objects of a page that somebody means to submit, and their sidecars."""
    for item in page.get("Contents", []):
        parts = item["Key"].split("/")
        if parts[-1] and not any(is_passed_over(part) for part in parts):
            yield item["Key"], FoundFile(_stamp(item["ETag"], item["LastModified"]), item["Size"])


def _stamp(etag: str, modified: datetime) -> str:
    """The bytes and when they came: the same bytes, sent again after others, are news."""
    return f"{etag.strip(chr(34))}@{modified.timestamp():.0f}"
