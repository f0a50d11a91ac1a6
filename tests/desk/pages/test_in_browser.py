"""Every page in a real browser: axe-core finds nothing serious, nothing breaks the pages' policy.

`DESK_SCREENSHOTS=folder` keeps a picture of each, light and dark, 390 and 1440 px wide.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebook_pipeline.assets import picture_book_files
from ebook_pipeline.assets.brief_context import BriefJournal, brief_batch
from ebook_pipeline.assets.picture_books import BRIEF_CHAIN
from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.records import Claims
from ebook_pipeline.books.writing.manuscript_file import WrittenChapter
from ebook_pipeline.execution import Batch
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from ebook_pipeline.services.picture_books import briefs, progress
from ebook_pipeline.services.reviewing import reviews
from ebook_pipeline.services.writing import chapters, manuscripts, naming
from tests.support.desk_pages import Shelf
from tests.support.page_reader import AXE, Reader, open_reader
from tests.support.servers.postgres import empty_database
from tests.support.servers.web_browser import CHROMIUM

SHOTS = os.environ.get("DESK_SCREENSHOTS", "")
PAGES = (
    ("pat", "/account"),
    ("pat", "/licences"),
    ("pat", "/books"),
    ("pat", "/books/press-cranford"),
    ("pat", "/books/press-villette"),
    ("pat", "/books/press-cranford/changes"),
    ("pat", "/books?text=nothing"),
    ("pat", "/submit"),
    ("pat", "/write"),
    ("pat", "/write/M"),
    ("pat", "/write/M/C"),
    ("pat", "/write/M/C/versions"),
    ("pat", "/write/M/compare"),
    ("pat", "/editing/M"),
    ("edna", "/editing"),
    ("olga", "/figures"),
    ("pat", "/picture-books"),
    ("pat", "/picture-books/new"),
    ("pat", "/picture-books/K"),
    ("pat", "/nowhere"),
    ("edna", "/reviews"),
    ("olga", "/operate"),
    ("olga", "/operate/failed"),
    ("olga", "/operate/reprocessings"),
    ("olga", "/people"),
    ("olga", "/audit"),
    ("olga", "/shop"),
    ("olga", "/shop/press-moonstone"),
    ("olga", "/shop/press-moonstone/licence"),
    ("edna", "/reviews/N"),
    ("rita", "/shelf"),
    ("rita", "/profile"),
    ("pat", "/readership"),
    ("rita", "/shop/press-moonstone"),
    ("olga", "/opinions"),
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.prove,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium or Chrome: install one"),
    pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: npm ci --prefix tests/judges"),
]


@pytest.fixture(scope="module")
def reader(
    postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reader]:
    folder = tmp_path_factory.mktemp("desk-pages")
    with empty_database(postgres_server) as database, open_reader(database, folder) as opened:
        Shelf(opened.context, folder).fill()
        yield opened


@pytest.fixture
def review(reader: Reader) -> str:
    """The path of the newest review."""
    return f"/reviews/{max(task.id for task in reviews.tasks(reader.context.database))}"


@pytest.fixture(scope="module")
def chapter(reader: Reader) -> str:
    """The path of a chapter that Pat writes, in its second version."""
    database, claims = reader.context.database, Claims(title="The River", authors=("Pat",))
    made = manuscripts.create(database, "press", claims, actor="desk:pat")
    text = "It had *rained* all night.\n\nNobody came, and the water rose. "
    first = WrittenChapter(heading="The first night", text=text * 4)
    one = chapters.add(database, made.id, first, actor="desk:pat")
    naming.name(database, made.id, "first draft", actor="desk:pat")
    later = first.model_copy(update={"text": f"{text * 4}\n\nThen it stopped."})
    chapters.save(database, made.id, one.id, later, actor="desk:pat")
    return f"/write/{made.id}/{one.id}"


@pytest.fixture(scope="module")
def picture_book(reader: Reader) -> str:
    """The path of a picture book that Pat ordered, made without the files for the press."""
    made = briefs.order(
        reader.context.database, "hedgehog-pip", Brief(seed=3, pages=24), account="press",
        actor="desk:pat",
    )  # fmt: skip
    context = brief_batch(reader.context.resources, lambda _: None, "a run")
    left_out = {stage.name for stage in picture_book_files.STAGES} | {"book_submission"}
    chosen = [name for name in BRIEF_CHAIN.names if name not in left_out]
    list(Batch(BRIEF_CHAIN, context, [made.key], selected=chosen))
    journal = BriefJournal(reader.context.database, context.records)
    progress.made(reader.context.database, made.key, journal.files(made.key), "press-cranford")
    progress.ended(reader.context.database, made.key, "book_submission", Outcome.DONE, 0.1, {})
    return f"/picture-books/{made.key}"


@pytest.mark.parametrize(("login", "path"), PAGES, ids=lambda part: str(part))
def test_a_page_keeps_nobody_out(
    reader: Reader, review: str, chapter: str, picture_book: str, login: str, path: str
) -> None:
    name = f"{login}{path.replace('/', '-').replace('?', '-')}"
    path = path.replace("/picture-books/K", picture_book)
    path = path.replace("/editing/M", chapter.rpartition("/")[0].replace("write", "editing"))
    path = path.replace("/write/M/C", chapter).replace("/write/M", chapter.rpartition("/")[0])
    for scheme, width in (("light", 1440), ("dark", 390)):
        reader.show(width, scheme)
        tab = reader.open(login, path.replace("/reviews/N", review))
        assert reader.serious() == []
        assert tab.run("document.documentElement.scrollWidth") <= width
        if SHOTS:
            reader.picture(Path(SHOTS, f"{name}-{scheme}-{width}.png"))
    assert reader.violations() == []


def test_the_first_spread_is_drawn_as_one_types(reader: Reader) -> None:
    tab = reader.open("pat", "/picture-books/new")
    tab.wait_for("document.getElementById('preview').src.startsWith('data:image/png')")
    first = tab.run("document.getElementById('preview').src")

    def choose(field: str, value: str) -> None:
        tab.run(f"document.getElementById('{field}').value = '{value}'")
        tab.run(f"document.getElementById('{field}').dispatchEvent("
                "new Event('input', {bubbles: true}))")  # fmt: skip

    choose("hero_name", "Mila")
    choose("hero_species", "fox")
    tab.wait_for("document.getElementById('preview-title').textContent.includes('Mila')")
    assert tab.run("document.getElementById('preview').src") != first
    offered = "[...document.getElementById('hero_colour').options].filter(o => !o.hidden).length"
    assert tab.run(offered) == 4
    choose("seed", "none")
    tab.wait_for("document.getElementById('wrong').innerText.includes('seed')")


def test_the_editor_saves_by_itself_and_overwrites_nobody(reader: Reader, chapter: str) -> None:
    tab = reader.open("pat", chapter)

    def write(text: str) -> None:
        tab.run(f"document.getElementById('text').value = '{text}'")
        tab.run("document.getElementById('write').text.dispatchEvent("
                "new Event('input', {bubbles: true}))")  # fmt: skip

    told = "document.getElementById('told').textContent"
    write("Typed, and left alone.")
    tab.wait_for(f"{told} == 'Saved.'")
    _, _, manuscript, name = chapter.split("/")
    database = reader.context.database
    assert chapters.read(database, manuscript, name).text == "Typed, and left alone."
    theirs = WrittenChapter(text="From another window.")
    chapters.save(database, manuscript, name, theirs, actor="desk:pat")
    write("Typed in the first one.")
    tab.wait_for(f"{told}.startsWith('Somebody')")
    assert chapters.read(database, manuscript, name).text == "From another window."
    tab.run("document.querySelector('#write button').click()")
    tab.wait_for("document.body?.innerText.includes('What is saved now')")
    assert tab.run("document.getElementById('text').value") == "Typed in the first one."


def test_files_are_brought_in_and_a_cover_given_by_forms(reader: Reader, chapter: str) -> None:
    """What comes of them, page by page: what was left out, the cover, what shops won't like."""
    page = chapter.rpartition("/")[0]
    give = """
        async (selector, name, make) => {
            const input = document.querySelector(selector), held = new DataTransfer();
            held.items.add(new File([await make()], name));
            input.files = held.files;
            input.closest('form').submit();
        }"""
    drawn = """async () => {
        const canvas = Object.assign(document.createElement('canvas'), {width: 900, height: 700});
        canvas.getContext('2d').fillRect(0, 0, 600, 700);
        return new Promise(done => canvas.toBlob(done, 'image/png'));
    }"""
    written = "async () => '# One\\n\\n![](river.png)\\n\\nIt rained.'"
    brought = ("#file", "a.md", written, "document.body?.innerText.includes('river.png')")
    covered = ("#picture", "a.png", drawn, "document.querySelector('.cover-shown')?.complete")
    for selector, name, make, done in (brought, covered):
        tab = reader.open("pat", page)
        tab.run(f"({give})({selector!r}, {name!r}, {make})")
        tab.wait_for(done)
        for scheme, width in (("light", 1440), ("dark", 390)):
            reader.show(width, scheme)
            assert reader.serious() == []
            assert tab.run("document.documentElement.scrollWidth") <= width
            if SHOTS:
                reader.picture(Path(SHOTS, f"pat-{name}-{scheme}-{width}.png"))
    assert "900 × 700 pixels" in tab.text
    assert reader.violations() == []


def test_no_script_of_a_book_runs_beside_its_review(reader: Reader, review: str) -> None:
    tab = reader.open("edna", review)
    tab.wait_for("window.frames.length == 1")
    frame = f"{review}/text?finding=0"
    shown = tab.run(f"fetch('{frame}').then(answer => answer.text())")
    assert "She had recieved" in shown
    assert tab.run("window.hacked === undefined")
    assert tab.run("document.querySelector('iframe').contentDocument") is None


def test_what_was_typed_outlives_a_session_that_ended(reader: Reader, review: str) -> None:
    tab = reader.open("edna", review)
    tab.run("document.getElementById('note').value = 'Long thought about.'")
    tab.run("document.getElementById('note').dispatchEvent(new Event('input', {bubbles: true}))")
    tab.ask("Network.clearBrowserCookies")
    tab.run("document.querySelector('button[value=reject]').click()")
    tab.wait_for("document.body?.innerText.includes('Your session has ended')")
    reader.open("edna", review)
    assert tab.run("document.getElementById('note').value") == "Long thought about."
    assert "What you had typed here is back" in tab.text
    tab.run("sessionStorage.clear()")


def test_a_review_is_answered_by_keys_alone(reader: Reader, review: str) -> None:
    tab = reader.open("edna", review)

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
    tab.run("window.before = true; location.reload()")
    tab.wait_for("!window.before && document.readyState == 'complete'")
    assert tab.run("document.getElementById('note').value") == "a"
    press("a")
    assert tab.run("document.activeElement.value") == "approve"
    press("Enter")
    tab.wait_for("location.pathname == '/reviews'")
    assert "Your answer is kept" in tab.text
