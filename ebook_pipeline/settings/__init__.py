"""Every setting, read once from ``EBOOK_…`` environment variables; nothing else reads them."""

import os
from pathlib import Path
from typing import Literal, Self

from platformdirs import user_cache_path
from pydantic import Field, model_validator

from ebook_pipeline.settings.amazon import Amazon
from ebook_pipeline.settings.distribution import Distribution
from ebook_pipeline.settings.models import Models
from ebook_pipeline.settings.processing import Processing
from ebook_pipeline.settings.protecting import Protecting
from ebook_pipeline.settings.serving import Serving
from ebook_pipeline.settings.variables import Variables

REQUIRED_ON_AWS = (
    "database_url",
    "dagster_database_url",
    "landing_bucket",
    "objects_bucket",
    "release_bucket",
    "kms_key_id",
    "cloudfront_distribution_id",
    "cloudfront_domain",
    "cloudfront_key_pair_id",
    "cloudfront_private_key",
    "mail_from",
)

REQUIRED_ON_SERVERS = (
    "database_url",
    "dagster_database_url",
    "aws_endpoint_url",
    "landing_bucket",
    "objects_bucket",
    "release_bucket",
    "vault_folder",
    "edge_url",
)


class _Machine(Variables):
    """What all else depends on; the first lines of the settings page, as the last base is."""

    env: Literal["local", "server", "aws"] = Field(
        "local",
        description="One machine; servers of one's own with a Postgres and an S3 server: "
        "docs/servers.md; or Amazon's services: docs/aws.md.",
    )
    home: Path = Field(Path(".ebooks"), description="Where everything of one machine lies.")


class Settings(Models, Protecting, Distribution, Amazon, Processing, Serving, _Machine):
    """One machine (``EBOOK_ENV=local``, the default), several of one's own, or AWS.

    Same code, other resources. Raises `pydantic.ValidationError` where a setting is missing that
    machines which share their work need: no secret has a default there.
    """

    @model_validator(mode="after")
    def _production_has_all_it_needs(self) -> Self:
        required = {"aws": REQUIRED_ON_AWS, "server": REQUIRED_ON_SERVERS}.get(self.env, ())
        missing = [name for name in required if not getattr(self, name)]
        if self.env == "aws" and not (self.alarm_topic_arn or self.mail_team):
            missing.append("mail_team")
        if missing:
            names = ", ".join(f"EBOOK_{name.upper()}" for name in missing)
            raise ValueError(f"EBOOK_ENV={self.env} needs these settings: {names}")
        return self

    @property
    def root(self) -> Path:
        """`home` as an absolute path."""
        return self.home.expanduser().absolute()

    @property
    def models(self) -> Path:
        """Where models are laid out for this machine; it may be deleted at any time."""
        cache = self.model_cache or user_cache_path("ebook-pipeline")
        return cache.expanduser().absolute()

    @property
    def vault(self) -> Path:
        """Where the master keys of embedded vaults lie."""
        return (self.vault_folder or self.root / "vault").expanduser().absolute()

    @property
    def scratch(self) -> Path:
        """Where runs work on books; big ones need room here."""
        return self.root / "scratch"


def environment(name: str) -> str | None:
    """The variable `name`, which a file of settings says holds a secret; None where it is unset."""
    return os.environ.get(name)


def login() -> str:
    """The name of who is at the keyboard, or of who started the services."""
    named = os.environ.get("USER") or os.environ.get("LOGNAME")
    return named or _passwd_name() or str(os.getuid())


def _passwd_name() -> str:
    """Containers set no variable; a user of a number alone is in no list."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""
