"""A book that is written at the desk, in a real browser: edited in two rounds, published, bought,
read, reviewed, and the reason of what to read next.

The nine stages run as production runs them, in a process of their own. Other readers' opinions and
shelves, without which nothing is summed up or recommended, are put in place by the services.
"""

import json
from pathlib import Path

import pytest

from ebook_pipeline.books.owning.accounts import Membership, Role
from ebook_pipeline.books.rating.opinion_text import OpinionText
from ebook_pipeline.books.records import Manifestations
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.owning import people
from ebook_pipeline.services.rating import opinions
from ebook_pipeline.services.recommending.training import train_model
from ebook_pipeline.services.shelving import shelves
from ebook_pipeline.services.shelving.shelves import Shelf as ReadersShelf
from tests.desk.pages.test_story import PASSPHRASE, run_chain
from tests.support.corpus import THOROUGH
from tests.support.desk_pages import KNOWN, Shelf
from tests.support.homes import Home, open_home
from tests.support.page_reader import AXE, Reader, open_reader
from tests.support.servers.postgres import rows
from tests.support.servers.web_browser import CHROMIUM, Tab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.prove,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium or Chrome: install one"),
    pytest.mark.skipif(not THOROUGH, reason="set THOROUGH: half a minute of CPU"),
]
TITLE = "The Ferry at Low Water"
FOUNDLING = "She found the child asleep between two coils of rope."
CHAPTERS = {
    "The Rope": f"The ferry left at six, as it had for forty years.\n\n{FOUNDLING}\n\nNobody on "
    "board had ever seen him before, and he did not say a word until the far bank came in sight.",
    "The Far Bank": "The far bank was all reeds and grey light. Martha carried the child up the "
    "path to the schoolhouse, where the teacher was lighting the first lamp of the winter.\n\n"
    "“He is nobody's,” she said. “So he is ours,” said the teacher, and put the kettle on.",
    "Low Water": "In March the river fell lower than anyone could remember. The old landing stage "
    "stood dry, and under it lay the boat with the child's name painted on her stern.",
}
MENDED = FOUNDLING.replace("two coils of rope", "the mail sacks")
REVIEW = "The prose is beautiful, and I loved the ending at the dry landing stage."
SUBMITTED, ACCEPTED = "With its editors", "Accepted"


def fill(tab: Tab, selector: str, value: str) -> None:
    """As a person types: the page hears of it."""
    tab.run(
        f"(field => {{ field.value = {json.dumps(value)};"
        " field.dispatchEvent(new Event('input', {bubbles: true})) })"
        f"(document.querySelector({json.dumps(selector)}))"
    )


def press(tab: Tab, script: str) -> None:
    """A click that leads to another page, or to this one anew."""
    tab.run(f"window.before = true; {script}.click()")
    tab.wait_for("window.before === undefined && document.readyState == 'complete'")


def step(tab: Tab, name: str, reason: str = "") -> None:
    """One of the buttons of a manuscript's life."""
    form = f"form:has(input[name=step][value={name}])"
    if reason:
        fill(tab, f"{form} textarea", reason)
    press(tab, f"document.querySelector('{form} button')")


GIVE_COVER = """(async () => {
    const canvas = Object.assign(document.createElement('canvas'), {width: 1000, height: 1600});
    canvas.getContext('2d').fillRect(100, 900, 800, 80);
    const made = await new Promise(done => canvas.toBlob(done, 'image/png'));
    const held = new DataTransfer(), input = document.getElementById('picture');
    held.items.add(new File([made], 'ferry.png'));
    input.files = held.files;
    input.closest('form').submit();
})()"""


def write(reader: Reader) -> str:
    """A cover, and three chapters in the editor that saves by itself; the manuscript's id."""
    tab = reader.open("pat", "/write")
    fill(tab, "#title", TITLE)
    press(tab, "document.querySelector('form.card button')")
    manuscript = tab.address.rpartition("/")[2]
    fill(tab, "#authors", "Pat Writer")
    fill(tab, "#language", "en")
    press(tab, f"document.querySelector('form[action=\"/write/{manuscript}\"] button')")
    tab.run(GIVE_COVER)
    tab.wait_for("document.querySelector('.cover-shown')?.complete")
    for number, (heading, words) in enumerate(CHAPTERS.items()):
        if number:
            press(tab, "document.querySelector('form[action$=\"/chapters\"] button')")
        else:
            press(tab, "document.querySelector('ol.rows .title a')")
        fill(tab, "#heading", heading)
        fill(tab, "#text", words)
        tab.wait_for("document.getElementById('told').innerText.includes('Saved')")
        tab = reader.open("pat", f"/write/{manuscript}")
    assert "Chapters: 3" in tab.text
    return manuscript


def edit(reader: Reader, manuscript: str, pictures: Path) -> None:
    """Two rounds: a comment, an answer, a changed paragraph, and the editor's word."""
    page = f"/editing/{manuscript}"
    tab = reader.open("paul", page)
    fill(tab, "#editor", "edna")
    press(tab, "document.querySelector('form:has(#editor) button')")
    step(reader.open("pat", page), "submit")
    tab = reader.open("edna", "/editing")
    press(tab, "document.querySelector('.rows .title a')")
    assert SUBMITTED in tab.text
    form = "[...document.querySelectorAll('.paragraph form')][1]"
    tab.run(f"{form}.querySelector('[name=quote]').value = 'two coils of rope'")
    tab.run(f"{form}.querySelector('[name=text]').value = 'Where does the rope come from?'")
    press(tab, f"{form}.querySelector('button')")
    reader.picture(pictures / "first-round.png")
    step(tab, "ask-changes", "The rope, then it is fine.")
    tab = reader.open("pat", page)
    assert "Where does the rope come from?" in tab.text
    fill(tab, ".comment textarea", "They are mail sacks now.")
    press(tab, "document.querySelector('.comment form[action$=answers] button')")
    tab = reader.open("pat", f"/write/{manuscript}")
    press(tab, "document.querySelector('ol.rows .title a')")
    fill(tab, "#text", CHAPTERS["The Rope"].replace(FOUNDLING, MENDED))
    tab.wait_for("document.getElementById('told').innerText.includes('Saved')")
    step(reader.open("pat", page), "submit")
    tab = reader.open("edna", page)
    assert "They are mail sacks now." in tab.text
    assert tab.run("document.querySelector('del').innerText") == FOUNDLING
    assert tab.run("document.querySelector('ins').innerText") == MENDED
    reader.picture(pictures / "second-round.png")
    assert not AXE.is_file() or reader.serious() == []
    step(tab, "accept", "A fine book.")
    assert ACCEPTED in tab.text


def publish(reader: Reader, database: Database, manuscript: str) -> str:
    """The publisher's button hands it to the chain; the book that it is."""
    step(reader.open("paul", f"/editing/{manuscript}"), "publish")
    query = "SELECT book FROM submission ORDER BY id DESC LIMIT 1"
    return str(rows(database, query)[0][0])


def pass_the_gate(reader: Reader, database: Database, book: str) -> bool:
    """Whether the book waited for a person, who has let it pass."""
    waits = "SELECT count(*) FROM review_task WHERE book = :book AND state = 'open'"
    if rows(database, waits, book=book) == [(0,)]:
        return False
    tab = reader.open("edna", "/reviews")
    press(tab, "document.querySelector('.rows .title a')")
    press(tab, "document.querySelector('button[value=approve]')")
    return True


def has_its_cover(home: Home, book: str) -> bool:
    """Whether the book came out with the picture that its author gave."""
    store = RecordStore(home.resources.object_store)
    made = store.read("converted_book", book, 1, Manifestations)
    return made is not None and (made.cover.width, made.cover.height) == (1000, 1600)


def buy(reader: Reader, book: str) -> None:
    """The shop hands Rita a licence, and she has it."""
    tab = reader.open("olga", f"/shop/{book}/licence")
    fill(tab, "#reader", "r-18")
    fill(tab, "#passphrase", PASSPHRASE)
    fill(tab, "#holder", "rita")
    fill(tab, "#hint", "The usual one")
    tab.run("document.querySelector('form[data-passphrase] button').click()")
    tab.wait_for("document.body?.innerText.includes('The licence is issued')")
    assert TITLE in reader.open("rita", "/licences").text


def others_read(database: Database, book: str, other: str) -> None:
    """Readers who have read both books, and have said something of the first."""
    for number in range(8):
        login = f"reader-{number}"
        people.add(database, login, Membership(account="house", role=Role.READER), actor="eve")
        for one in (book, other):
            shelves.put(database, one, login, ReadersShelf.READ, actor=login)
        if number < 3:
            wanted = OpinionText(stars=4, text="The characters are believable, Martha above all.")
            opinions.write(database, book, login, wanted, actor=login)


def review(reader: Reader, book: str, pictures: Path) -> None:
    """Read, five stars, and her words in what readers say in short."""
    tab = reader.open("rita", f"/shop/{book}")
    tab.run("document.querySelector('.shelf-form select').value = 'read'")
    press(tab, "document.querySelector('.shelf-form button')")
    tab.run("document.querySelector('[name=stars][value=\"5\"]').checked = true")
    fill(tab, "#text", REVIEW)
    fill(tab, "#signed", "Rita")
    press(tab, "document.querySelector('form[action$=opinion] .actions button')")
    quotes = "[...document.querySelectorAll('dl.facts blockquote a')].map(one => one.innerText)"
    assert f"“{REVIEW}”" in tab.run(quotes)
    assert "Has had the book" in tab.text
    reader.picture(pictures / "book-page.png")


def test_a_book_is_written_edited_published_read_and_reviewed(tmp_path: Path) -> None:
    with (
        open_home(tmp_path / "home") as home,
        open_reader(home.resources.database, home.settings.home) as reader,
    ):
        database = home.resources.database
        manuscript = write(reader)
        edit(reader, manuscript, tmp_path)
        book = publish(reader, database, manuscript)
        run_chain(home, book)
        if pass_the_gate(reader, database, book):
            run_chain(home, book)
        assert has_its_cover(home, book)
        assert "On sale" in reader.open("pat", f"/editing/{manuscript}").text
        other = next(one for one in KNOWN if one.id == "press-moonstone")
        Shelf(reader.context, tmp_path).put(other)
        buy(reader, book)
        others_read(database, book, other.id)
        review(reader, book, tmp_path)
        train_model(database, "2026-11-29")
        tab = reader.open("rita", "/shelf")
        assert other.title in tab.text
        assert f"Because you liked {TITLE}" in tab.text
        reader.picture(tmp_path / "recommended.png")
        tab = reader.open("rita", f"/shop/{book}")
        assert f"Because you liked {TITLE}" in tab.text
        press(tab, "document.querySelector('form[action*=dismissals] button')")
        assert other.title not in reader.open("rita", "/shelf").text
        assert reader.violations() == []
