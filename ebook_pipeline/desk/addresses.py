"""Under which addresses the desk is reached, and how it writes its own in mails."""

from dataclasses import dataclass
from typing import Self

from ebook_pipeline.settings import Settings
from ebook_pipeline.web.addresses import EVERY_INTERFACE, LOOPBACK, Addresses, in_url, local_url


@dataclass(frozen=True)
class DeskAddresses(Addresses):
    """Names and origins as the web UI's; `public` is the origin that links in mails begin with."""

    public: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Loopback, the address that is listened on, and what `EBOOK_DESK_ORIGINS` lists."""
        own = set() if settings.host in EVERY_INTERFACE else {in_url(settings.host)}
        origins = settings.desk_origins.split()
        public = origins[0] if origins else local_url(settings, settings.desk_port)
        return cls(LOOPBACK | own, frozenset(origins), public)
