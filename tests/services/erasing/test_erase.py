"""An erased person is nowhere any more, whoever looks; cut off or not, and others stay."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import text, update

from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Role
from ebook_pipeline.books.records import BookFormat, Submission
from ebook_pipeline.cli.purge import taking_away
from ebook_pipeline.execution import dagster_forgetting
from ebook_pipeline.resources.database import license_tables
from ebook_pipeline.resources.notifier import MailFolder
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.actors import LAUNCHED_BY
from ebook_pipeline.services.audit_and_outbox import audit, emit
from ebook_pipeline.services.erasing import erased_rows
from ebook_pipeline.services.intake import file_submission, submissions
from ebook_pipeline.services.notifying import confirming, recipients
from ebook_pipeline.services.notifying.composing import notice_composer
from ebook_pipeline.services.owning import contacts, people
from ebook_pipeline.services.protecting.licenses import Licenses
from tests.support import secret_search
from tests.support.homes import Home, copied_home, filled_once
from tests.support.kills import killed_at
from tests.support.servers.postgres import rows

ADDRESS, SPELT = "quincunx.unheard@example.org", "Quincunx.Unheard@Example.org"
LOGIN, NAME, DEVICE = "quincunx", "Quincunx Unheard-Of", "quincunx-reader-77"
OTHER = "somebody.else@example.org"
_LICENSE = """
    INSERT INTO license (id, book, edition, form, reader, provider, hint, user_key,
        issued, updated, status_updated, state)
    VALUES (:id, 'emma', 1, 'epub', :reader, 'p', 'h', 'uk', now(), now(), now(), 'ready')
"""


class Desk:
    """A home in which one person is known in every way, and somebody else too."""

    def __init__(self, home: Home) -> None:
        self.home, self.database = home, home.resources.database
        self.store = home.resources.object_store

    def fill(self, folder: Path) -> None:
        membership = Membership(account=HOUSE, role=Role.EDITOR)
        people.add(self.database, LOGIN, membership, actor="eve", name=NAME)
        people.add(self.database, "bystander", membership, actor=f"cli:{LOGIN}")
        for book, contact in (("emma", SPELT), ("persuasion", OTHER)):
            self._submit(book, contact, folder)
        for address in (ADDRESS, OTHER):
            confirming.vouch(self.database, "house", address, 20, actor=f"cli:{LOGIN}")
            recipients.prefer(self.database, address, {"language": "de"}, actor="eve")
        self._tell()
        self._work()
        self._launch()

    def _submit(self, book: str, contact: str, folder: Path) -> None:
        path = folder / f"{book}.txt"
        path.write_bytes(book.encode())
        path.with_name(f"{path.name}.json").write_text(json.dumps({"contact": contact}))
        file_submission.submit_file(
            self.database, self.store, path.name, path, actor=f"cli:{LOGIN}"
        )
        edition = submissions.take_edition(self.database, book, lambda found: found.blob)  # type: ignore[arg-type, return-value]
        record = Submission(
            blob=edition.blob, format=BookFormat.TEXT, source="s", claims=edition.claims
        )
        for source in ("an older record", "s"):
            kept = record.model_copy(update={"source": source})
            RecordStore(self.store).keep("raw_file", book, 1, kept, "f")

    def _tell(self) -> None:
        with self.database.begin() as connection:
            facts = {"license": "l-1", "reader": ADDRESS}
            audit(connection, f"cli:{LOGIN}", "license.issued", "emma", facts)
            emit(connection, "license.issued", "emma", facts)
        with self.database.begin() as connection:
            connection.execute(text(_LICENSE), {"id": "l-2", "reader": ""})
            connection.execute(update(license_tables.license).values(reader="plain-reader"))
            device = "INSERT INTO license_event (license, type, device, device_name, actor, at)"
            connection.execute(
                text(f"{device} VALUES ('l-2', 'register', 'd', 'n', 'device', now())")
            )
        composer = notice_composer(self.home.resources)
        composer.tell_team(NoticeKind.EDGE_RESTORED, "calm", {"facts": [f"ask {ADDRESS}"]}, "emma")
        assert self.home.ebooks("events", "deliver").code == 0
        assert self.home.ebooks("notices", "send").code == 0

    def _work(self) -> None:
        """What is told of work at the desk, in the person's name."""
        facts = {"manuscript": "m", "by": f"desk:{LOGIN}", "reason": "late", "step": LOGIN}
        with self.database.begin() as connection:
            audit(connection, "eve", "manuscript.submit", "", facts)
            emit(connection, "book.stateChanged", "manuscript:m", facts)
            audit(connection, "eve", "manuscript.assign", "", {"manuscript": "m", "editor": LOGIN})
            audit(connection, "eve", "identity.link", "", {"person": LOGIN, "subject": "110169"})
            emit(connection, "book.retried", "emma", {"actor": f"cli:{LOGIN}"})

    def _launch(self) -> None:
        with dg.DagsterInstance.get() as instance:
            run = dg.DagsterRun(job_name="j", tags={LAUNCHED_BY: f"cli:{LOGIN}"})
            instance.add_run(run)

    def erase(self, who: str = SPELT) -> int:
        return self.home.ebooks("person", "erase", who).code

    def holding(self, *secrets: str) -> list[str]:
        places = dict(secret_search.left_behind(self.home))
        return secret_search.holding(places, [secret.encode() for secret in secrets])

    def audit(self) -> str:
        return str(rows(self.database, "SELECT actor, action FROM audit"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with copied_home(filled_once("erasing", _fill), tmp_path / "home") as home:
        yield Desk(home)


def _fill(home: Home) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Desk(home).fill(Path(folder))


def others_are_whole(desk: Desk) -> bool:
    known = {contact.address for contact in contacts.list_contacts(desk.database)}
    kept = recipients.preferences_of(desk.database, OTHER)
    edition = submissions.current_edition(desk.database, "persuasion")
    still = people.person(desk.database, "bystander")
    return (
        known == {OTHER}
        and kept is not None
        and edition.claims.contact == OTHER
        and still.memberships != ()
    )


def test_an_address_is_found_nowhere_once_it_is_erased(desk: Desk) -> None:
    assert len(desk.holding(ADDRESS, SPELT)) == 5
    exported = json.loads(desk.home.ebooks("person", "export", ADDRESS).out)
    tables = {"contact", "recipient", "submission", "edition", "audit", "outbox", "notice"}
    assert tables <= set(exported["rows"])
    assert SPELT in exported["known_as"]
    assert OTHER not in json.dumps(exported)
    assert desk.erase() == 0
    assert desk.holding(ADDRESS, SPELT) == []
    assert others_are_whole(desk)
    assert desk.home.ebooks("person", "export", ADDRESS).code == 1
    assert desk.erase() == 1


def test_what_was_told_of_work_at_the_desk_names_nobody_any_more(desk: Desk) -> None:
    assert desk.erase(LOGIN) == 0
    told = str(rows(desk.database, "SELECT payload FROM outbox"))
    noted = str(rows(desk.database, "SELECT detail FROM audit"))
    assert "110169" not in noted
    assert (f"desk:{LOGIN}" in told + noted, f"cli:{LOGIN}" in told + noted) == (False, False)
    assert "'by': 'desk:erased-" in told
    assert "'editor': 'erased-" in noted
    assert f"'step': '{LOGIN}'" in told, "a word that is spelt as a login is none"


@pytest.mark.prove
def test_a_login_is_another_one_wherever_it_stood(desk: Desk) -> None:
    assert f"cli:{LOGIN}" in desk.audit()
    assert desk.erase(LOGIN) == 0
    assert desk.holding(f'"cli:{LOGIN}"', NAME) == []
    assert LOGIN not in desk.audit()
    assert "cli:erased-" in desk.audit()
    (gone,) = [one for one in people.people(desk.database) if one.login.startswith("erased-")]
    assert (gone.name, gone.memberships, gone.left_at is None) == ("", (), False)
    with dg.DagsterInstance.get() as instance:
        (run,) = instance.get_runs()
    assert run.tags[LAUNCHED_BY] == f"cli:{gone.login}"
    assert people.person(desk.database, "bystander").memberships != ()
    assert {one.address for one in contacts.list_contacts(desk.database)} == {ADDRESS, OTHER}


def test_a_reader_is_a_pseudonym_on_the_licence_and_has_no_devices(desk: Desk) -> None:
    said: list[str] = []
    with taking_away(desk.home.resources) as (_, erasing):
        object.__setattr__(erasing, "republish", said.append)
        done = erasing.erase("plain-reader", actor="eve")
    assert said == ["l-2"]
    exported = json.loads(desk.home.ebooks("person", "export", done.pseudonym).out)
    assert [row["reader"] for row in exported["rows"]["license"]] == [done.pseudonym]
    assert rows(desk.database, "SELECT device, device_name FROM license_event") == [(None, None)]


@pytest.mark.prove
def test_an_erasure_that_is_cut_off_at_its_very_end_writes_the_licence_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def dies(_: Licenses, license: str) -> None:
        said.append(license)
        raise RuntimeError("killed")

    monkeypatch.setattr(Licenses, "publish", dies)
    with pytest.raises(RuntimeError):
        desk.erase("plain-reader")
    assert desk.holding("plain-reader") == []
    monkeypatch.setattr(Licenses, "publish", lambda _, license: said.append(license))
    assert desk.erase("plain-reader") == 0
    assert said == ["l-2", "l-2"]
    assert desk.erase("plain-reader") == 1


@pytest.mark.prove
@pytest.mark.parametrize(
    ("where", "what"),
    [
        (MailFolder, "forget_all"),
        (RecordStore, "keep"),
        (dagster_forgetting, "rename_texts"),
        (erased_rows, "erase_rows"),
    ],
)
def test_an_erasure_that_is_cut_off_is_taken_up_where_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, where: object, what: str
) -> None:
    with killed_at(monkeypatch, where, what):
        desk.erase()
    assert desk.erase() == 0
    assert desk.holding(ADDRESS, SPELT) == []
    assert len(rows(desk.database, "SELECT pseudonym FROM erasure WHERE ended_at > at")) == 1


@pytest.mark.prove
def test_roles_nobody_and_the_only_operator_are_not_erased(desk: Desk) -> None:
    for who in ("team", "authors", "nobody-at-all", " "):
        assert desk.erase(who) == 1
    refused = desk.home.ebooks("person", "erase", "eve")
    assert (refused.code, "only operator" in refused.err) == (1, True)
