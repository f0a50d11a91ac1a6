"""A stand-in for an OpenAI-compatible endpoint: a real server that says what it is told to say."""

import json
from contextlib import AbstractContextManager
from typing import Any

from tests.support.servers.stand_in import StandIn, StandInHandler, serving


class ChatServer(StandIn):
    """Answers each question with `said`, and keeps what it was asked."""

    def __init__(self, said: str) -> None:
        super().__init__(_Answer)
        self.said = said
        self.asked: list[dict[str, Any]] = []

    @property
    def base(self) -> str:
        return f"{self.url}/v1"

    def data(self, number: int) -> Any:
        """What the question of this number was about."""
        return json.loads(self.asked[number]["messages"][1]["content"])


class _Answer(StandInHandler):
    server: ChatServer

    def asked(self) -> None:
        self.server.asked.append(json.loads(self.received()))
        message = {"role": "assistant", "content": self.server.said}
        body = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode()
        self.answer(200, body)


def chat_endpoint(said: str) -> AbstractContextManager[ChatServer]:
    """The server, for as long as the block lasts."""
    return serving(ChatServer(said))
