"""A book's way through the pages, in a real browser: sent, watched, reviewed, found, licensed.

The browser and the desk are real; what the pipeline's stages leave is put where they leave it.
"""

import hashlib
import time
from pathlib import Path

import pytest

from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.intake.submissions import take_edition
from tests.support.desk_pages import KnownBook, Shelf
from tests.support.page_reader import Reader, open_reader
from tests.support.servers.web_browser import CHROMIUM, Tab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.prove,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium or Chrome: install one"),
]
SENT = 30 << 20
BYTES_A_SECOND = 12 << 20
PASSPHRASE = "correct horse battery"


def connect(tab: Tab, *, offline: bool) -> None:
    """Cut the browser's network, or give it one that takes seconds for the file."""
    tab.ask(
        "Network.emulateNetworkConditions",
        offline=offline,
        latency=0,
        downloadThroughput=-1,
        uploadThroughput=BYTES_A_SECOND,
    )


def share(tab: Tab) -> float:
    return float(tab.run("document.querySelector('#files progress').value"))


def choose(tab: Tab, file: Path) -> None:
    root = tab.ask("DOM.getDocument")["root"]["nodeId"]
    found = tab.ask("DOM.querySelector", nodeId=root, selector="#choose")
    tab.ask("DOM.setFileInputFiles", files=[str(file)], nodeId=found["nodeId"])


def send(reader: Reader, file: Path) -> None:
    """An upload whose connection is cut twice, and whose page is reloaded in the middle."""
    tab = reader.open("pat", "/submit")
    choose(tab, file)
    tab.wait_for("document.querySelector('#files form') !== null")
    tab.run("document.querySelector('#files [name=title]').value = 'North and South'")
    connect(tab, offline=False)
    tab.run("document.getElementById('send').click()")
    for least in (0.1, 0.4):
        tab.wait_for(f"document.querySelector('#files progress').value > {least}")
        connect(tab, offline=True)
        tab.wait_for("document.body?.innerText.includes('The connection is away')")
        assert share(tab) < 1
        connect(tab, offline=False)
    tab.wait_for("document.querySelector('#files progress').value > 0.6")
    tab.run("location.reload()")
    tab.wait_for("document.readyState == 'complete'")
    tab.wait_for("document.querySelector('#files a.book[href]') !== null")
    connect(tab, offline=False)


def test_a_book_goes_its_way_through_the_pages(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "north-and-south.txt"
    file.write_bytes(
        b"It was the latter part of July when Margaret returned home.\n" * (SENT // 60)
    )
    with open_reader(database, tmp_path / "home") as reader:
        shelf = Shelf(reader.context, tmp_path)
        send(reader, file)
        tab = reader.tab
        page = str(tab.run("document.querySelector('#files a.book').getAttribute('href')"))
        book = KnownBook(
            page.rpartition("/")[2], "North and South", "Elizabeth Gaskell", "#355c5a",
            Outcome.WAITING, "Spelling: 0.71 of 1.",
        )  # fmt: skip
        landed = next((tmp_path / "home").rglob("north-and-south.txt"))
        assert (
            hashlib.sha256(landed.read_bytes()).digest()
            == hashlib.sha256(file.read_bytes()).digest()
        )

        reader.open("pat", page)
        assert "Being worked on" in tab.text
        blob = shelf.store.put(b"text", "text/plain")
        shelf.work(book, take_edition(database, book.id, lambda _: blob))
        begun = time.monotonic()
        tab.wait_for("document.body?.innerText.includes('A person reads this edition')")
        assert time.monotonic() - begun < 60

        reader.open("edna", "/reviews")
        tab.run("document.querySelector('.rows .title a').click()")
        tab.wait_for("document.querySelector('iframe[name=text]') !== null")
        assert "“recieved” is no word" in tab.text
        tab.run("document.querySelector('button[value=approve]').click()")
        tab.wait_for("document.body?.innerText.includes('Your answer is kept')")

        shelf.sell(book)
        reader.open("pat", "/shop?query=north+south")
        tab.run("document.querySelector('.covers a').click()")
        tab.wait_for("document.querySelector('iframe.excerpt') !== null")
        assert "6.99 EUR" in tab.text

        reader.open("olga", f"/shop/{book.id}/licence")
        tab.run("document.getElementById('reader').value = 'r-17'")
        tab.run(f"document.getElementById('passphrase').value = '{PASSPHRASE}'")
        tab.run("document.querySelector('form[data-passphrase] button').click()")
        tab.wait_for("document.body?.innerText.includes('The licence is issued')")
        sent = [
            one["request"].get("postData", "") for one in tab.events("Network.requestWillBeSent")
        ]
        assert not [body for body in sent if "correct" in body]
        assert reader.violations() == []
