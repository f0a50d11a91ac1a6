"""Requests at the edge end in bounded time and size, and say what came of them."""

import hashlib
import socket
import threading
from pathlib import Path

import pytest

from ebook_pipeline.foundation.errors import Unavailable
from ebook_pipeline.resources.edge.client import EdgeAnswer, EdgeClient, EdgePoint
from tests.support.servers.fixed_answer import Answering


def test_an_answer_cut_short_is_unavailable_and_leaves_no_file(tmp_path: Path) -> None:
    def half(server: socket.socket) -> None:
        connection, _ = server.accept()
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=half, args=(server,))
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        client = EdgeClient(trust_env=False)
        with pytest.raises(Unavailable, match="cut short after 4 bytes"):
            client.download(url, tmp_path / "back")
        client.close()
        thread.join()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("drip", [b"", b"x"])
def test_an_edge_that_hangs_or_drips_is_given_up(tmp_path: Path, drip: bytes) -> None:
    ended = threading.Event()

    def dripping(server: socket.socket) -> None:
        connection, _ = server.accept()
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not ended.wait(0.02):
            try:
                connection.sendall(drip)
            except OSError:
                break
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=dripping, args=(server,))
        thread.start()
        client = EdgeClient(trust_env=False, seconds=0.2)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        with pytest.raises(Unavailable, match="too slow" if drip else "ReadTimeout"):
            client.download(url, tmp_path / "back")
        client.close()
        ended.set()
        thread.join()
    assert list(tmp_path.iterdir()) == []


def test_an_answer_without_end_is_broken_off(tmp_path: Path, faulty: Answering) -> None:
    client = EdgeClient(trust_env=False)
    with faulty(200, b"x" * 5_000_000) as (url, _):
        seen = client.look(url, 1000)
        assert 1000 < seen.length < 5_000_000
        told = client.download(url, tmp_path / "back", 1000)
        assert told != hashlib.sha256(b"x" * 5_000_000).hexdigest()
    client.close()


def test_a_forward_proxy_is_asked_for_the_edges_own_url(faulty: Answering) -> None:
    client = EdgeClient(trust_env=False)
    with faulty(200, b"ok") as (url, received):
        seen = client.look("http://edge.example/a?Signature=s", 10, EdgePoint("far", "proxy", url))
        client.close()
    assert (seen.status, seen.length) == (200, 2)
    assert received == [("http://edge.example/a?Signature=s", b"")]


def test_a_base_takes_the_place_of_the_edges_address_and_keeps_path_and_signature(
    faulty: Answering,
) -> None:
    client = EdgeClient(trust_env=False)
    with faulty(200, b"ok") as (url, received):
        client.look(
            "http://edge.example/a?Signature=s", 10, EdgePoint("b", "base", f"{url}/tokyo/")
        )
        client.close()
    assert received == [("/tokyo/a?Signature=s", b"")]


def test_a_clock_is_called_wrong_from_a_minute_on() -> None:
    assert EdgeAnswer(403, 1.0, ahead=7200.0).skewed.startswith(
        "this machine's clock is 7,200 s behind the edge's"
    )
    assert "61 s ahead of the edge's" in EdgeAnswer(200, 1.0, ahead=-61.0).skewed
    assert EdgeAnswer(403, 1.0, ahead=-59.0).skewed == ""
    assert EdgeAnswer(403, 1.0).skewed == ""
