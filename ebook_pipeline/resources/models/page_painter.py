"""Pictures by a model behind an OpenAI-compatible endpoint, moderated by one where it has such.

https://platform.openai.com/docs/api-reference/images/create
https://platform.openai.com/docs/api-reference/moderations/create
"""

import base64
import binascii
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from ebook_pipeline.books.picture_books.art import MOST_BYTES
from ebook_pipeline.books.picture_books.painting import UnsafePicture
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.foreign_json import parse_json
from ebook_pipeline.resources.models.bounded_answers import AnswerBounds, bounded_answer

VERSION = "painting-1"
_MOST_ANSWER = MOST_BYTES * 4 // 3 + 4096
"""Bytes: a picture in Base64."""
_MOST_SECONDS = 300.0


class UnusablePicture(ServiceError):
    """What was answered holds no picture."""


class EndpointPainter:
    """`size` is what the endpoint is asked for, such as ``2048x2048``; empty: what the page needs.

    With `moderation`, a model of the same endpoint, each picture is shown to it first.
    """

    def __init__(
        self,
        url: str,
        model: str,
        api_key: SecretStr | str | None,
        *,
        size: str = "",
        moderation: str = "",
    ) -> None:
        import httpx

        self._base, self._model = url.rstrip("/"), model
        self._size, self._moderation = size, moderation
        secret = api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self._client = httpx.Client(headers=headers, timeout=httpx.Timeout(120, connect=10))

    @property
    def model(self) -> str:
        host = urlsplit(self._base).netloc.rpartition("@")[2]
        return f"{self._model}@{host}"

    @property
    def version(self) -> str:
        return f"{self.model}+{self._size}+{self._moderation}+{VERSION}"

    def paint(self, prompt: str, size: tuple[int, int], seed: int) -> bytes | None:  # noqa: ARG002
        """The picture file. Raises `Unavailable`, `UnusablePicture`, `UnsafePicture`."""
        wanted = self._size or f"{size[0]}x{size[1]}"
        asked = {"model": self._model, "prompt": prompt, "n": 1, "size": wanted}
        answer = self._post("/images/generations", asked | {"response_format": "b64_json"})
        picture = _picture(answer)
        if self._moderation:
            self._moderate(prompt, picture)
        return picture

    def _moderate(self, prompt: str, picture: bytes) -> None:
        shown = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
        parts = [
            {"type": "text", "text": prompt},
            {"type": "image_url", "image_url": {"url": shown}},
        ]
        answer = self._post("/moderations", {"model": self._moderation, "input": parts})
        try:
            results = answer["results"]
            flagged = [result["flagged"] for result in results]
        except (KeyError, TypeError) as error:
            raise UnusablePicture(f"{self.model} answered no moderation") from error
        if not flagged or not all(isinstance(one, bool) for one in flagged):
            raise UnusablePicture(f"{self.model} answered no moderation")
        if any(flagged):
            text = "A picture that the model painted is nothing for children"
            raise UnsafePicture("art.unsafe", text, remedy="Order it with another seed or scene.")

    def _post(self, path: str, question: dict[str, Any]) -> Any:
        bounds = AnswerBounds(_MOST_ANSWER, UnusablePicture, _MOST_SECONDS)
        url = f"{self._base}{path}"
        body = bounded_answer(self._client, "POST", url, self.model, bounds, json=question)
        try:
            return parse_json(body)
        except ValueError as error:
            raise UnusablePicture(f"{self.model} answered no JSON") from error


def _picture(answer: Any) -> bytes:
    try:
        [made] = answer["data"]
        picture = base64.b64decode(made["b64_json"], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise UnusablePicture("the endpoint answered no picture") from error
    if not picture:
        raise UnusablePicture("the endpoint answered no picture")
    return picture
