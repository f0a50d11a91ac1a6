"""A real OpenID provider (npm oidc-provider) signs a person in, and a person without an account."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ebook_pipeline.desk.oidc import provider
from ebook_pipeline.resources.database import Database
from tests.desk.test_oidc import BACK, BEGIN, confirm
from tests.support.desk import ORIGIN, Desk, open_desk
from tests.support.paths import JUDGES

CLIENT, SECRET = "desk", "s" * 40

pytestmark = pytest.mark.skipif(
    not (JUDGES / "node_modules" / "oidc-provider").exists(),
    reason="no OpenID provider: npm ci --omit=dev --prefix tests/judges (needs node)",
)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    argv = ["node", "sign_people_in.mjs", CLIENT, SECRET, f"{ORIGIN}{BACK}"]
    with subprocess.Popen(
        argv, cwd=JUDGES, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


@pytest.fixture
def desk(database: Database, issuer: str, tmp_path: Path) -> Iterator[Desk]:
    provider._kept_provider.cache_clear()
    settings: dict[str, Any] = {
        "oidc_issuer": issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
    }
    with open_desk(database, home=tmp_path, **settings) as opened:
        confirm(database, "eve", "eve@example.org")
        yield opened


def where_it_ends(url: str, name: str) -> str:
    """The desk's address to which the provider sends a browser in which `name` has signed in."""
    with httpx.Client(follow_redirects=False, timeout=30) as browser:
        for _ in range(12):
            if url.startswith(ORIGIN):
                return url.removeprefix(ORIGIN)
            answer = browser.get(url)
            if answer.status_code == 200:
                action = re.search(r'action="([^"]+)"', answer.text)
                prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
                assert action, answer.text
                assert prompt, answer.text
                form = {"prompt": prompt[1], "login": name, "password": "x"}
                answer = browser.post(httpx.URL(url).join(action[1]), data=form)
            url = str(httpx.URL(url).join(answer.headers["Location"]))
    raise AssertionError(url)


def test_it_signs_a_person_in(desk: Desk) -> None:
    browser = desk.nobody()
    url = browser.get(BEGIN, follow_redirects=False).headers["Location"]
    answer = browser.get(where_it_ends(url, "eve"), follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dagster/")
    assert browser.get("/api/v1/me").json()["login"] == "eve"


@pytest.mark.parametrize("name", ["stranger", "mallory"])
def test_it_signs_nobody_in_whom_nobody_added(desk: Desk, name: str) -> None:
    confirm(desk.database, "bob", "stranger@example.com")
    browser = desk.nobody()
    url = browser.get(BEGIN, follow_redirects=False).headers["Location"]
    assert browser.get(where_it_ends(url, name)).status_code == 403
    assert browser.get("/api/v1/me").status_code == 401
