"""Which protection a publisher's books get: a policy that people write as TOML."""

import tomllib
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field, ValidationError

from ebook_pipeline.books.errors import PipelineError
from ebook_pipeline.books.record import Record


class Protection(StrEnum):
    """`LCP` is encryption; `SOCIAL` marks each buyer's copy; `PASSWORD` is a locked PDF a buyer."""

    LCP = "lcp"
    SOCIAL = "social"
    PASSWORD = "password"  # noqa: S105
    NONE = "none"

    @property
    def per_copy(self) -> bool:
        """Whether every buyer's copy is another file, so that the one we keep is a master."""
        return self in (Protection.SOCIAL, Protection.PASSWORD)


class BadPolicy(PipelineError):
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


def policy_from(text: str, default: Protection) -> ProtectionPolicy:
    """Read ``default = "lcp"`` and a table ``[publishers]`` of names and protections.

    Raises `BadPolicy` with what is wrong.
    """
    try:
        return ProtectionPolicy.model_validate({"default": default} | tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise BadPolicy(f"EBOOK_PROTECTION_FILE is no policy: {error}") from error


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
