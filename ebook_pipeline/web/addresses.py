"""Under which addresses the web UI is reached, and which origin its own pages have there."""

import re
from dataclasses import dataclass
from typing import Self

from ebook_pipeline.settings import Settings

HEALTH = "/healthz"
PREFIX = "/dagster"
"""Where the web UI's paths lie, at its own address and behind the desk: pages link to both."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
EVERY_INTERFACE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - told from an address
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::[0-9]{1,5})?")


@dataclass(frozen=True)
class Addresses:
    """Names as a Host header writes them, in lower case, and whole origins.

    A name is reached by plain HTTP and on any port, since ports are forwarded.
    """

    names: frozenset[str]
    origins: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Loopback, the address that is listened on, and what `EBOOK_WEB_ORIGINS` lists."""
        own = set() if settings.host in EVERY_INTERFACE else {in_url(settings.host)}
        return cls(LOOPBACK | own, frozenset(settings.web_origins.split()))

    def origin(self, host: str) -> str | None:
        """The origin of our pages at `host`, a Host header; None where it is no address of ours.

        A page whose name was bound to our address (DNS rebinding) names its own host.
        """
        host = host.lower()
        for whole in (f"https://{host}", f"http://{host}"):
            if whole in self.origins:
                return whole
        found = _HOST.fullmatch(host)
        return f"http://{host}" if found and found["name"] in self.names else None


def in_url(host: str) -> str:
    """An address as URLs and Host headers write it."""
    return f"[{host}]" if ":" in host else host.lower()


def base_url(settings: Settings) -> str:
    """Where a browser on this machine finds the web UI."""
    return local_url(settings, settings.web_port)


def local_url(settings: Settings, port: int) -> str:
    """Where a browser on this machine finds what listens at `port`."""
    host = "127.0.0.1" if settings.host in EVERY_INTERFACE else settings.host
    return f"http://{in_url(host)}:{port}"
