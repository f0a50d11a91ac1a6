"""Everything that a home of the pipeline leaves behind, and which of it holds a secret."""

import base64
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, inspect, text

from tests.support.homes import Home

if TYPE_CHECKING:
    from tests.support.aws.home import AwsHome

_SIGNED = re.compile(rb"[?&](?:Signature|Key-Pair-Id|X-Amz-Signature)=")
_ELSEWHERE = {"vault", "postgres"}
"""The vault is where master keys belong; the database is asked for its rows."""


def left_behind(home: Home) -> Iterator[tuple[str, bytes]]:
    """What stands where: every file of the home, every row of both databases."""
    root = home.settings.root
    for path in root.rglob("*"):
        if path.is_file() and path.relative_to(root).parts[0] not in _ELSEWHERE:
            yield str(path.relative_to(root)), path.read_bytes()
    for url in _databases(home):
        yield from _rows(url)


def left_at_amazon(aws_home: "AwsHome") -> Iterator[tuple[str, bytes]]:
    """Every object with what stands in it and beside it, every message, every invalidation."""
    for bucket in ("LandingBucket", "ObjectsBucket", "ReleaseBucket"):
        for key, body in aws_home.objects(bucket).items():
            yield f"s3 {bucket}/{key}", body
            yield f"metadata of {bucket}/{key}", str(aws_home.head(bucket, key)).encode()
            yield from _entries(f"s3 {bucket}/{key}", body)
    yield "sqs", json.dumps(aws_home.told()).encode()
    yield "ses", json.dumps(aws_home.mail()).encode()
    yield "cloudfront", " ".join(aws_home.edge.invalidations()).encode()


def signed_urls(places: Mapping[str, bytes]) -> list[str]:
    """The places in which a URL stands that opens what is sold, beside its reader's licence.

    A licence names the download of what it opens, and its own address is known to its reader.
    """
    return [
        place
        for place, body in places.items()
        if _SIGNED.search(body) and not place.endswith("/license.lcpl")
    ]


def holding(places: Mapping[str, bytes], secrets: Iterable[bytes]) -> list[str]:
    """The places in which a secret stands: as it is, in hex, or in Base64 at any offset."""
    forms = [form for secret in secrets for form in _forms(secret)]
    return [place for place, body in places.items() if any(form in body for form in forms)]


def _entries(place: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    """What a ZIP archive holds, for nothing can be found in it as it is."""
    if zipfile.is_zipfile(io.BytesIO(body)):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for name in archive.namelist():
                yield f"{place}!{name}", archive.read(name)


def _databases(home: Home) -> Iterator[str]:
    """Of the embedded server, or of any other by its settings."""
    if home.stack.postgres is not None:
        yield from map(home.stack.postgres.url, ("ebooks", "dagster"))
        return
    for url in (home.settings.database_url, home.settings.dagster_database_url):
        assert url is not None
        yield url.get_secret_value()


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
