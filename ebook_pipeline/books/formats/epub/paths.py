"""Names inside the container: URLs of a document resolved against where it lies."""

import posixpath
import re
from urllib.parse import unquote

_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


def resolve(base: str, href: str) -> str | None:
    """The container's name of what `href` in the document `base` points to, without its fragment.

    None for remote and ``data:`` URLs. EPUB 3.3 §4.2.5: no path leads above the container's root.
    """
    href = href.strip()
    if _REMOTE.match(href):
        return None
    plain = unquote(re.split(r"[?#]", href, maxsplit=1)[0])
    if not plain:
        return base
    joined = posixpath.join("/", posixpath.dirname(base), plain)
    return posixpath.normpath(joined).lstrip("/")


def with_fragment(base: str, href: str) -> str:
    """As `resolve`, with the fragment kept; remote URLs as they are."""
    path = resolve(base, href)
    _, mark, fragment = href.partition("#")
    return href if path is None else f"{path}{mark}{fragment}"
