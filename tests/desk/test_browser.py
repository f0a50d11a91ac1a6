"""Signing in in a real browser, and what a page of somebody else's does there: nothing."""

import pytest

from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.signing_in import passwords
from tests.support.desk import served
from tests.support.homes import free_port
from tests.support.servers.web_browser import CHROMIUM, Tab, foreign_page, web_browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.prove,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium or Chrome: install one"),
]
PASSWORD = "a long enough password"
# Of the same site as the desk: browsers know sites by host, whatever the port, and send cookies.
NEIGHBOUR = """<!doctype html><title>cats</title>
<iframe name="hidden"></iframe>
<form method="post" action="TARGET/sign-out" target="hidden"></form>
<script>
document.forms[0].submit();
const how = {method: "POST", mode: "no-cors", credentials: "include"};
fetch("TARGET/sign-out", how).finally(() => setTimeout(() => { document.title = "over"; }, 500));
</script>
"""


def send(tab: Tab, **fields: str) -> None:
    """Fill in the page's form and press its button."""
    for name, value in fields.items():
        tab.run(f'document.querySelector("[name={name}]").value = "{value}"')
    tab.run("window.before = true; document.querySelector('button').click()")
    tab.wait_for('!window.before && document.readyState == "complete"')


def test_a_person_signs_in_and_no_neighbour_signs_them_out(database: Database) -> None:
    with database.begin() as connection:
        passwords.set_password(connection, "ann", PASSWORD)
    port = free_port()
    target = f"http://127.0.0.1:{port}"
    with served(database, port), web_browser() as browser:
        tab = Tab(browser)
        tab.open(f"{target}/account")
        assert tab.address == f"{target}/sign-in?next=/account"
        send(tab, name="ann", password="not this one")
        assert "Nobody signs in" in tab.text
        send(tab, name="ann", password=PASSWORD)
        assert tab.address == f"{target}/account"
        assert "signed in as ann" in tab.text
        assert tab.run("document.cookie") == ""
        assert tab.run("getComputedStyle(document.querySelector('main')).maxWidth") != "none"
        entries = [one["entry"] for one in tab.events("Log.entryAdded")]
        assert [one["text"] for one in entries if "Security Policy" in one["text"]] == []
        with foreign_page(NEIGHBOUR.replace("TARGET", target)) as other:
            neighbour = Tab(browser)
            neighbour.open(f"http://127.0.0.1:{other}/")
            neighbour.wait_for('document.title == "over"')
        tab.open(f"{target}/account")
        assert "signed in as ann" in tab.text
        send(tab)
        assert "signed out" in tab.text
        tab.open(f"{target}/account")
        assert tab.address.startswith(f"{target}/sign-in")
