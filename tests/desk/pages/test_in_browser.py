"""Every page in a real browser: axe-core finds nothing serious, nothing breaks the pages' policy.

`DESK_SCREENSHOTS=folder` keeps a picture of each, light and dark, 390 and 1440 px wide.
"""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.books.owning.accounts import Membership, Role
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from ebook_pipeline.services.owning import accounts, people
from ebook_pipeline.services.reviewing import reviews
from ebook_pipeline.services.signing_in import sessions
from ebook_pipeline.services.signing_in.sessions import SessionLimits
from tests.support.desk import served
from tests.support.desk_pages import Shelf
from tests.support.homes import free_port
from tests.support.paths import JUDGES
from tests.support.servers.postgres import empty_database
from tests.support.servers.web_browser import CHROMIUM, Tab, web_browser

AXE = JUDGES / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = os.environ.get("DESK_SCREENSHOTS", "")
PEOPLE = {
    "pat": (Role.AUTHOR, "press"),
    "edna": (Role.EDITOR, "press"),
    "olga": (Role.OPERATOR, "house"),
}
PAGES = (
    ("pat", "/"),
    ("pat", "/books"),
    ("pat", "/books/press-cranford"),
    ("pat", "/books/press-villette"),
    ("pat", "/books?text=nothing"),
    ("pat", "/submit"),
    ("pat", "/nowhere"),
    ("edna", "/reviews"),
    ("olga", "/operate"),
    ("olga", "/operate/failed"),
    ("olga", "/people"),
    ("olga", "/audit"),
    ("olga", "/shop"),
    ("olga", "/shop/press-moonstone"),
    ("olga", "/shop/press-moonstone/licence"),
    ("edna", "/reviews/{review}"),
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.prove,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium or Chrome: install one"),
    pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: npm ci --prefix tests/judges"),
]


class Reader:
    """A browser in which any of `PEOPLE` may have signed in."""

    def __init__(self, tab: Tab, url: str, cookies: dict[str, str], review: int) -> None:
        self.tab, self.url, self.review = tab, url, review
        self._cookies = cookies

    def open(self, login: str, path: str, language: str = "en") -> Tab:
        """Go there as this person; `{review}` is the newest review."""
        port = self.url.rpartition(":")[2]
        self.tab.ask("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})
        name = f"ebooks-session-{port}"
        self.tab.ask("Network.setCookie", name=name, value=self._cookies[login], url=self.url)
        self.tab.open(f"{self.url}{path.format(review=self.review)}")
        return self.tab

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

    def picture(self, name: str) -> None:
        whole = self.tab.ask("Page.captureScreenshot", captureBeyondViewport=True)
        Path(SHOTS, f"{name}.png").write_bytes(base64.b64decode(whole["data"]))


@pytest.fixture(scope="module")
def reader(
    postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reader]:
    folder, port = tmp_path_factory.mktemp("desk-pages"), free_port()
    with (
        empty_database(postgres_server) as database,
        served(database, port, home=folder, watchers_per_person=50) as context,
    ):
        cookies = {}
        accounts.add(database, "press", actor="eve")
        for login, (role, account) in PEOPLE.items():
            people.add(database, login, Membership(account=account, role=role), actor="eve")
            with database.begin() as connection:
                cookies[login] = sessions.begin(connection, login, "test", SessionLimits())
        Shelf(context, folder).fill()
        with web_browser() as browser:
            newest = max(task.id for task in reviews.tasks(database))
            yield Reader(Tab(browser), f"http://127.0.0.1:{port}", cookies, newest)


@pytest.mark.parametrize(("login", "path"), PAGES, ids=lambda part: str(part))
def test_a_page_keeps_nobody_out(reader: Reader, login: str, path: str) -> None:
    name = f"{login}{path.replace('/', '-').replace('?', '-')}"
    for scheme, width in (("light", 1440), ("dark", 390)):
        reader.show(width, scheme)
        tab = reader.open(login, path)
        assert reader.serious() == []
        assert tab.run("document.documentElement.scrollWidth") <= width
        if SHOTS:
            reader.picture(f"{name}-{scheme}-{width}")
    entries = [one["entry"]["text"] for one in tab.events("Log.entryAdded")]
    assert [text for text in entries if "Security Policy" in text] == []


def test_no_script_of_a_book_runs_beside_its_review(reader: Reader) -> None:
    tab = reader.open("edna", "/reviews/{review}")
    tab.wait_for("window.frames.length == 1")
    frame = f"/reviews/{reader.review}/text?finding=0"
    shown = tab.run(f"fetch('{frame}').then(answer => answer.text())")
    assert "She had recieved" in shown
    assert tab.run("window.hacked === undefined")
    assert tab.run("document.querySelector('iframe').contentDocument") is None


def test_a_review_is_answered_by_keys_alone(reader: Reader) -> None:
    tab = reader.open("edna", "/reviews/{review}")

    def press(key: str) -> None:
        code = {"key": key, "text": key if len(key) == 1 else "\r"}
        tab.ask("Input.dispatchKeyEvent", type="keyDown", **code)
        tab.ask("Input.dispatchKeyEvent", type="keyUp", key=key)

    press("?")
    assert tab.run("document.getElementById('keys').open")
    tab.run("document.getElementById('keys').close()")
    press("j")
    assert tab.run("document.activeElement.target") == "text"
    press("n")
    assert tab.run("document.activeElement.id") == "note"
    press("a")  # typed, not obeyed
    assert tab.run("document.activeElement.value") == "a"
    tab.run("document.activeElement.dispatchEvent(new Event('input', {bubbles: true}))")
    tab.run("location.reload()")
    tab.wait_for(
        "document.readyState == 'complete' && document.getElementById('note').value == 'a'"
    )
    tab.run("document.activeElement.blur()")
    press("a")
    assert tab.run("document.activeElement.value") == "approve"
    press("Enter")
    tab.wait_for("location.pathname == '/reviews'")
    assert "Your answer is kept" in tab.text
