"""Canva's Connect API: pages of ours as assets, a brand template filled with them, the PDF of it.

https://www.canva.dev/docs/connect/ and the OpenAPI document of its starter kit (openapi/spec.yml):
OAuth 2 with PKCE, then asynchronous jobs for uploads, autofill and exports. Nothing of the project
needs it; without a client's id there is none.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from pydantic import SecretStr

from ebook_pipeline.foundation.errors import Denied, ServiceError, Unavailable, may_answer_later
from ebook_pipeline.foundation.foreign_json import parse_json
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.models.bounded_answers import (
    AnswerBounds,
    bounded_answer,
    require_ok,
)

if TYPE_CHECKING:
    from ebook_pipeline.settings import Settings

API = "https://api.canva.com/rest/v1"
AUTHORIZE = "https://www.canva.com/api/oauth/authorize"
SCOPES = (
    "asset:read", "asset:write", "brandtemplate:content:read", "brandtemplate:meta:read",
    "design:content:read", "design:content:write", "design:meta:read",
)  # fmt: skip
_MOST_ANSWER = 1 << 20
_MOST_FILE = 300 << 20
"""Bytes of an exported PDF."""
_LONGEST_NAME = 50
"""Letters of an asset's name, by the API's reference."""
_POLL_SECONDS, _MOST_POLLS = 2.0, 150


class CanvaRefused(ServiceError):
    """A job that Canva ended as failed, or an answer that is none."""


class Attempt(NamedTuple):
    """A sign-in that was begun: where the browser goes, and what is kept until it is back."""

    url: str
    state: str
    verifier: str


class CanvaTokens(Record):
    """What a person has let us do; `expires_at` is in seconds of the epoch."""

    access_token: str
    refresh_token: str
    expires_at: float


class CanvaClient(Record):
    """Our integration as Canva's portal has it."""

    client_id: str
    client_secret: SecretStr
    redirect_uri: str
    api: str = API
    authorize: str = AUTHORIZE


def client_of(settings: "Settings") -> CanvaClient | None:
    """Our integration as the settings have it; None where they have none."""
    if not (settings.canva_client_id and settings.canva_client_secret):
        return None
    return CanvaClient(
        client_id=settings.canva_client_id,
        client_secret=settings.canva_client_secret,
        redirect_uri=settings.canva_redirect_uri,
        api=settings.canva_api,
    )


def begin(client: CanvaClient) -> Attempt:
    """Begin to ask a person's leave: RFC 7636 with S256, and a state bound to the browser."""
    verifier, state = secrets.token_urlsafe(72), secrets.token_urlsafe(24)
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        "scope": " ".join(SCOPES),
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "state": state,
    }
    return Attempt(f"{client.authorize}?{urlencode(asked)}", state, verifier)


class Canva:
    """The API in the name of one person; `renewed` is told of tokens that took others' place."""

    def __init__(
        self,
        client: CanvaClient,
        tokens: CanvaTokens | None = None,
        renewed: Callable[[CanvaTokens], object] = lambda _: None,
        *,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        import httpx

        self._client, self._tokens = client, tokens
        self._renewed, self._wait = renewed, wait
        self._http = httpx.Client(timeout=httpx.Timeout(60, connect=10))

    def take_code(self, attempt: Attempt, state: str, code: str) -> CanvaTokens:
        """The tokens for the code that the browser came back with. `Denied` for a foreign state."""
        if not secrets.compare_digest(state, attempt.state):
            raise Denied("this sign-in at Canva was begun by another browser")
        return self._take(
            {
                "grant_type": "authorization_code",
                "code": code,
                "code_verifier": attempt.verifier,
                "redirect_uri": self._client.redirect_uri,
            }
        )

    def upload(self, name: str, picture: bytes) -> str:
        """The id of a picture that was uploaded as an asset."""
        named = base64.b64encode(name[:_LONGEST_NAME].encode()).decode()
        headers = {
            "Content-Type": "application/octet-stream",
            "Asset-Upload-Metadata": json.dumps({"name_base64": named}),
        }
        job = self._job("/asset-uploads", headers=headers, content=picture)
        return _text(job, "asset", "id")

    def dataset(self, template: str) -> dict[str, str]:
        """The fields of a brand template that can be filled, and the kind of each."""
        answer = self._ask("GET", f"/brand-templates/{template}/dataset")
        fields = answer.get("dataset", {})
        return {name: _text(field, "type") for name, field in fields.items()}

    def autofill(
        self, template: str, title: str, texts: Mapping[str, str], assets: Mapping[str, str]
    ) -> str:
        """The id of a design made of a brand template, with these texts and assets by field."""
        data: dict[str, dict[str, str]] = {
            name: {"type": "text", "text": text} for name, text in texts.items()
        }
        data |= {name: {"type": "image", "asset_id": asset} for name, asset in assets.items()}
        wanted = {"brand_template_id": template, "title": title[:255], "data": data}
        return _text(self._job("/autofills", json=wanted), "result", "design", "id")

    def export(self, design: str) -> bytes:
        """The design as a PDF for print."""
        wanted = {"design_id": design, "format": {"type": "pdf", "export_quality": "pro"}}
        job = self._job("/exports", json=wanted)
        urls = job.get("urls")
        if not isinstance(urls, list) or len(urls) != 1 or not isinstance(urls[0], str):
            raise CanvaRefused("Canva exported no file")
        return self._send("GET", urls[0], most=_MOST_FILE)

    def _job(self, path: str, **sent: Any) -> dict[str, Any]:
        """Begin a job, and wait until it is done."""
        job = self._ask("POST", path, **sent).get("job", {})
        for _ in range(_MOST_POLLS):
            if job.get("status") == "success":
                return dict(job)
            if job.get("status") != "in_progress":
                error = job.get("error") or {}
                raise CanvaRefused(f"Canva ended {path[1:]} as failed: {error.get('code', '')}")
            self._wait(_POLL_SECONDS)
            job = self._ask("GET", f"{path}/{_text(job, 'id')}").get("job", {})
        raise Unavailable(f"Canva did not end {path[1:]} in time")

    def _ask(self, method: str, path: str, **sent: Any) -> dict[str, Any]:
        """One call, with tokens that are fresh."""
        if self._tokens is None:
            raise Denied("nobody has signed in at Canva")
        if self._tokens.expires_at < time.time():
            asked = {"grant_type": "refresh_token", "refresh_token": self._tokens.refresh_token}
            self._take(asked)
        headers = {"Authorization": f"Bearer {self._tokens.access_token}"} | sent.pop("headers", {})
        return _document(self._send(method, self._client.api + path, headers=headers, **sent))

    def _take(self, asked: dict[str, str]) -> CanvaTokens:
        secret = self._client.client_secret.get_secret_value()
        basic = base64.b64encode(f"{self._client.client_id}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}"}
        url = f"{self._client.api}/oauth/token"
        answer = _document(self._send("POST", url, headers=headers, data=asked))
        seconds = answer.get("expires_in")
        if not isinstance(seconds, int):
            raise CanvaRefused("Canva answered no tokens")
        self._tokens = CanvaTokens(
            access_token=_text(answer, "access_token"),
            refresh_token=_text(answer, "refresh_token"),
            expires_at=time.time() + seconds - 60,
        )
        self._renewed(self._tokens)
        return self._tokens

    def _send(self, method: str, url: str, *, most: int = _MOST_ANSWER, **sent: Any) -> bytes:
        """Raises `Unavailable` where a retry may help; no answer of Canva's stands in an error."""
        where = str(urlsplit(url).hostname)
        bounds = AnswerBounds(most, CanvaRefused, require=_require_ok)
        return bounded_answer(self._http, method, url, where, bounds, **sent)


def _require_ok(status: int, where: str) -> None:
    if status in (401, 403):
        raise Denied(f"{where} answered {status}: sign in at Canva again")
    if status != 200 and not may_answer_later(status):
        raise CanvaRefused(f"{where} answered {status}")
    require_ok(status, where)


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = parse_json(body)
    except ValueError as error:
        raise CanvaRefused("Canva answered no JSON") from error
    if not isinstance(document, dict):
        raise CanvaRefused("Canva answered no object")
    return document


def _text(document: Any, *path: str) -> str:
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    if not isinstance(document, str) or not document:
        raise CanvaRefused(f"Canva answered without {'.'.join(path)}")
    return document
