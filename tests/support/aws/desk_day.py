"""All that the desk does at Amazon's, done once: for judging what its role must allow."""

import base64
import random
from typing import Any

import httpx
from starlette.testclient import TestClient

from ebook_pipeline.books.owning.accounts import HOUSE, Role
from ebook_pipeline.books.protecting.lcp.license import passphrase_hash
from ebook_pipeline.desk.oidc import attempts
from ebook_pipeline.services.protecting.content_keys import MARKING, named_secret
from tests.support.aws.home import AwsHome
from tests.support.desk import Desk

_TUS = {"Tus-Resumable": "1.0.0"}
_BODY = random.Random(5).randbytes(9 << 20)
"""More than one part, and a rest that S3 takes as no part."""
_CUT = 6 << 20


def spend_a_day(aws_home: AwsHome, desk: Desk, *, sold: str, rejected: str) -> None:
    """Uploads, files, a licence, tokens, mail, off sale and back, a draft that is deleted."""
    operator = desk.person("olga", Role.OPERATOR, HOUSE)
    author = desk.person("una", Role.AUTHOR, "press")
    _upload(author)
    _upload_directly(author)
    desk.app.state.ingestion.turn()
    _read(operator, sold)
    _license(operator, desk, sold)
    _sign_tokens(operator, desk)
    _mail(author)
    for name in (MARKING, attempts.SECRET):
        named_secret(desk.database, aws_home.home.resources.key_vault, name)
    _take_off_and_back(operator, sold)
    _gone(operator, f"/api/v1/books/{rejected}")


def _upload(author: TestClient) -> None:
    """By tus, cut once; a second one is given up."""
    for whole in (True, False):
        about = f"job {_base64(_job(author))},filename {_base64('emma.epub')}"
        wanted = _TUS | {"Upload-Length": str(len(_BODY)), "Upload-Metadata": about}
        url = _good(author.post("/api/v1/uploads", headers=wanted)).headers["Location"]
        _send(author, url, 0, _BODY[:_CUT])
        if whole:
            _send(author, url, _CUT, _BODY[_CUT:])
        else:
            _good(author.delete(url, headers=_TUS))


def _send(author: TestClient, url: str, offset: int, body: bytes) -> None:
    kind = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    _good(author.patch(url, content=body, headers=_TUS | kind))


def _upload_directly(author: TestClient) -> None:
    wanted = {"filename": "persuasion.epub", "length": len(_BODY)}
    job = _job(author)
    begun = _good(author.post(f"/api/v1/jobs/{job}/direct-uploads", json=wanted)).json()
    assert httpx.put(begun["url"], content=_BODY).status_code == 200
    _good(author.post(begun["complete"]))


def _job(author: TestClient) -> str:
    return str(_good(author.post("/api/v1/jobs", json={"metadata": {}})).json()["id"])


def _read(operator: TestClient, book: str) -> None:
    for place in ("report", "records/qa_report", "files", "files/original", "files/cover"):
        _good(operator.get(f"/api/v1/books/{book}/{place}"))


def _license(operator: TestClient, desk: Desk, book: str) -> None:
    """Issued, embedded into the book, registered by a device, revoked."""
    hashed = passphrase_hash("whatever she says").reveal().hex()
    wish = {"book": book, "reader": "r-5", "passphrase_sha256": hashed}
    issued = _good(operator.post("/api/v1/licenses", json=wish)).json()["id"]
    place = f"/api/v1/licenses/{issued}"
    for part in ("license.lcpl", "publication"):
        _good(operator.get(f"{place}/{part}"))
    seen = _good(operator.get(place)).headers["ETag"]
    _good(operator.post(f"{place}/revocation", json={}, headers={"If-Match": seen}))


def _sign_tokens(operator: TestClient, desk: Desk) -> None:
    made = {"name": "shop", "account": HOUSE, "role": "client", "scopes": ["license:issue"]}
    client = _good(operator.post("/api/v1/clients", json=made)).json()
    asked = {"grant_type": "client_credentials"}
    secret = (client["id"], client["secret"])
    _good(desk.nobody().post("/oauth/token", data=asked, auth=secret))


def _mail(author: TestClient) -> None:
    """A link that confirms an address."""
    _good(author.post("/email", data={"email": "una@example.org", "old": ""}))


def _take_off_and_back(operator: TestClient, book: str) -> None:
    for what in ("withdrawal", "release"):
        seen = _good(operator.get(f"/api/v1/books/{book}/release")).headers["ETag"]
        place = f"/api/v1/books/{book}/{what}"
        _good(operator.post(place, json={}, headers={"If-Match": seen}))


def _gone(operator: TestClient, book: str) -> None:
    seen = _good(operator.get(book)).headers["ETag"]
    _good(operator.delete(book, headers={"If-Match": seen}))


def _good(answer: Any) -> Any:
    assert answer.is_success, (str(answer.request.url), answer.text)
    return answer


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
