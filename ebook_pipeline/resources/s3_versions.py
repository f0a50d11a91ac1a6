"""Objects of a versioned bucket taken away for good: a plain DELETE only hides them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html
"""

from typing import TYPE_CHECKING

from ebook_pipeline.resources.aws import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def remove_versions(client: "S3Client", bucket: str, key: str) -> int:
    """Delete every version and every delete marker of `key`; how many there were."""
    pages = client.get_paginator("list_object_versions")
    removed = 0
    with aws_errors(f"removing {key}"):
        for page in pages.paginate(Bucket=bucket, Prefix=key):
            for version in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                if version["Key"] == key:
                    client.delete_object(Bucket=bucket, Key=key, VersionId=version["VersionId"])
                    removed += 1
    return removed
