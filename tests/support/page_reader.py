"""A real browser in which people of a desk read its pages, and axe-core judges them."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from ebook_pipeline.books.owning.accounts import Membership, Role
from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.owning import accounts, people
from ebook_pipeline.services.signing_in import sessions
from ebook_pipeline.services.signing_in.sessions import SessionLimits
from tests.support.desk import served
from tests.support.homes import free_port
from tests.support.paths import JUDGES
from tests.support.servers.web_browser import Tab, web_browser

AXE = JUDGES / "node_modules" / "axe-core" / "axe.min.js"
PEOPLE = {
    "pat": (Role.AUTHOR, "press"),
    "edna": (Role.EDITOR, "press"),
    "paul": (Role.PUBLISHER, "press"),
    "olga": (Role.OPERATOR, "house"),
    "rita": (Role.READER, "house"),
}


class Reader:
    """A browser in which any of `PEOPLE` may have signed in."""

    def __init__(self, tab: Tab, context: DeskContext, cookies: Mapping[str, str]) -> None:
        self.tab, self.context, self._cookies = tab, context, cookies
        self.url = f"http://127.0.0.1:{context.settings.desk_port}"

    def open(self, login: str, path: str, language: str = "en") -> Tab:
        """Go there as this person."""
        port = self.url.rpartition(":")[2]
        self.tab.ask("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})
        name = f"ebooks-session-{port}"
        self.tab.ask("Network.setCookie", name=name, value=self._cookies[login], url=self.url)
        self.tab.open(f"{self.url}{path}")
        return self.tab

    def fetch(self, login: str, path: str, target: Path) -> Path:
        """What lies at `path` for this person, whole, as `target`."""
        cookies = {f"ebooks-session-{self.url.rpartition(':')[2]}": self._cookies[login]}
        with httpx.stream("GET", f"{self.url}{path}", cookies=cookies, timeout=60) as answer:
            answer.raise_for_status()
            with target.open("wb") as file:
                for part in answer.iter_bytes():
                    file.write(part)
        return target

    def show(self, width: int, scheme: str) -> None:
        """As wide, and as light, as a reader's own screen."""
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.tab.ask("Emulation.setDeviceMetricsOverride", **metrics)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.tab.ask("Emulation.setEmulatedMedia", features=[feature])

    def serious(self) -> list[dict[str, Any]]:
        """What axe-core finds that keeps people out."""
        self.tab.ask("Runtime.evaluate", expression=AXE.read_text(encoding="utf-8"))
        told = self.tab.run("axe.run().then(found => JSON.stringify(found.violations))")
        return [
            {"rule": one["id"], "nodes": [node["html"][:200] for node in one["nodes"]]}
            for one in json.loads(told)
            if one["impact"] in ("serious", "critical")
        ]

    def picture(self, file: Path) -> None:
        """The whole page as PNG."""
        whole = self.tab.ask("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(whole["data"]))

    def violations(self) -> list[str]:
        """What the browser said of the pages' policy."""
        entries = [one["entry"]["text"] for one in self.tab.events("Log.entryAdded")]
        return [text for text in entries if "Security Policy" in text]


@contextmanager
def open_reader(database: Database, folder: Path) -> Iterator[Reader]:
    """A desk over this database with `PEOPLE`, and a browser that has opened none of it yet."""
    accounts.add(database, "press", actor="eve")
    cookies = {}
    for login, (role, account) in PEOPLE.items():
        people.add(database, login, Membership(account=account, role=role), actor="eve")
        with database.begin() as connection:
            cookies[login] = sessions.begin(connection, login, "test", SessionLimits())
    with (
        served(database, free_port(), home=folder, watchers_per_person=50) as context,
        web_browser() as browser,
    ):
        yield Reader(Tab(browser), context, cookies)
