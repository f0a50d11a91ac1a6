"""Files as answers: whoever leaves before the first byte leaves no open file behind."""

import asyncio
import io

import pytest
from starlette.requests import Request
from starlette.types import Message

from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.desk import file_answers


class OneBlob:
    """A store of one blob, which remembers what it has opened."""

    def __init__(self) -> None:
        self.stream = io.BytesIO(b"bytes")

    def open(self, _: BlobRef) -> io.BytesIO:
        return self.stream


def test_an_asker_who_is_gone_leaves_no_open_file() -> None:
    store = OneBlob()
    scope = {"type": "http", "method": "GET", "headers": [], "path": "/"}
    blob = BlobRef(sha256="0" * 64, length=5, media_type="image/jpeg")
    answer = file_answers.answer(Request(scope), store, blob, "cover")  # type: ignore[arg-type]

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(_: Message) -> None:
        raise OSError("the asker is gone")

    with pytest.raises(BaseException, match=r"gone|disconnect|unhandled"):
        asyncio.run(answer(scope, receive, send))
    assert store.stream.closed
