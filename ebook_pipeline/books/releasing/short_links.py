"""The page behind a short address: it leads on to a signed one, with or without a server's help."""

import html
import re

from ebook_pipeline.foundation.errors import Damaged

FOLDER = "public/p"
"""Where these pages lie at the edge, by their codes."""
MEDIA_TYPE = "text/html; charset=utf-8"
_TARGET = re.compile(r'<a href="([^"]{1,8000})">')


def path(code: str) -> str:
    """Where the page of this code lies at the edge."""
    return f"{FOLDER}/{code}"


def page(target: str) -> bytes:
    """A page that leads to the URL `target` at once."""
    url = html.escape(target, quote=True)
    return f"""<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={url}">
<title>Excerpt</title>
<p><a href="{url}">Read the excerpt</a></p>
</html>
""".encode()


def target(document: bytes) -> str:
    """Where a page of ours leads. Raises `Damaged` for other documents."""
    match = _TARGET.search(document.decode("utf-8", "replace"))
    if match is None:
        raise Damaged("this is no page that leads on")
    return html.unescape(match[1])
