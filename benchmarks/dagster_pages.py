"""How long Dagster takes with very many books: its pages, a tick, and the launch of a backfill.

Pages are opened in a real browser. Keys are in Dagster's own storage, each with a materialization
of every stage, as runs leave them. A page is there when it shows its word and has neither asked nor
heard for a second. Beside the seconds that passed stands what all processes of the home worked, the
browser not counted.

    python -m benchmarks.dagster_pages --books 1000 --books 10000 --books 50000
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence

import dagster as dg
import httpx
from sqlalchemy import text

from benchmarks.frame import Cell, Table, print_table
from benchmarks.home import temporary_home
from benchmarks.idle import arrivals
from benchmarks.process_clock import ProcessClock
from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.web import access_token, addresses
from tests.support.servers.web_browser import Tab, WebBrowser, web_browser

COLUMNS = ("books", "page", "s", "CPU s", "kB")
PAGES = {
    "lineage": ("/asset-groups", "picture_books"),
    "a stage, overview": ("/assets/qa_report?view=overview", "qa_report"),
    "a stage, partitions": ("/assets/qa_report?view=partitions", "book-1"),
    "a book of it": ("/assets/qa_report?view=partitions&partition=book-7", "book-7"),
    "runs": ("/runs", "Runs"),
    "backfills": ("/overview/backfills", "Backfills"),
}
"""Addresses, and a word that each page shows once it has asked."""
_BACKFILL = "dagster/backfill"
_MUTATION = """
    mutation($chosen: LaunchBackfillParams!) {
        launchPartitionBackfill(backfillParams: $chosen) {
            __typename
            ... on LaunchBackfillSuccess { backfillId }
        }
    }
    """
_QUIET_SECONDS = 1.0
_PATIENCE = 60.0
_MOVES = ("requestWillBeSent", "dataReceived", "loadingFinished")
_AT_ONCE = 5000
_EVENTS = text(
    """
    INSERT INTO event_logs (run_id, event, dagster_event_type, timestamp, step_key, asset_key,
            partition)
        SELECT run_id, replace(event, '"book-0"', '"book-' || i || '"'), dagster_event_type,
            timestamp, step_key, asset_key, 'book-' || i
        FROM event_logs, generate_series(1, :most) AS i
        WHERE partition = 'book-0' AND dagster_event_type = 'ASSET_MATERIALIZATION'
    """
)


def main() -> None:
    """One table for each number of books."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--books", type=int, action="append", help="may be given again")
    asked = parser.parse_args()
    for number in asked.books or [1000]:
        with temporary_home() as stack:
            stack.up()
            fill(stack, number)
            print_table(table(stack, number))
            print_table(work(stack, number))


def fill(stack: Stack, books: int) -> None:
    """`books` keys, and events that say that each stage has made each of them."""
    keys = [f"book-{number}" for number in range(books)]
    with dg.DagsterInstance.from_config(str(stack.dagster_home)) as instance:
        for first in range(0, books, _AT_ONCE):
            instance.add_dynamic_partitions("books", keys[first : first + _AT_ONCE])
        for name in BOOK_CHAIN.names:
            made = dg.AssetMaterialization(dg.AssetKey(name), partition="book-0")
            instance.report_runless_asset_event(made)
        with instance.event_log_storage.index_connection() as connection:  # type: ignore[attr-defined]
            connection.execute(_EVENTS, {"most": books - 1})


def table(stack: Stack, books: int) -> Table:
    """Each page in a browser of its own, twice: the first look fills Dagster's own caches."""
    clock, rows = ProcessClock(os.getpid(), stack.root / "postgres"), list[Sequence[Cell]]()
    with web_browser() as browser:
        for name, (path, word) in PAGES.items():
            for look in (name, "  again"):
                rows.append([books, look, *_shown(browser, stack.web_link(path), word, clock)])
    said = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors."
    return Table(f"Dagster's pages of {books:,} books", COLUMNS, rows, said)


def work(stack: Stack, books: int) -> Table:
    """From a file's being dropped to its submission; a backfill of all books, to its first run."""
    clock, rows = ProcessClock(os.getpid(), stack.root / "postgres"), list[Sequence[Cell]]()
    asked: list[str] = []
    with dg.DagsterInstance.from_config(str(stack.dagster_home)) as instance:
        for name, ask in (
            ("a file is seen", lambda: arrivals(stack, 1)),
            ("a backfill is asked for", lambda: asked.append(_launch(stack, instance))),
            ("and begins", lambda: _until_runs(instance, asked[-1])),
        ):
            began, worked = time.monotonic(), clock.seconds()
            ask()
            rows.append([books, name, time.monotonic() - began, clock.seconds() - worked])
        runs = instance.get_runs_count(dg.RunsFilter(tags={_BACKFILL: asked[-1]}))
    said = f"{runs} runs at once; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors."
    return Table(f"Dagster's work on {books:,} books", COLUMNS[:-1], rows, said)


def _launch(stack: Stack, instance: dg.DagsterInstance) -> str:
    """Ask the UI for all stages of all keys, as its dialog does; the backfill's id."""
    chosen = {
        "assetSelection": [{"path": [name]} for name in BOOK_CHAIN.names],
        "partitionNames": list(instance.get_dynamic_partitions("books")),
    }
    asked = {"query": _MUTATION, "variables": {"chosen": chosen}}
    url = f"{addresses.base_url(stack.settings)}{addresses.PREFIX}/graphql"
    headers = {"Authorization": f"Bearer {access_token.current(stack.settings)}"}
    answer = httpx.post(url, json=asked, headers=headers, timeout=_PATIENCE).json()
    return str(answer["data"]["launchPartitionBackfill"]["backfillId"])


def _until_runs(instance: dg.DagsterInstance, backfill: str) -> None:
    deadline = time.monotonic() + _PATIENCE * 10
    while not instance.get_runs_count(dg.RunsFilter(tags={_BACKFILL: backfill})):
        if time.monotonic() > deadline:
            raise SystemExit(
                f"backfill {backfill} did not begin: {instance.get_backfill(backfill)}"
            )
        time.sleep(0.5)


def _shown(browser: WebBrowser, url: str, word: str, clock: ProcessClock) -> Sequence[Cell]:
    tab, began, work = Tab(browser), time.monotonic(), clock.seconds()
    tab.open(url)
    try:
        tab.wait_for(f"document.body?.innerText.includes({word!r})", _PATIENCE)
    except AssertionError:
        print(f"{tab.address} did not show {word!r}: {tab.text[:200]!r}", file=sys.stderr)
        return None, None, None
    seen, quiet_since = 0, time.monotonic()
    while time.monotonic() - quiet_since < _QUIET_SECONDS:
        moved = sum(len(tab.events(f"Network.{name}")) for name in _MOVES)
        if moved > seen:
            seen, quiet_since = moved, time.monotonic()
        if time.monotonic() - began > _PATIENCE:
            break
        time.sleep(0.1)
    passed, worked = quiet_since - began, clock.seconds() - work
    sent = sum(one["encodedDataLength"] for one in tab.events("Network.loadingFinished"))
    return passed, worked, sent / 1000


if __name__ == "__main__":
    main()
