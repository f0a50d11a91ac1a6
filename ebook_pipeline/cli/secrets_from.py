"""Secrets on their way in: from a file or standard input, never from the command line."""

from pathlib import Path

import click

_LONGEST = 4096


def passphrase_from(source: str) -> str:
    """The first line of the file `source`, or of standard input for ``-``.

    Wrong usage, without a word of the content, where it is empty, too long or no UTF-8.
    """
    try:
        body = _read(source)
        text = body.partition(b"\n")[0].removesuffix(b"\r").decode()
    except OSError as error:
        raise click.UsageError(f"{click.format_filename(source)}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise click.UsageError("the passphrase is no UTF-8") from None
    if not text or len(body) > _LONGEST:
        raise click.UsageError(f"a passphrase is one line of at most {_LONGEST} bytes")
    return text


def _read(source: str) -> bytes:
    if source == "-":
        with click.open_file("-", "rb") as stream:
            body: bytes = stream.read(_LONGEST + 1)
            return body
    with Path(source).open("rb") as stream:
        return stream.read(_LONGEST + 1)
