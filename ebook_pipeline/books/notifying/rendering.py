"""Notices as people read them: a Jinja template each, in a folder per language.

One file has four blocks: ``subject``, ``short`` (a text message), ``text`` and ``html`` (a mail).
Values come from books and their submitters, so all of them are hostile: whatever is put into a
template becomes one line of printable text in which nothing is a link, a mention or mark-up.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.foundation.record import Record

if TYPE_CHECKING:
    from jinja2 import Environment, Template

TEMPLATES = Path(__file__).with_name("templates")
FALLBACK = "en"
DIGEST = "digest"
_LAYOUT = "layout"
_LONGEST_VALUE = 500
_LONGEST_SUBJECT = 150
_LONGEST_SHORT = 300
_OWN_LINK = re.compile(r"https?://[!#-&(-;=?-_a-z~]{1,1500}")
_DOT = "[.\u3002\uff0e\uff61]"
"""Full stops of domain names, https://www.unicode.org/reports/tr46/#Notation"""
_LINK_LIKE = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}:/|mailto:|www\.)\S*"
    r"|(?<![^\s\[\]])[^\s\[\]]+@[^\s\[\]]+"
    rf"|(?:[\w-]{{1,63}}{_DOT}){{1,40}}(?:[^\W\d_]{{2,63}}|xn--[\w-]{{1,59}})(?![\w-])"
    rf"|\d{{1,3}}(?:{_DOT}\d{{1,3}}){{3}}",
    re.IGNORECASE,
)
_BROKEN = str.maketrans(
    {sign: f"[{sign}]" for sign in ".:@"} | dict.fromkeys("\u3002\uff0e\uff61", "[.]")
)
_FILE_NAME = re.compile(
    r"[\w-]+\.(?:epub|pdf|azw3?|docx?|odt|rtf|x?html?|txt|json|opf|ncx|css|jpe?g|png|svg)",
    re.IGNORECASE,
)
"""A name with a suffix that is no top-level domain: it stays as people know it."""


class Link(str):
    """An address of our own: the only thing that is a link in a notice."""

    __slots__ = ()


class RenderedNotice(Record):
    """A notice in one language: `subject`, `text` and `html` for mail, `short` for the rest.

    `unsubscribe` is the address by which a mail program ends notices of its kind (RFC 8058).
    """

    subject: str
    text: str
    html: str
    short: str
    unsubscribe: str = ""


def render_notice(
    kind: NoticeKind | str, language: str, values: Mapping[str, object], zone: str = "UTC"
) -> RenderedNotice:
    """The notice with these values; times are told by the clock of `zone`.

    `values` must have what the template asks for: jinja2.UndefinedError where it doesn't. A `Link`
    called `desk` is where at the desk it is about. An unknown language is English.
    """
    spoken = language if language in languages() else FALLBACK
    timed = {name: _timed(value, ZoneInfo(zone or "UTC")) for name, value in values.items()}
    plain, marked_up = (_template(spoken, str(kind), html=html) for html in (False, True))
    subject = _line(_block(plain, "subject", timed))[:_LONGEST_SUBJECT]
    frame = {"desk": "", **timed, "subject": subject, "language": spoken}
    layout = _template(spoken, _LAYOUT, html=True)
    return RenderedNotice(
        subject=subject,
        short=_line(_block(plain, "short", timed))[:_LONGEST_SHORT],
        text=_text(
            _block(plain, "text", timed),
            _block(_template(spoken, _LAYOUT, html=False), "place", frame),
            _block(layout, "footer", frame),
        ),
        html=_page(layout, frame, _block(marked_up, "html", timed)),
    )


@cache
def languages() -> tuple[str, ...]:
    """The languages that notices are written in: the folders of templates."""
    return tuple(sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir()))


def harmless(text: str) -> str:
    """`text` as one printable line, in which no mail program finds an address to link to.

    ``https://example.org`` reads ``https[:]//example[.]org``: programs make links of bare domains
    and addresses too, and skip signs that nobody sees (UTS 46 §4), so the mark is one to be seen.
    """
    line = _line(text)
    if len(line) > _LONGEST_VALUE:
        line = f"{line[: _LONGEST_VALUE - 1]}…"
    return _LINK_LIKE.sub(_broken, line)


def _broken(match: re.Match[str]) -> str:
    return match[0] if _FILE_NAME.fullmatch(match[0]) else match[0].translate(_BROKEN)


def _text(body: str, place: str, footer: str) -> str:
    said = "\n\n".join(filter(None, (body.strip(), place.strip())))
    return f"{said}\n\n-- \n{footer.strip()}\n"


def _page(layout: "Template", frame: Mapping[str, object], body: str) -> str:
    from markupsafe import Markup

    return _block(layout, "html", {**frame, "body": Markup(body)}).strip()  # noqa: S704 - escaped


def _block(template: "Template", name: str, values: Mapping[str, object]) -> str:
    return "".join(template.blocks[name](template.new_context(dict(values))))


def _template(language: str, name: str, *, html: bool) -> "Template":
    return _environment(html).get_template(f"{language}/{name}.j2")


@cache
def _environment(html: bool) -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=html,  # noqa: S701 - the other parts are plain text
        finalize=_said,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _said(value: object) -> object:
    """What a value becomes in a text: see the module."""
    from jinja2 import Undefined
    from markupsafe import Markup

    if isinstance(value, Markup | Undefined):
        return value
    if isinstance(value, Link):
        if not _OWN_LINK.fullmatch(value):
            raise ValueError(f"no link of ours: {harmless(value)}")
        return str(value)
    return harmless(str(value))


def _timed(value: object, zone: ZoneInfo) -> object:
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")
    return value


def _line(text: str) -> str:
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())
