"""Which protection a publisher's books get: a policy that people write as TOML."""

import tomllib
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field, ValidationError

from ebook_pipeline.books.records import Protection
from ebook_pipeline.foundation.errors import PipelineError
from ebook_pipeline.foundation.record import Record


class InvalidProtectionPolicy(PipelineError):
    """The policy's text is no policy."""


class ProtectionPolicy(Record):
    """`default`, and what some publishers chose instead."""

    default: Protection = Protection.LCP
    publishers: dict[str, Protection] = Field(default_factory=dict)

    def of(self, publishers: Iterable[str]) -> Protection:
        """The protection of a book: that of its first publisher who chose one.

        Names are compared without regard to case, width or white space.
        """
        chosen = {_folded(name): protection for name, protection in self.publishers.items()}
        names = (_folded(name) for name in publishers)
        return next((chosen[name] for name in names if name in chosen), self.default)


def load_protection_policy(default: Protection, path: Path | None) -> ProtectionPolicy:
    """The policy in the file at `path`, or `default` for all where there is none.

    Raises `InvalidProtectionPolicy` where the file can't be read or says no policy.
    """
    if path is None:
        return ProtectionPolicy(default=default)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidProtectionPolicy(f"EBOOK_PROTECTION_FILE can't be read: {error}") from error
    return policy_from(text, default)


def policy_from(text: str, default: Protection) -> ProtectionPolicy:
    """Read ``default = "lcp"`` and a table ``[publishers]`` of names and protections.

    Raises `InvalidProtectionPolicy` with what is wrong.
    """
    try:
        return ProtectionPolicy.model_validate({"default": default} | tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise InvalidProtectionPolicy(f"EBOOK_PROTECTION_FILE is no policy: {error}") from error


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
