"""A model behind an OpenAI-compatible endpoint: one question, one bounded answer.

https://platform.openai.com/docs/api-reference/chat/create
"""

from typing import NamedTuple
from urllib.parse import urlsplit

from pydantic import SecretStr

from ebook_pipeline.books.describing.enrich.brief import UnusableAnswer
from ebook_pipeline.foundation.foreign_json import parse_json
from ebook_pipeline.resources.models.bounded_answers import AnswerBounds, bounded_answer

MOST_BYTES = 1 << 18
"""Of an answer."""
MOST_SECONDS = 180.0


class ChatAnswer(NamedTuple):
    """`tokens` are those of question and answer as the endpoint counts them; 0 if it doesn't."""

    text: str
    tokens: int


class ChatEndpoint:
    """`url` is its base, ``https://host/v1``."""

    def __init__(self, url: str, model: str, api_key: SecretStr | str | None = None) -> None:
        import httpx

        self._url = f"{url.rstrip('/')}/chat/completions"
        self._model = model
        secret = api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self._client = httpx.Client(headers=headers, timeout=httpx.Timeout(60, connect=10))

    @property
    def name(self) -> str:
        """Model and host, without what may be secret in the address."""
        host = urlsplit(self._url).netloc.rpartition("@")[2]
        return f"{self._model}@{host}"

    def ask(self, instructions: str, data: str, *, most_tokens: int, seed: int = 0) -> ChatAnswer:
        """The answer to `data` under `instructions`.

        Raises `Unavailable` where a retry may help, UnusableAnswer where there is no text in it.
        Nothing of what was sent or answered stands in an error.
        """
        question = {
            "model": self._model,
            "messages": [
                {"role": "system", "content": instructions},
                {"role": "user", "content": data},
            ],
            "temperature": 0,
            "seed": seed,
            "max_tokens": most_tokens,
            "stream": False,
        }
        bounds = AnswerBounds(MOST_BYTES, UnusableAnswer, MOST_SECONDS)
        body = bounded_answer(self._client, "POST", self._url, self.name, bounds, json=question)
        return _answer(body)


def _answer(body: bytes) -> ChatAnswer:
    """The text of the first choice; an answer that was cut off is none."""
    try:
        document = parse_json(body)
        choice = document["choices"][0]
        content, reason = choice["message"]["content"], choice.get("finish_reason")
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise UnusableAnswer("the endpoint answered no chat completion") from error
    if not isinstance(content, str) or reason == "length":
        raise UnusableAnswer("the endpoint's answer was cut off or holds no text")
    usage = document.get("usage")
    tokens = usage.get("total_tokens") if isinstance(usage, dict) else 0
    return ChatAnswer(content, tokens if isinstance(tokens, int) else 0)
