"""What stands in the database of a person is sealed: no dump of it shows an address."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import StatementError

from ebook_pipeline.foundation.errors import Damaged, ServiceError
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.database import (
    Database,
    account_tables,
    notice_tables,
    sealed_rows,
    tables,
)
from ebook_pipeline.resources.database.personal import MARK, PersonalCipher
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from ebook_pipeline.resources.key_vault import LocalKeyVault
from tests.support.servers.postgres import migrated_to, rows

ADDRESS, PHONE = "quincunx@example.org", "+4915112345678"
CIPHER = PersonalCipher(lambda: Secret(bytes(32)))
_CONTACT = account_tables.contact


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_rows, "_BATCH", 50)


def contact(address: str) -> dict[str, str]:
    return {"account": "house", "address": address, "code": ""}


def test_what_is_read_is_what_was_written_and_what_stands_there_is_sealed(
    database: Database,
) -> None:
    with database.begin() as connection:
        connection.execute(insert(_CONTACT), contact(ADDRESS))
        found = connection.execute(select(_CONTACT.c.address)).scalar_one()
        here = select(_CONTACT.c.account).where(_CONTACT.c.address == ADDRESS)
        assert (found, connection.execute(here).scalar_one()) == (ADDRESS, "house")
    ((stands,),) = rows(database, "SELECT address FROM contact")
    assert stands.startswith(MARK)
    assert ADDRESS not in str(rows(database, "SELECT t::text FROM contact t"))


def test_the_same_address_is_the_same_row_whatever_table_it_stands_in(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(insert(_CONTACT), contact(ADDRESS))
        preferences = {"mail": ADDRESS, "phone": PHONE}
        row = {"who": ADDRESS, "preferences": preferences}
        connection.execute(insert(notice_tables.recipient), row)
        read = connection.execute(select(notice_tables.recipient.c.preferences)).scalar_one()
    assert read == preferences
    query = "SELECT count(*) FROM contact JOIN recipient ON recipient.who = contact.address"
    assert rows(database, query) == [(1,)]
    ((whole,),) = rows(database, "SELECT t::text FROM recipient t")
    assert ADDRESS not in whole
    assert PHONE not in whole


def test_sealed_text_opens_in_its_domain_alone_and_not_when_it_was_changed() -> None:
    sealed = CIPHER.seal("who", ADDRESS)
    assert (sealed, CIPHER.open("who", sealed)) == (CIPHER.seal("who", ADDRESS), ADDRESS)
    assert CIPHER.seal("who", ADDRESS, nonce=True) != CIPHER.seal("who", ADDRESS, nonce=True)
    for domain, forged in (
        ("name", sealed),
        ("who", sealed[:-2] + "AA"),
        ("who", MARK),
        ("who", f"{MARK}é"),
    ):
        with pytest.raises(Damaged, match="does not open"):
            CIPHER.open(domain, forged)


def test_another_homes_key_opens_nothing(database: Database, tmp_path: Path) -> None:
    with database.begin() as connection:
        connection.execute(insert(_CONTACT), contact(ADDRESS))
        connection.execute(text("DELETE FROM house_key"))
    url = database.engine.url.render_as_string(hide_password=False)
    other = Database(url, vault=LocalKeyVault(tmp_path / "vault"))
    with pytest.raises(Damaged), other.begin() as connection:
        connection.execute(select(_CONTACT)).all()
    other.close()


def test_without_a_vault_no_persons_field_is_written(database: Database) -> None:
    bare = Database(database.engine.url.render_as_string(hide_password=False))
    with pytest.raises(ServiceError, match="key vault"), bare.begin() as connection:
        connection.execute(insert(_CONTACT), contact(ADDRESS))
    bare.close()


_BEFORE = """
WITH made AS (INSERT INTO work DEFAULT VALUES RETURNING id)
    INSERT INTO book (id, work) SELECT 'one', id FROM made;
INSERT INTO edition (book, number, sha256, length, media_type, source, claims)
    VALUES ('one', 1, repeat('a', 64), 1, 'text/plain', 's', '{"title": "T", "contact": "ADDR"}');
INSERT INTO edition (book, number, sha256, length, media_type, source, claims)
    VALUES ('one', 2, repeat('a', 64), 1, 'text/plain', 's', '{"title": "F", "contact": "p1:x"}');
INSERT INTO contact (account, address, code) SELECT 'house', 'ADDR' || n, ''
    FROM generate_series(1, 120) n;
INSERT INTO recipient (who, preferences) VALUES ('ADDR', '{"phone": "PHONE"}');
INSERT INTO notice (id, kind, cause, about, who, channel, address, language, message, state, due,
    account) VALUES (repeat('b', 32), 'contact_confirm', 'contact house ADDR', '', 'ADDR', 'mail',
    'ADDR', 'en', '{"text": "Dear ADDR"}', 'sent', now(), 'house');
INSERT INTO audit (actor, action, book, detail) VALUES ('ann', 'assign', 'one',
    '{"assignee": "ADDR", "task": 1}');
"""


@pytest.fixture
def before(postgres_server: EmbeddedPostgres) -> Iterator[Database]:
    """A database of the release before, with persons in it."""
    with migrated_to(postgres_server, "0013") as database:
        with database.begin() as connection:
            statements = _BEFORE.replace("ADDR", ADDRESS).replace("PHONE", PHONE)
            connection.exec_driver_sql(statements)
        yield database


def dump(database: Database) -> str:
    names = [name for (name,) in rows(database, "SELECT tablename FROM pg_tables")]
    ours = [name for name in names if not name.startswith(("pg_", "sql_"))]
    return str([rows(database, f'SELECT t::text FROM "{name}" t') for name in ours])


def test_rows_of_an_earlier_release_are_sealed_by_the_first_who_has_the_vault(
    before: Database,
) -> None:
    assert ADDRESS in dump(before)
    before.migrate()
    whole = dump(before)
    assert ADDRESS not in whole
    assert PHONE not in whole
    assert rows(before, "SELECT * FROM unsealed") == []
    with before.begin() as connection:
        claims = select(tables.edition.c.claims).order_by(tables.edition.c.number)
        edition, forged = connection.execute(claims).scalars()
        detail = connection.execute(select(tables.audit.c.detail)).scalar_one()
        addresses = set(connection.execute(select(_CONTACT.c.address)).scalars())
        told = connection.execute(select(notice_tables.notice.c.message)).scalar_one()
    assert edition == {"title": "T", "contact": ADDRESS}
    assert forged == {"title": "F"}
    assert detail == {"assignee": ADDRESS, "task": 1}
    assert addresses == {f"{ADDRESS}{number}" for number in range(1, 121)}
    assert told == {"text": f"Dear {ADDRESS}"}


def test_sealing_that_was_cut_off_goes_on_where_it_was(
    before: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal, sealed = PersonalCipher.seal, []

    def dies(cipher: PersonalCipher, domain: str, value: str, *, nonce: bool = False) -> str:
        sealed.append(value)
        if len(sealed) == 70:
            raise RuntimeError("killed")
        return seal(cipher, domain, value, nonce=nonce)

    with monkeypatch.context() as patched:
        patched.setattr(PersonalCipher, "seal", dies)
        with pytest.raises(StatementError, match="killed"):
            before.migrate()
    assert ADDRESS in dump(before)
    before.migrate()
    assert ADDRESS not in dump(before)


def test_a_row_that_this_release_wrote_meanwhile_is_the_one_that_stays(before: Database) -> None:
    with before.begin() as connection:
        connection.execute(text("DELETE FROM contact WHERE address LIKE '%_9'"))
    before.migrate()
    with before.begin() as connection:
        connection.execute(text("INSERT INTO unsealed VALUES ('contact')"))
        plain = {"address": f"{ADDRESS}1"}
        row = "INSERT INTO contact (account, address, code) VALUES ('house', :address, 'older')"
        connection.execute(text(row), plain)
    before.migrate()
    with before.begin() as connection:
        here = select(_CONTACT.c.code).where(_CONTACT.c.address == plain["address"])
        assert connection.execute(here).scalars().all() == [""]
    assert ADDRESS not in dump(before)


def test_an_event_keeps_its_facts_and_hides_its_reader(database: Database) -> None:
    facts = {"license": "l", "reader": ADDRESS}
    with database.begin() as connection:
        connection.execute(text("INSERT INTO work DEFAULT VALUES"))
        connection.execute(text("INSERT INTO book (id, work) SELECT 'one', max(id) FROM work"))
        row = {
            "uid": "0" * 32,
            "event": "license.issued",
            "version": 1,
            "book": "one",
            "payload": facts,
            "correlation": "c",
        }
        connection.execute(insert(tables.outbox), row)
        connection.execute(update(tables.outbox).values(payload=tables.outbox.c.payload))
        assert connection.execute(select(tables.outbox.c.payload)).scalar_one() == facts
    ((stands,),) = rows(database, "SELECT payload::text FROM outbox")
    assert json.loads(stands)["license"] == "l"
    assert ADDRESS not in stands
