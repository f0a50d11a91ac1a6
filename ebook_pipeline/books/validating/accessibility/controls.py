"""Links, buttons, fields, frames, and what moves or sounds by itself."""

import re
from collections.abc import Iterator

from lxml import etree

from ebook_pipeline.books.validating.accessibility.document import (
    XHTML,
    Document,
    has_name,
    is_hidden,
    labelled,
)
from ebook_pipeline.books.validating.accessibility.faults import Fault

_UNLABELLED = frozenset({"hidden", "submit", "reset", "button", "image"})
_NO_ZOOM = re.compile(r"user-scalable\s*=\s*(?:no|0)\b", re.IGNORECASE)
_SCALE = re.compile(r"maximum-scale\s*=\s*(\d{1,3}(?:\.\d{0,5})?)", re.IGNORECASE)
_LEAST_SCALE = 2.0


def faults(document: Document) -> Iterator[Fault]:
    """What has no name, and what readers can't stop or enlarge."""
    for link in document.seen("a"):
        if link.get("href") is not None and not has_name(document, link):
            yield document.fault("link-name", link, (link.get("href") or "")[:80])
    for button in document.seen("button"):
        if not has_name(document, button):
            yield document.fault("button-name", button)
    yield from _fields(document)
    for frame in document.seen("iframe"):
        if not labelled(document, frame):
            yield document.fault("frame-title", frame)
    yield from _metas(document)
    yield from _media(document)
    for element in document.root.iter("*"):
        if re.fullmatch(r"\s*\+?0*[1-9]\d{0,5}\s*", element.get("tabindex") or ""):
            yield document.fault("tabindex", element)


def _fields(document: Document) -> Iterator[Fault]:
    named = {label.get("for") for label in document.root.iter(f"{XHTML}label")}
    for field in document.seen("input", "select", "textarea"):
        plain = (field.get("type") or "text").lower()
        wrapped = next(field.iterancestors(f"{XHTML}label"), None) is not None
        if plain in _UNLABELLED or wrapped or (field.get("id") and field.get("id") in named):
            continue
        if not labelled(document, field):
            yield document.fault("label", field)


def _metas(document: Document) -> Iterator[Fault]:
    for meta in document.root.iter(f"{XHTML}meta"):
        content = meta.get("content") or ""
        if (meta.get("name") or "").lower() == "viewport" and _fixes_size(content):
            yield document.fault("meta-viewport", meta, repr(content[:80]))
        if (meta.get("http-equiv") or "").lower() == "refresh":
            yield document.fault("meta-refresh", meta)


def _fixes_size(viewport: str) -> bool:
    scale = _SCALE.search(viewport)
    return bool(_NO_ZOOM.search(viewport)) or (
        scale is not None and float(scale.group(1)) < _LEAST_SCALE
    )


def _media(document: Document) -> Iterator[Fault]:
    for player in document.root.iter(f"{XHTML}video", f"{XHTML}audio"):
        if player.get("autoplay") is not None and player.get("muted") is None:
            yield document.fault("no-autoplay-audio", player)
        if is_hidden(player):
            continue
        video = player.tag == f"{XHTML}video"
        if not _captioned(player) and player.get("muted") is None:
            yield document.fault("video-caption" if video else "audio-caption", player)


def _captioned(player: etree._Element) -> bool:
    tracks = (track.get("kind", "subtitles") for track in player.iter(f"{XHTML}track"))
    described = (player.get("aria-describedby") or player.get("aria-details") or "").strip()
    return bool(described) or any(kind in ("captions", "subtitles") for kind in tracks)
