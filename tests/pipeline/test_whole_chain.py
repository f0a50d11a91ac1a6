"""Real books from a file to a catalogue row, as a person at a shell sees it."""

import hashlib
import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from ebook_pipeline.books.protecting.lcp import encryption, license
from ebook_pipeline.books.records import Manifestations, ProtectedPublication
from ebook_pipeline.resources.database import catalog
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.notifying import notices
from ebook_pipeline.services.protecting.content_keys import MARKING, ContentKeys, named_secret
from tests.support import secret_search
from tests.support.existing import existing
from tests.support.homes import Home
from tests.support.in_process import CommandResult
from tests.support.servers import webhook_receiver
from tests.support.servers.postgres import rows

pytestmark = [pytest.mark.prove, pytest.mark.browser]

GOOD = {"river-bank", "fables-choisies", "flatland"}


def test_good_books_are_released_and_the_broken_one_is_rejected_with_findings(
    ingested: CommandResult,
) -> None:
    states = {book: facts["state"] for book, facts in ingested.books.items()}
    assert states == dict.fromkeys(GOOD, "released") | {"broken-links": "rejected"}
    assert ingested.code == 1
    rules = {finding["rule"] for finding in ingested.books["broken-links"]["findings"]}
    assert {"OPF-049", "RSC-007"} <= rules


def test_people_see_no_stack_trace_and_programs_see_nothing_but_json(
    ingested: CommandResult,
) -> None:
    assert "Traceback" not in ingested.err
    assert len(ingested.objects) == 4


def test_what_the_command_says_is_where_the_books_stand(
    ingested: CommandResult, books: dict[str, dict[str, Any]]
) -> None:
    linked = {book: facts | {"links": ...} for book, facts in books.items()}
    assert linked == {book: facts | {"links": ...} for book, facts in ingested.books.items()}


def test_every_stage_says_how_long_it_took(books: dict[str, dict[str, Any]]) -> None:
    assert len(books["river-bank"]["seconds"]) == 9


def test_the_release_is_delivered_to_who_has_the_link_and_to_nobody_else(
    books: dict[str, dict[str, Any]],
) -> None:
    link = books["river-bank"]["links"]["release"]
    body = httpx.get(link).raise_for_status().content
    assert hashlib.sha256(body).hexdigest() in link
    assert httpx.get(link.split("?")[0]).status_code == httpx.codes.FORBIDDEN


def test_cover_and_preview_are_for_everybody(books: dict[str, dict[str, Any]]) -> None:
    links = books["river-bank"]["links"]
    assert httpx.get(links["cover"]).headers["content-type"] == "image/jpeg"
    assert httpx.get(links["preview"]).content.startswith(b"PK")


def test_what_is_sold_decrypts_to_the_book_byte_for_byte(
    home: Home, ingested: CommandResult, tmp_path: Path
) -> None:
    records = RecordStore(home.resources.object_store)
    protected = existing(records.read("drm_package", "river-bank", 1, ProtectedPublication))
    made = existing(records.read("converted_book", "river-bank", 1, Manifestations))
    plain = home.resources.object_store.fetch(made.epub, tmp_path / "plain.epub")
    sold = home.resources.object_store.fetch(protected.blob, tmp_path / "sold.epub")
    keys = ContentKeys(home.resources.database, home.resources.key_vault)
    key = keys.for_edition("river-bank", 1).key
    assert protected.encrypted_resources > 0
    assert encryption.same_resources(plain, sold, key) == ()


@pytest.mark.parametrize("words", ["river bank", "Kenneth Grahame", "choisies", "FABLES"])
def test_the_catalogue_is_searched_by_title_and_author(
    home: Home, ingested: CommandResult, words: str
) -> None:
    assert catalog.search(home.resources.database, words)


def test_the_pointer_at_the_edge_says_what_the_catalogue_says(
    home: Home, ingested: CommandResult
) -> None:
    url = home.resources.cdn.url("public/books/river-bank/current.json")
    pointer = httpx.get(url).json()
    assert (pointer["state"], pointer["edition"]) == ("live", 1)


def test_the_same_files_again_are_not_done_again(
    home: Home, books: dict[str, dict[str, Any]]
) -> None:
    again = home.ebooks("ingest", books["river-bank"]["source"], "--json")
    assert again.code == 0
    assert again.books["river-bank"]["seconds"] == books["river-bank"]["seconds"]
    assert again.books["river-bank"]["edition"] == 1


@pytest.mark.prove
def test_other_bytes_under_the_same_name_are_the_next_edition(
    home: Home, books: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    changed = tmp_path / "fables-choisies.epub"
    source = Path(books["fables-choisies"]["source"])
    shutil.copy(source, changed)
    with zipfile.ZipFile(changed, "a") as container:
        container.comment = b"second edition"
    book = home.ebooks("ingest", changed, "--json").books["fables-choisies"]
    assert (book["state"], book["edition"], book["live_edition"]) == ("released", 2, 2)


def test_a_rejected_edition_leaves_the_released_one_on_sale(
    home: Home, books: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    broken = tmp_path / "flatland.pdf"
    broken.write_bytes(b"%PDF-1.7 and nothing else")
    book = home.ebooks("ingest", broken, "--json").books["flatland"]
    assert (book["state"], book["edition"], book["live_edition"]) == ("rejected", 2, 1)
    assert book["findings"]


def test_a_book_goes_off_sale_and_back(home: Home, books: dict[str, dict[str, Any]]) -> None:
    assert home.ebooks("withdraw", "river-bank", "--json").objects[0]["state"] == "withdrawn"
    assert home.ebooks("status", "river-bank", "--json").books["river-bank"]["state"] == "withdrawn"
    assert home.ebooks("release", "river-bank", "--json").objects[0]["state"] == "live"
    assert home.ebooks("status", "river-bank", "--json").books["river-bank"]["state"] == "released"


def test_what_happened_was_told_when_the_command_ended(home: Home, ingested: CommandResult) -> None:
    asked = ("events", "list", "--book", "broken-links", "--json")
    told = {one["type"]: one for one in home.ebooks(*asked).objects}
    assert {"submission.received", "edition.taken", "book.rejected"} <= set(told)
    assert [one["missing"] for one in told.values()] == [{}] * len(told)
    assert told["submission.received"]["correlationid"].startswith("command:")
    run = rows(home.resources.database, "SELECT run FROM stage_run WHERE book = 'broken-links'")
    assert told["edition.taken"]["correlationid"] == run[0][0]
    files = (home.settings.root / "events").glob("*/*.json")
    assert {one["id"] for one in told.values()} <= {
        json.loads(one.read_text())["id"] for one in files
    }


def test_a_subscriber_is_told_again_what_happened_and_stands_where_it_stood(
    home: Home, ingested: CommandResult
) -> None:
    asked = (
        "events",
        "replay",
        "--since",
        "2000-01-01",
        "--to",
        "folder",
        "--book",
        "broken-links",
    )
    replayed = home.ebooks(*asked, "--json")
    (tally,) = replayed.objects
    assert replayed.code == 0
    assert tally["delivered"] >= 3
    standing = {
        one["subscriber"]: one for one in home.ebooks("events", "subscribers", "--json").objects
    }
    assert {"pointers", "folder"} <= set(standing)
    assert [one["behind"] for one in standing.values()] == [0] * len(standing)


def test_a_webhook_that_is_down_fails_no_command_and_hears_of_it_later(
    home: Home, ingested: CommandResult, tmp_path: Path
) -> None:
    file = tmp_path / "webhooks.toml"
    with webhook_receiver.receiving() as shop:
        file.write_text(
            f'[[webhook]]\nname = "shop"\nurl = "{shop.url}"\ntypes = ["release.*"]\n'
            'secret_env = "SHOP"'
        )
        environment = {"EBOOK_WEBHOOKS_FILE": str(file), "SHOP": webhook_receiver.WRITTEN}
        shop.status = 500
        withdrawn = home.ebooks("withdraw", "flatland", "--json", **environment)
        assert withdrawn.code == 0
        assert "events wait: webhook:shop:" in withdrawn.err
        shop.status = 204
        shop.received.clear()
        assert home.ebooks("release", "flatland", "--json", **environment).code == 0
        again = home.ebooks("events", "retry", "--to", "webhook:shop", "--json", **environment)
        assert again.code == 0
        told = [one.verified() for one in shop.received]
    assert [one["type"] for one in told if one["subject"] == "flatland"][-2:] == [
        "release.withdrawn",
        "release.live",
    ]
    places = dict(secret_search.left_behind(home))
    assert secret_search.holding(places, [webhook_receiver.SECRET]) == []


@pytest.mark.prove
def test_a_held_book_waits_for_a_person_and_goes_on_where_it_stopped(
    home: Home, books: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    held = {"EBOOK_HOLD_RELEASES": "true"}
    shutil.copy(books["fables-choisies"]["source"], tmp_path / "held.epub")
    book = home.ebooks("ingest", tmp_path / "held.epub", "--json", **held).books["held"]
    assert (book["state"], book["stage"]) == ("needs_review", "drm_package")
    assert [task["book"] for task in home.ebooks("review", "list", "--json").objects] == ["held"]
    assert home.ebooks("review", "show", "held", "--html", tmp_path / "held.html").code == 0
    assert "Fables choisies" in (tmp_path / "held.html").read_text(encoding="utf-8")
    assert home.ebooks("review", "approve", "held", "--note", "fine").code == 0
    released = home.ebooks("retry", "held", "--json", **held).books["held"]
    assert released["state"] == "released"
    assert released["seconds"]["converted_book"] == book["seconds"]["converted_book"]


@pytest.mark.prove
def test_a_person_s_word_on_a_title_outlives_reruns_and_reaches_the_shop(
    home: Home, books: dict[str, dict[str, Any]]
) -> None:
    before = home.ebooks("status", "fables-choisies", "--json").books["fables-choisies"]
    assert home.ebooks("lock", "fables-choisies", "title", "Fables").code == 0
    book = home.ebooks("retry", "fables-choisies", "--json").books["fables-choisies"]
    assert (book["state"], book["title"]) == ("released", "Fables")
    assert book["seconds"]["converted_book"] == before["seconds"]["converted_book"]
    locks = home.ebooks("lock", "fables-choisies", "--json").objects[0]["locks"]
    assert locks == {"title": "Fables"}
    assert home.ebooks("unlock", "fables-choisies", "title").code == 0
    freed = home.ebooks("retry", "fables-choisies", "--json").books["fables-choisies"]
    assert freed["title"] == "Fables choisies"


def test_a_field_that_nobody_decides_is_refused_with_those_that_can_be(
    home: Home, ingested: CommandResult
) -> None:
    told = home.ebooks("subject", "river-bank", "YFB", "--json").objects[0]
    assert ([one["code"] for one in told["confirmed"]], told["suggested"]) == (["YFB"], [])
    assert "YFB" in home.ebooks("subject", "river-bank").out
    assert home.ebooks("subject", "river-bank", "XXXX").code == 1
    assert home.ebooks("subject", "river-bank", "--free").code == 0
    answer = home.ebooks("lock", "river-bank", "word_count", "7")
    assert answer.code == 1
    assert "subtitle" in answer.err


@pytest.mark.prove
def test_a_rejected_review_ends_the_edition(
    home: Home, books: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    held = {"EBOOK_HOLD_RELEASES": "true"}
    shutil.copy(books["fables-choisies"]["source"], tmp_path / "refused.epub")
    home.ebooks("ingest", tmp_path / "refused.epub", "--json", **held)
    home.ebooks("review", "reject", "refused", "--note", "no rights")
    book = home.ebooks("retry", "refused", "--json", **held).books["refused"]
    assert book["state"] == "rejected"
    assert "no rights" in book["reason"]


@pytest.mark.prove
def test_a_machine_without_a_browser_typesets_instead_and_says_so(
    home: Home, books: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    shutil.copy(books["fables-choisies"]["source"], tmp_path / "typeset.epub")
    answer = home.ebooks("ingest", tmp_path / "typeset.epub", "--json", EBOOK_CHROMIUM="/none")
    book = answer.books["typeset"]
    assert book["state"] == "released"
    assert "convert.typst" in {finding["rule"] for finding in book["findings"]}


def test_show_says_what_to_do_about_each_finding(home: Home, ingested: CommandResult) -> None:
    shown = home.ebooks("show", "broken-links").out
    assert "OPF-049" in shown
    assert "→" in shown


def test_an_unknown_book_is_one_clear_line(home: Home, ingested: CommandResult) -> None:
    answer = home.ebooks("show", "nobody")
    assert answer.code == 1
    told = "no book is called 'nobody' (`ebooks status` lists them by their ids)"
    assert answer.err == f"ebooks: {told}\n"


def test_authors_are_told_what_became_of_their_books(home: Home, ingested: CommandResult) -> None:
    told = notices.log(home.resources.database)
    kinds = {(one.book, one.kind.value): (one.state, one.why) for one in told}
    assert kinds["river-bank", "book_on_sale"] == ("sent", "")
    assert kinds["broken-links", "book_rejected"] == ("suppressed", "no address is known")
    once = {(one.cause, one.kind, one.who, one.channel) for one in told}
    assert len(once) == len(told)
    sale = next(one for one in told if (one.book, one.kind) == ("river-bank", "book_on_sale"))
    written = home.settings.root / "outbox" / f"{sale.id}.json"
    links = re.findall(r"https?://\S+", json.loads(written.read_text())["text"])
    assert len(links) == 2
    edge = f"127.0.0.1:{home.settings.edge_port}"  # the home is a copy, its edge has another port
    here = [urlsplit(link)._replace(netloc=edge).geturl() for link in links]
    assert {httpx.get(link).status_code for link in here} == {httpx.codes.OK}


def test_where_an_author_is_reached_is_nobodys_business(
    home: Home, ingested: CommandResult
) -> None:
    """In what was submitted and what was written to its author; in no table, event, edge or log."""
    places = secret_search.holding(dict(secret_search.left_behind(home)), [b"editions@example.org"])
    assert places
    assert [place for place in places if not place.startswith(("outbox/", "objects/"))] == []


def test_wrong_usage_ends_with_two(home: Home) -> None:
    assert home.ebooks("ingest").code == 2
    assert home.ebooks("ingest", "/nowhere/at/all.epub").code == 2


def test_doctor_names_what_it_found(home: Home) -> None:
    found = {one["what"]: one["found"] for one in home.ebooks("doctor", "--json").objects}
    assert found["database"]
    assert found["java"]
    assert sorted(found) == [
        "appropriateness",
        "aws",
        "browser",
        "database",
        "desk",
        "embeddings",
        "fonts",
        "genre",
        "isolation",
        "java",
        "lcp",
        "models",
        "names",
        "retention",
        "scans",
        "summary",
    ]


def test_a_book_whose_publisher_wants_marks_is_sold_by_copy(
    home: Home, books: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    social = {"EBOOK_PROTECTION": "social"}
    book = home.ebooks("retry", "fables-choisies", "--json", **social).books["fables-choisies"]
    assert (book["state"], "/masters/fables-choisies/" in book["links"]["release"]) == (
        "released",
        True,
    )
    asked = ("copy", "fables-choisies", "--order", "A-17", "--name", "Jean", "--form")
    for form in ("epub", "pdf"):
        made = home.ebooks(*asked, form, "--out", tmp_path / form, "--json")
        assert made.code == 0, made.err
        (found,) = home.ebooks("trace", tmp_path / form, "--json").objects
        assert (found["order"], found["form"], found["marks"] > 1) == ("A-17", form, True)


def test_a_reader_is_licensed_and_nothing_that_is_left_behind_holds_a_secret(
    home: Home, ingested: CommandResult, tmp_path: Path
) -> None:
    """Rows of both databases, records, logs, messages, the edge's files, and what was said."""
    passphrase, source = "Moles like rivers: 7 of them", tmp_path / "passphrase"
    source.write_text(f"{passphrase}\n")
    asked = ("--reader", "r-17", "--passphrase-from", source, "--end", "2099-01-01")
    issued = home.ebooks("license", "river-bank", *asked, "--out", tmp_path / "l.lcpl", "--json")
    (licence,) = issued.objects
    pdf = home.ebooks("license", "river-bank", *asked, "--form", "pdf", "--json")
    revoked = home.ebooks("license", "--revoke", licence["id"], "--json")
    refused = home.ebooks("license", "--renew", licence["id"], "--end", "2100-01-01")
    assert [one.code for one in (issued, pdf, revoked, refused)] == [0, 0, 0, 1]
    assert "is revoked" in refused.err
    status = home.resources.cdn.url(f"public/licenses/{licence['id']}/status.json")
    assert httpx.get(status).json()["status"] == "revoked"

    keys = ContentKeys(home.resources.database, home.resources.key_vault)
    key = keys.for_edition("river-bank", 1).key
    user_key = license.passphrase_hash(passphrase)
    assert license.unlock((tmp_path / "l.lcpl").read_bytes(), user_key) == key
    texts = [one.out + one.err for one in (ingested, issued, pdf, revoked, refused)]
    places = dict(secret_search.left_behind(home)) | {"answers": "".join(texts).encode()}
    assert {"table license", "table event_logs"} <= set(places)
    marking = named_secret(home.resources.database, home.resources.key_vault, MARKING)
    secrets = (passphrase.encode(), user_key.reveal(), key.reveal(), marking.reveal())
    assert secret_search.holding(places, secrets) == []
    assert secret_search.signed_urls({k: v for k, v in places.items() if k != "answers"}) == []
    assert secret_search.holding({"x": b"a" + key.reveal().hex().encode()}, secrets) == ["x"]
