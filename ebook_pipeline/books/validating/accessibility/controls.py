"""Links, buttons, fields, frames, and what moves or sounds by itself."""

import re
from collections.abc import Iterator

from lxml import etree

from ebook_pipeline.books.validating.accessibility.document import (
    XHTML,
    ContentDocument,
    has_accessible_name,
    has_label,
    is_hidden,
)
from ebook_pipeline.books.validating.accessibility.violations import Violation

_UNLABELLED = frozenset({"hidden", "submit", "reset", "button", "image"})
_NO_ZOOM = re.compile(r"user-scalable\s*=\s*(?:no|0)\b", re.IGNORECASE)
_SCALE = re.compile(r"maximum-scale\s*=\s*(\d{1,3}(?:\.\d{0,5})?)", re.IGNORECASE)
_LEAST_SCALE = 2.0
"""Times that readers must be able to enlarge a page: 200 %, WCAG 2.2 §1.4.4."""


def violations(document: ContentDocument) -> Iterator[Violation]:
    """What has no name, and what readers can't stop or enlarge."""
    for link in document.visible_elements("a"):
        if link.get("href") is not None and not has_accessible_name(document, link):
            yield document.violation("link-name", link, (link.get("href") or "")[:80])
    for button in document.visible_elements("button"):
        if not has_accessible_name(document, button):
            yield document.violation("button-name", button)
    yield from _fields(document)
    for frame in document.visible_elements("iframe"):
        if not has_label(document, frame):
            yield document.violation("frame-title", frame)
    yield from _metas(document)
    yield from _media(document)
    for element in document.root.iter("*"):
        if re.fullmatch(r"\s*\+?0*[1-9]\d{0,5}\s*", element.get("tabindex") or ""):
            yield document.violation("tabindex", element)


def _fields(document: ContentDocument) -> Iterator[Violation]:
    named = {label.get("for") for label in document.root.iter(f"{XHTML}label")}
    for field in document.visible_elements("input", "select", "textarea"):
        plain = (field.get("type") or "text").lower()
        wrapped = next(field.iterancestors(f"{XHTML}label"), None) is not None
        if plain in _UNLABELLED or wrapped or (field.get("id") and field.get("id") in named):
            continue
        if not has_label(document, field):
            yield document.violation("label", field)


def _metas(document: ContentDocument) -> Iterator[Violation]:
    for meta in document.root.iter(f"{XHTML}meta"):
        content = meta.get("content") or ""
        if (meta.get("name") or "").lower() == "viewport" and _fixes_size(content):
            yield document.violation("meta-viewport", meta, repr(content[:80]))
        if (meta.get("http-equiv") or "").lower() == "refresh":
            yield document.violation("meta-refresh", meta)


def _fixes_size(viewport: str) -> bool:
    scale = _SCALE.search(viewport)
    return bool(_NO_ZOOM.search(viewport)) or (
        scale is not None and float(scale.group(1)) < _LEAST_SCALE
    )


def _media(document: ContentDocument) -> Iterator[Violation]:
    for player in document.root.iter(f"{XHTML}video", f"{XHTML}audio"):
        if player.get("autoplay") is not None and player.get("muted") is None:
            yield document.violation("no-autoplay-audio", player)
        if is_hidden(player):
            continue
        video = player.tag == f"{XHTML}video"
        if not _captioned(player) and player.get("muted") is None:
            yield document.violation("video-caption" if video else "audio-caption", player)


def _captioned(player: etree._Element) -> bool:
    tracks = (track.get("kind", "subtitles") for track in player.iter(f"{XHTML}track"))
    described = (player.get("aria-describedby") or player.get("aria-details") or "").strip()
    return bool(described) or any(kind in ("captions", "subtitles") for kind in tracks)
