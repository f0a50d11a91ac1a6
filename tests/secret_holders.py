"""Everything that a home of the pipeline leaves behind, and which of it holds a secret."""

import base64
from collections.abc import Iterable, Iterator, Mapping

from houses import House
from sqlalchemy import create_engine, inspect, text

_ELSEWHERE = {"vault", "postgres"}
"""The vault is where master keys belong; the database is asked for its rows."""


def left_behind(house: House) -> Iterator[tuple[str, bytes]]:
    """What stands where: every file of the home, every row of both databases."""
    root = house.settings.root
    for path in root.rglob("*"):
        if path.is_file() and path.relative_to(root).parts[0] not in _ELSEWHERE:
            yield str(path.relative_to(root)), path.read_bytes()
    assert house.stack.postgres is not None
    for database in ("ebooks", "dagster"):
        yield from _rows(house.stack.postgres.url(database))


def holding(places: Mapping[str, bytes], secrets: Iterable[bytes]) -> list[str]:
    """The places in which a secret stands: as it is, in hex, or in Base64 at any offset."""
    forms = [form for secret in secrets for form in _forms(secret)]
    return [place for place, body in places.items() if any(form in body for form in forms)]


def _forms(secret: bytes) -> Iterator[bytes]:
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + secret)
        yield coded[(4 if shift else 0) : -4]
        yield base64.urlsafe_b64encode(bytes(shift) + secret)[(4 if shift else 0) : -4]


def _rows(url: str) -> Iterator[tuple[str, bytes]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            rows = connection.execute(text(f'SELECT t::text FROM "{table}" t')).scalars()
            yield f"table {table}", "\n".join(rows).encode()
    engine.dispose()
