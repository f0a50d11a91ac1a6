"""Both object stores, each with a hand that reaches behind it."""

from pathlib import Path

from mypy_boto3_s3 import S3Client

from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.resources.object_store import LocalObjectStore, S3ObjectStore

BODY = b"It is a truth universally acknowledged" * 1000
UNKNOWN = BlobRef(sha256="0" * 64, length=3, media_type="text/plain")


class LocalCase:
    """The local store, and a hand that reaches behind it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = LocalObjectStore(root)

    def blob(self, ref: BlobRef) -> Path:
        return self.root / "blobs" / ref.sha256[:2] / ref.sha256

    def overwrite(self, ref: BlobRef, body: bytes) -> None:
        self.blob(ref).chmod(0o644)
        self.blob(ref).write_bytes(body)

    def names(self) -> list[str]:
        found = (path for path in self.root.rglob("*") if path.is_file())
        return sorted(str(path.relative_to(self.root)) for path in found)


class S3Case:
    """The S3 store, and a hand that reaches behind it."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self.s3, self.bucket = s3, bucket
        self.store = S3ObjectStore(s3, bucket)

    def overwrite(self, ref: BlobRef, body: bytes) -> None:
        self.s3.put_object(
            Bucket=self.bucket, Key=f"blobs/{ref.sha256[:2]}/{ref.sha256}", Body=body
        )

    def names(self) -> list[str]:
        found = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return sorted(item["Key"] for item in found)
