"""Databases, and what lies at Amazon's services or others like them."""

from pydantic import Field, SecretStr

from ebook_pipeline.settings.variables import Variables


class Amazon(Variables):
    """Part of `Settings`."""

    database_url: SecretStr | None = Field(None, description="Any Postgres; embedded if unset.")
    dagster_database_url: SecretStr | None = Field(
        None, description="Dagster's own database; beside the embedded one if unset."
    )
    aws_endpoint_url: str | None = Field(None, description="Another endpoint than Amazon's.")
    aws_region: str = Field("eu-central-1", description="The region of every bucket and key.")
    landing_bucket: str | None = Field(None, description="Where submitters put their files.")
    arrival_queue_url: str | None = Field(
        None, description="The SQS queue that the landing bucket notifies; it is listed if unset."
    )
    landing_sweep_minutes: float = Field(
        60, gt=0, description="With such a queue the bucket is listed anew after so long."
    )
    objects_bucket: str | None = Field(
        None, description="Manuscripts, conversions and records; never delivered from."
    )
    release_bucket: str | None = Field(None, description="Released files: the CDN's origin.")
    kms_key_id: str | None = Field(None, description="The key that wraps content keys.")
    cloudfront_distribution_id: str | None = Field(
        None, description="The distribution whose pointers are invalidated."
    )
    cloudfront_domain: str | None = Field(None, description="The host of its URLs.")
    cloudfront_base_url: str | None = Field(
        None, description="Another address than https:// and that host, such as a test server's."
    )
    cloudfront_key_pair_id: str | None = Field(
        None, description="The public key in its trusted key group."
    )
    cloudfront_private_key: SecretStr | None = Field(None, description="PEM, RSA 2048.")
    edge_log_bucket: str | None = Field(
        None, description="Where CloudFront leaves its access logs; no download is told if unset."
    )
    upload_part_bytes: int = Field(
        8 << 20, ge=5 << 20, le=64 << 20, description="Larger releases go up in parts of so many."
    )
    upload_content_md5: bool = Field(
        False, description="Send Content-MD5 too, for an endpoint that asks for it."
    )
