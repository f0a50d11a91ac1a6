"""A book's way through the pages and the chain, in a real browser: sent, read, sold, opened.

Nothing is put in place: the upload's connection is cut twice, the nine stages run as production
runs them (Dagster's job, the batch executor, in a process of their own), and Readium's code opens
what the shop licensed.
"""

import hashlib
import html
import json
import random
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from ebook_pipeline.books.protecting.lcp.license import passphrase_hash
from tests.support.homes import Home, open_home
from tests.support.page_reader import Reader, open_reader
from tests.support.paths import JUDGES, SAMPLES
from tests.support.servers.web_browser import CHROMIUM, Tab

NODE = shutil.which("node")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.prove,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium or Chrome: install one"),
    pytest.mark.skipif(
        NODE is None or not (JUDGES / "node_modules" / "r2-lcp-js").is_dir(),
        reason="Readium's code is not here: npm ci --omit=dev --prefix tests/judges (needs node)",
    ),
]
SENT = 30 << 20
BYTES_A_SECOND = 12 << 20
PASSPHRASE = "correct horse battery"
TITLE = "The River Bank, Retold"
FILLER = (
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut "
    "labore et dolore magna aliqua."
)
"""What an author forgot to replace: a person has to see it."""
SONG = "<p><audio src='song.mp3' controls='controls'>A song.</audio></p>"


def written(target: Path) -> Path:
    """The sample with a filler paragraph in its first chapter, and half an hour of sound: 30 MB."""
    sound = random.Random(30).randbytes(SENT)
    with (
        zipfile.ZipFile(SAMPLES / "river-bank.epub") as source,
        zipfile.ZipFile(target, "w") as made,
    ):
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == "EPUB/chapter-1.xhtml":
                data = data.replace(b"</p>", f"</p><p>{FILLER}</p>{SONG}".encode(), 1)
            if entry.filename == "EPUB/package.opf":
                item = b"<item id='song' href='song.mp3' media-type='audio/mpeg'/></manifest>"
                data = data.replace(b"</manifest>", item, 1)
            made.writestr(entry, data)
        made.writestr("EPUB/song.mp3", b"ID3\x03" + sound, zipfile.ZIP_STORED)
    return target


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


def send(reader: Reader, file: Path) -> str:
    """An upload that is cut twice and whose page is reloaded in the middle: its book's path."""
    tab = reader.open("pat", "/submit")
    choose(tab, file)
    tab.wait_for("document.querySelector('#files form') !== null")
    tab.run(f"document.querySelector('#files [name=title]').value = {json.dumps(TITLE)}")
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
    return str(tab.run("document.querySelector('#files a.book').getAttribute('href')"))


def run_chain(home: Home, book: str) -> None:
    """Every stage that the book may go through now."""
    ended = home.shell("retry", book, EBOOK_OPERATOR="olga")
    assert "Traceback" not in ended.err, ended.err


def opened(book: Path) -> dict[str, str]:
    """What Readium's code reads in a licensed book: the digest of each of its documents."""
    assert NODE
    key = passphrase_hash(PASSPHRASE).reveal().hex()
    argv = [NODE, str(JUDGES / "open_protected_book.js"), str(book), key]
    ended = subprocess.run(argv, capture_output=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    answer = json.loads(ended.stdout)
    assert answer["unlocked"]
    resources: dict[str, str] = answer["resources"]
    return resources


def digests(epub: Path) -> dict[str, str]:
    with zipfile.ZipFile(epub) as archive:
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}


def approve(reader: Reader) -> None:
    """The editor reads the passage that a person was asked about, and lets the book go on."""
    tab = reader.open("edna", "/reviews")
    tab.run("document.querySelector('.rows .title a').click()")
    tab.wait_for("document.querySelector('iframe[name=text]') !== null")
    links = "[...document.querySelectorAll('.finding a[target=text]')]"
    found = f"{links}.find(a => a.closest('.finding').innerText.includes('plausibility.lorem'))"
    shown = tab.run(f"fetch({found}.getAttribute('href')).then(answer => answer.text())")
    assert re.search(r'<mark[^>]* id="here"[^>]*>Lorem ipsum', html.unescape(shown))
    tab.run("document.querySelector('button[value=approve]').click()")
    tab.wait_for("document.body?.innerText.includes('Your answer is kept')")


def license_book(reader: Reader, book: str) -> str:
    """The address of the licensed publication; the passphrase never leaves the browser."""
    tab = reader.open("olga", f"/shop/{book}/licence")
    tab.run("document.getElementById('reader').value = 'r-17'")
    tab.run(f"document.getElementById('passphrase').value = '{PASSPHRASE}'")
    tab.run("document.querySelector('form[data-passphrase] button').click()")
    tab.wait_for("document.body?.innerText.includes('The licence is issued')")
    sent = [one["request"].get("postData", "") for one in tab.events("Network.requestWillBeSent")]
    assert not [body for body in sent if "correct" in body]
    return str(tab.run("document.querySelector('a[href$=publication]').getAttribute('href')"))


def test_a_book_goes_its_way_from_the_author_to_the_reader(tmp_path: Path) -> None:
    file = written(tmp_path / "river-bank.epub")
    with (
        open_home(tmp_path / "home") as home,
        open_reader(home.resources.database, home.settings.home) as reader,
    ):
        page = send(reader, file)
        book, tab = page.rpartition("/")[2], reader.open("pat", page)
        assert "Being worked on" in tab.text
        run_chain(home, book)
        tab.wait_for("document.body?.innerText.includes('A person reads this edition')")
        files = f"/api/v1/books/{book}/files"
        original = reader.fetch("pat", f"{files}/original", tmp_path / "original")
        assert original.read_bytes() == file.read_bytes()

        approve(reader)
        run_chain(home, book)
        tab = reader.open("pat", "/shop?query=river+bank")
        tab.run("document.querySelector('.covers a').click()")
        tab.wait_for("document.querySelector('iframe.excerpt') !== null")
        assert TITLE in tab.text
        assert "The Mole" in tab.run(f"fetch('/shop/{book}/excerpt').then(answer => answer.text())")

        licensed = reader.fetch("olga", license_book(reader, book), tmp_path / "licensed.epub")
        epub = reader.fetch("olga", f"{files}/epub", tmp_path / "book.epub")
        read, plain = opened(licensed), digests(epub)
        assert len(read) > 5
        assert read == {path: plain[path] for path in read}
        assert reader.violations() == []
