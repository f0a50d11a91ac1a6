"""`ebooks up` as its users have it: files dropped into a folder, pages in a real browser."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.jobs import review
from ebook_pipeline.web import access_token
from ebook_pipeline.web.addresses import PREFIX
from tests.support.homes import Home, open_home
from tests.support.paths import SAMPLES

pytestmark = [pytest.mark.prove, pytest.mark.browser, pytest.mark.timeout(400)]

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""
CHAIN = [*BOOK_CHAIN.names, "ingestion_report"]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Everything running, and a book with its sidecar dropped into the landing folder."""
    with open_home(tmp_path_factory.mktemp("up")) as home:
        assert home.shell("up").code == 0
        landing = home.settings.root / "landing"
        for name in ("fables-choisies.epub.json", "fables-choisies.epub", "broken-links.epub"):
            shutil.copy(SAMPLES / name, landing)
        eventually(
            lambda: states(home) == {"fables-choisies": "released", "broken-links": "rejected"}
        )
        yield home


def states(home: Home) -> dict[str, str]:
    return {book["book"]: book["state"] for book in home.ebooks("status", "--json").objects}


def eventually(holds: Callable[[], bool], seconds: float = 200) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.2)


def graphql(home: Home, query: str, **variables: object) -> Any:
    body = {"query": query, "variables": variables}
    token = {"Authorization": f"Bearer {access_token.token_file(home.settings).read_text()}"}
    answer = httpx.post(
        f"{home.stack.web_url}{PREFIX}/graphql", json=body, headers=token, timeout=30
    )
    return answer.json()["data"]


def page(home: Home, path: str) -> str:
    """The page as a browser has it after its scripts ran."""
    with tempfile.TemporaryDirectory() as profile:
        argv = [CHROMIUM, "--headless", "--disable-gpu", "--disable-background-networking"]
        argv += ["--no-sandbox"] if os.getuid() == 0 else []
        argv += [f"--user-data-dir={profile}", "--virtual-time-budget=20000", "--dump-dom"]
        done = subprocess.run(
            [*argv, home.stack.web_link(path)], capture_output=True, text=True, timeout=100
        )
    return done.stdout


def test_a_dropped_book_is_released_with_what_its_sidecar_says(up: Home) -> None:
    book = up.ebooks("show", "fables-choisies", "--json").objects[0]
    assert (book["state"], book["source"]) == ("released", "fables-choisies.epub")


def test_the_daemon_tells_what_happened(up: Home) -> None:
    told = up.settings.root / "events"

    def both() -> bool:
        kinds = ("release.live", "book.rejected")
        return [len(list(told.glob(f"*/*-{kind}-*"))) for kind in kinds] == [1, 1]

    eventually(both, 60)
    assert both()


def test_two_files_dropped_together_are_one_run(up: Home) -> None:
    runs = graphql(up, "{runsOrError {... on Runs {results {jobName status}}}}")
    ingested = [run for run in runs["runsOrError"]["results"] if run["jobName"] == "ingest"]
    assert ingested == [{"jobName": "ingest", "status": "SUCCESS"}]  # others come by the clock


def test_the_graph_shows_the_chain_in_its_order(up: Home) -> None:
    nodes = graphql(up, "{assetNodes {assetKey {path} dependencyKeys {path}}}")["assetNodes"]
    upstream = {
        n["assetKey"]["path"][0]: {d["path"][0] for d in n["dependencyKeys"]} for n in nodes
    }
    assert set(CHAIN) <= set(upstream)  # others stand beside it
    for name in CHAIN:
        assert upstream[name] <= set(CHAIN[: CHAIN.index(name)])


def test_every_asset_tells_an_operator_what_it_is(up: Home) -> None:
    nodes = graphql(
        up, "{assetNodes {description groupName owners {... on TeamAssetOwner {team}}}}"
    )
    assert all(n["description"] and n["groupName"] and n["owners"] for n in nodes["assetNodes"])


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium or Chrome: install one")
def test_a_book_s_page_shows_its_cover(up: Home) -> None:
    assert "data:image/webp" in page(
        up, "/assets/converted_book?view=partitions&partition=fables-choisies"
    )


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium or Chrome: install one")
def test_a_rejected_book_s_page_shows_its_findings_as_a_table(up: Home) -> None:
    shown = page(up, "/assets/validated_book?view=partitions&partition=broken-links")
    assert "OPF-049" in shown
    assert "<td" in shown


def test_the_report_sums_up_all_books(up: Home) -> None:
    launch = """mutation($params: ExecutionParams!) {launchRun(executionParams: $params)
        {__typename ... on PythonError {message}}}"""
    selector = {
        "repositoryName": "__repository__",
        "repositoryLocationName": "ebook_pipeline.definitions",
        "pipelineName": "report",
    }
    asked = graphql(up, launch, params={"selector": selector, "mode": "default"})
    assert asked["launchRun"]["__typename"] == "LaunchRunSuccess"
    query = """{assetOrError(assetKey: {path: ["ingestion_report"]}) {... on Asset
        {assetMaterializations(limit: 1)
        {metadataEntries {label ... on IntMetadataEntry {intValue}}}}}}"""

    def counted() -> bool:
        made = graphql(up, query)["assetOrError"].get("assetMaterializations")
        return bool(made) and {"label": "books", "intValue": 2} in made[0]["metadataEntries"]

    eventually(counted, 90)


def test_the_link_is_printed_again_as_long_as_it_is_good(up: Home) -> None:
    [printed] = up.ebooks("web").out.split()
    assert printed == up.stack.web_link()
    again = up.ebooks("up")
    assert (again.code, printed in again.out) == (0, True)


def test_the_name_of_who_reviews_is_the_operator_s_whatever_a_run_config_says(up: Home) -> None:
    launch = """mutation($params: ExecutionParams!) {launchRun(executionParams: $params)
        {__typename}}"""
    selector = {
        "repositoryName": "__repository__",
        "repositoryLocationName": "ebook_pipeline.definitions",
        "pipelineName": "review_books",
    }
    flags = [{"book": "fables-choisies", "reason": "a page is missing"}]

    def launched(**wishes: object) -> str:
        wished = {"selector": selector, "mode": "default", "runConfigData": review.config(**wishes)}
        return str(graphql(up, launch, params=wished)["launchRun"]["__typename"])

    assert launched(flags=flags, reviewer="the editor") == "RunConfigValidationInvalid"
    assert launched(flags=flags) == "LaunchRunSuccess"
    history = ("review", "history", "fables-choisies", "--json")
    eventually(lambda: bool(up.ebooks(*history).objects), 90)
    assert {one["actor"] for one in up.ebooks(*history).objects} == {"dagster:eve"}


def test_a_taken_port_is_named_with_its_setting(up: Home, tmp_path: Path) -> None:
    answer = up.ebooks("up", EBOOK_HOME=str(tmp_path / "other"))
    up.ebooks("down", EBOOK_HOME=str(tmp_path / "other"))
    assert answer.code == 1
    assert "EBOOK_EDGE_PORT" in answer.err


def test_down_leaves_nothing_behind(up: Home) -> None:
    answer = up.ebooks("down")
    assert "stopped: dagster, desk, edge, postgres" in answer.out
    home = str(up.settings.root)
    left = [
        process
        for process in psutil.process_iter(["cmdline", "cwd"])
        if home in " ".join([process.info["cwd"] or "", *(process.info["cmdline"] or [])])
    ]
    assert left == []
    assert Path(home, "objects").exists()
