"""Canva's Connect API against a stand-in that takes what its OpenAPI document says, and no more."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from ebook_pipeline.cli.picture_book import picture_book
from ebook_pipeline.foundation.errors import Denied, Unavailable
from ebook_pipeline.resources.models.canva import (
    SCOPES,
    Canva,
    CanvaClient,
    CanvaRefused,
    CanvaTokens,
    begin,
)
from tests.support.servers.stand_in import StandIn, StandInHandler, serving

BASIC = "Basic " + base64.b64encode(b"OC-1:s3cret").decode()
PDF = b"%PDF-1.7 a design"


class CanvaStandIn(StandIn):
    """Jobs need two looks; `fails` names one that ends as failed, `status` is every answer's."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.challenge, self.tokens, self.looks = "", 0, 0
        self.fails, self.status = "", 200
        self.assets: dict[str, bytes] = {}
        self.filled: dict[str, Any] = {}


class _Handler(StandInHandler):
    server: CanvaStandIn

    def asked(self) -> None:
        self._begin() if self.command == "POST" else self._look()

    def _begin(self) -> None:
        body = self.received()
        if self.path == "/v1/oauth/token":
            self._answer(self._token(body.decode()))
            return
        self._require(self.headers["Authorization"] == f"Bearer token-{self.server.tokens}")
        name = self.path.removeprefix("/v1/")
        if name == "asset-uploads":
            self._require(self.headers["Content-Type"] == "application/octet-stream")
            metadata = json.loads(self.headers["Asset-Upload-Metadata"])
            named = base64.b64decode(metadata.pop("name_base64")).decode()
            self._require(metadata == {} and 0 < len(named) <= 50)
            self.server.assets[named] = body
        else:
            wanted = json.loads(body)
            if name == "autofills":
                self._require(set(wanted) == {"brand_template_id", "title", "data"})
                for field in wanted["data"].values():
                    kind = {"text": "text", "image": "asset_id"}[field["type"]]
                    self._require(set(field) == {"type", kind})
                self.server.filled = wanted["data"]
            else:
                self._require(name == "exports" and wanted["design_id"] == "DAF1")
                self._require(wanted["format"] == {"type": "pdf", "export_quality": "pro"})
        self.server.looks = 0
        self._answer({"job": {"id": "j1", "status": "in_progress"}})

    def _look(self) -> None:
        if self.path == "/download":
            self.answer(self.server.status, PDF)
            return
        self._require(self.headers["Authorization"] == f"Bearer token-{self.server.tokens}")
        if re.fullmatch(r"/v1/brand-templates/[\w-]{1,50}/dataset", self.path):
            self._answer({"dataset": {"title": {"type": "text"}, "page_3": {"type": "image"}}})
            return
        kind, job = self.path.removeprefix("/v1/").split("/")
        self._require(job == "j1")
        self.server.looks += 1
        if self.server.looks < 2:
            self._answer({"job": {"id": "j1", "status": "in_progress"}})
            return
        if self.server.fails == kind:
            error = {"code": "import_failed", "message": "no"}
            self._answer({"job": {"id": "j1", "status": "failed", "error": error}})
            return
        results: dict[str, dict[str, Any]] = {
            "asset-uploads": {"asset": {"id": f"A{len(self.server.assets)}"}},
            "autofills": {"result": {"type": "create_design", "design": {"id": "DAF1"}}},
            "exports": {"urls": [f"{self.server.url}/download"]},
        }
        self._answer({"job": {"id": "j1", "status": "success", **results[kind]}})

    def _token(self, body: str) -> dict[str, Any]:
        self._require(self.headers["Authorization"] == BASIC)
        asked = {name: value[0] for name, value in parse_qs(body, strict_parsing=True).items()}
        if asked.pop("grant_type") == "authorization_code":
            digest = hashlib.sha256(asked.pop("code_verifier").encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            self._require(challenge == self.server.challenge)
            self._require(asked == {"code": "c0de", "redirect_uri": "http://127.0.0.1/back"})
        else:
            self._require(asked == {"refresh_token": f"refresh-{self.server.tokens}"})
        self.server.tokens += 1
        number = self.server.tokens
        return {
            "access_token": f"token-{number}", "refresh_token": f"refresh-{number}",
            "token_type": "Bearer", "expires_in": 14400, "scope": " ".join(SCOPES),
        }  # fmt: skip

    def _require(self, so: bool) -> None:
        if not so and self.server.status == 200:
            self.server.status = 400

    def _answer(self, document: dict[str, Any]) -> None:
        self.answer(self.server.status, json.dumps(document).encode())


@pytest.fixture
def server() -> Iterator[CanvaStandIn]:
    with serving(CanvaStandIn()) as made:
        yield made


def client_of(server: CanvaStandIn) -> CanvaClient:
    return CanvaClient(
        client_id="OC-1",
        client_secret=SecretStr("s3cret"),
        redirect_uri="http://127.0.0.1/back",
        api=f"{server.url}/v1",
    )


def signed_in(server: CanvaStandIn, expires_at: float = 4e9) -> Canva:
    server.tokens = 1
    tokens = CanvaTokens(access_token="token-1", refresh_token="refresh-1", expires_at=expires_at)
    return Canva(client_of(server), tokens, wait=lambda _: None)


def test_a_person_signs_in_with_a_proof_of_the_same_browser(server: CanvaStandIn) -> None:
    attempt = begin(client_of(server))
    asked = {name: value[0] for name, value in parse_qs(urlsplit(attempt.url).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert 43 <= len(attempt.verifier) <= 128
    server.challenge = asked["code_challenge"]
    kept: list[CanvaTokens] = []
    canva = Canva(client_of(server), renewed=kept.append, wait=lambda _: None)
    with pytest.raises(Denied, match="another browser"):
        canva.take_code(attempt, "stolen", "c0de")
    canva.take_code(attempt, asked["state"], "c0de")
    assert [one.access_token for one in kept] == ["token-1"]
    assert canva.dataset("AEN3") == {"title": "text", "page_3": "image"}


def test_pages_become_a_design_and_the_design_a_pdf(server: CanvaStandIn) -> None:
    canva = signed_in(server, expires_at=0)
    asset = canva.upload("Seite 3 ☂" + "x" * 90, b"\x89PNG")
    assert server.tokens == 2
    design = canva.autofill("AEN3", "Pip", {"title": "Pip"}, {"page_3": asset})
    assert canva.export(design) == PDF
    assert server.filled["page_3"] == {"type": "image", "asset_id": "A1"}
    assert server.status == 200


def test_the_command_fills_what_the_template_asks_for(
    server: CanvaStandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Who signs in is the person who pastes the address that Canva sent them to."""
    monkeypatch.setenv("EBOOK_CANVA_CLIENT_ID", "OC-1")
    monkeypatch.setenv("EBOOK_CANVA_CLIENT_SECRET", "s3cret")
    monkeypatch.setenv("EBOOK_CANVA_REDIRECT_URI", "http://127.0.0.1/back")
    monkeypatch.setenv("EBOOK_CANVA_API", f"{server.url}/v1")
    attempt = begin(client_of(server))
    asked = parse_qs(urlsplit(attempt.url).query)
    server.challenge = asked["code_challenge"][0]
    monkeypatch.setattr("ebook_pipeline.resources.models.canva.begin", lambda _: attempt)
    monkeypatch.setattr("ebook_pipeline.resources.models.canva._POLL_SECONDS", 0)
    brief = tmp_path / "brief.json"
    brief.write_text('{"seed": 3, "pages": 24}')
    back = f"http://127.0.0.1/back?code=c0de&state={attempt.state}"
    words = ["canva", str(brief), "AEN3", str(tmp_path / "out.pdf")]
    done = CliRunner().invoke(picture_book, words, input=back)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out.pdf").read_bytes() == PDF
    assert server.filled["title"]["text"].startswith("Finn")
    [uploaded] = server.assets.values()
    assert uploaded.startswith(b"\x89PNG")


def test_what_canva_refuses_is_no_design(server: CanvaStandIn) -> None:
    canva = signed_in(server)
    server.fails = "autofills"
    with pytest.raises(CanvaRefused, match="import_failed"):
        canva.autofill("AEN3", "Pip", {}, {})
    for status, error in ((503, Unavailable), (401, Denied), (400, CanvaRefused)):
        server.status = status
        with pytest.raises(error):
            canva.export("DAF1")
