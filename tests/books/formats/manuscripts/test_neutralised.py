"""What a manuscript reaches for is never fetched and never read: proved by who is asked for it."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZipFile

import pytest

from ebook_pipeline.books.converting.from_manuscript import epub_from_manuscript
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.books.validating.validation import validate
from ebook_pipeline.foundation.findings import blocks
from ebook_pipeline.tools.typesetter import Typesetter
from tests.support.books.manuscripts import docx, odt, paragraph, relationship

SECRET = "the-secret-of-this-machine-4711"
TEXT = "It was late, and nobody came. " * 20


class Never:
    """EPUBCheck has no part in this."""

    version = "none"

    def check(self, path: Path, profile: str) -> tuple[()]:
        raise AssertionError("no EPUB was checked")


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """The address of a server that answers everything, and what it was asked for."""
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SECRET.encode())

        def log_message(self, *_: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", requests
        server.shutdown()
        thread.join()


_FIELD = (
    '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{}</w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>as it was</w:t></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
)
_PICTURE = '<w:p><w:r><w:pict><v:shape><v:imagedata r:id="{}"/></v:shape></w:pict></w:r></w:p>'
_OBJECT = (
    '<w:altChunk r:id="chunk"/><w:p><w:r><w:object><o:OLEObject ProgID="Package" r:id="ole"/>'
    "</w:object></w:r></w:p>"
)


def hostile_docx(path: Path, url: str, secret: Path) -> Path:
    dde = f'<w:fldSimple w:instr=" DDEAUTO cmd {secret}"><w:r><w:t>D</w:t></w:r></w:fldSimple>'
    fields = (
        f'INCLUDETEXT "{secret}"',
        f'INCLUDEPICTURE "{url}/field.png"',
        f'HYPERLINK "file://{secret}"',
    )
    body = [paragraph("Chapter 1", "H1"), paragraph(TEXT), *map(_FIELD.format, fields)]
    body += [f"<w:p>{dde}</w:p>", _PICTURE.format("web"), _PICTURE.format("file"), _OBJECT]
    outside = [
        relationship("web", "image", f"{url}/linked.png"),
        relationship("file", "image", f"file://{secret}"),
        relationship("chunk", "aFChunk", f"{url}/chunk.html"),
        relationship("ole", "oleObject", "embeddings/one.bin", external=False),
    ]
    settings = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + relationship("t", "attachedTemplate", f"{url}/evil.dotm")
        + "</Relationships>"
    )
    parts: dict[str, str | bytes] = {
        "word/_rels/settings.xml.rels": settings,
        "word/embeddings/one.bin": b"\xd0\xcf\x11\xe0 an object",
    }
    return docx(path, "".join(body), "".join(outside), parts)


def hostile_odt(path: Path, url: str, secret: Path) -> Path:
    frame = '<text:p><draw:frame><draw:image xlink:href="{}"/></draw:frame></text:p>'
    body = (
        f'<text:h text:outline-level="1">Chapter 1</text:h><text:p>{TEXT}</text:p>'
        + frame.format(f"{url}/linked.png")
        + frame.format(f"file://{secret}")
        + frame.format(f"../../../../../../../..{secret}")
        + f'<text:section text:name="s"><text:section-source xlink:href="file://{secret}"/>'
        "<text:p>kept</text:p></text:section>"
        f'<text:p><draw:frame><draw:floating-frame xlink:href="{url}/frame"/></draw:frame></text:p>'
        f'<text:p><draw:frame><draw:object-ole xlink:href="{url}/ole"/></draw:frame></text:p>'
        f'<text:p><text:a xlink:href="file://{secret}">here</text:a></text:p>'
    )
    return odt(path, body)


def hostile_rtf(path: Path, url: str, secret: Path) -> Path:
    field = "{\\field{\\*\\fldinst %s}{\\fldrslt as it was}}"
    path.write_text(
        "{\\rtf1\\ansi{\\*\\template " + url + "/evil.dotm}\n"
        "{\\pard\\outlinelevel0 Chapter 1\\par}\n{\\pard " + TEXT + "\\par}\n"
        "{\\pard " + field % f'INCLUDETEXT "{secret}"' + "\\par}\n"
        "{\\pard " + field % f'INCLUDEPICTURE "{url}/field.png"' + "\\par}\n"
        "{\\pard " + field % f'HYPERLINK "file://{secret}"' + "\\par}\n"
        "{\\object\\objemb{\\*\\objclass Package}{\\*\\objdata 0105}{\\result{\\pard see\\par}}}}",
        encoding="ascii",
    )
    return path


def hostile_html(path: Path, url: str, secret: Path) -> Path:
    path.write_text(
        f"""<!DOCTYPE html><html><head><title>T</title><base href="{url}/">
        <meta http-equiv="refresh" content="0;url={url}/go"><link rel="stylesheet" href="a.css">
        <style>@import url({url}/b.css);</style></head><body onload="go()">
        <h1>Chapter 1</h1><p style="background:url({url}/c.png)">{TEXT}</p>
        <img src="file://{secret}"><img src="//{url[7:]}/d.png"><img src="e.png" srcset="f.png 2x">
        <iframe src="file://{secret}"></iframe><object data="{url}/g"></object>
        <embed src="{url}/h"><script src="{url}/i.js"></script><video src="{url}/j"></video>
        <svg xmlns="http://www.w3.org/2000/svg"><image href="{url}/k.png"/></svg>
        <img src="data:image/svg+xml;base64,PHN2Zy8+"><form action="{url}/l"><input></form>
        <a href="javascript:alert(1)">a</a><a href="file://{secret}">b</a></body></html>""",
        encoding="utf-8",
    )
    return path


def hostile_markdown(path: Path, url: str, secret: Path) -> Path:
    path.write_text(
        f"""---
title: T
css: {url}/style.css
header-includes: <script src="{url}/y.js"></script>
---

# Chapter 1

{TEXT}

![a]({url}/a.png) ![b](file://{secret}) ![c]({secret}) ![d][ref]

<iframe src="file://{secret}"></iframe> <script>go()</script> <img src="{url}/e.png" onerror="x()">

Some <b>bold <i>words</b></i> of <span onclick="x()">HTML</span>.

```{{.include file="{secret}"}}
```

[ref]: {url}/f.png
""",
        encoding="utf-8",
    )
    return path


MAKERS = {
    BookFormat.DOCX: hostile_docx,
    BookFormat.ODT: hostile_odt,
    BookFormat.RTF: hostile_rtf,
    BookFormat.HTML: hostile_html,
    BookFormat.MARKDOWN: hostile_markdown,
}
SAID = {
    BookFormat.DOCX: {"manuscript.external", "manuscript.embedded", "manuscript.local-link"},
    BookFormat.ODT: {"manuscript.external", "manuscript.embedded", "manuscript.local-link"},
    BookFormat.RTF: {"manuscript.external", "manuscript.embedded", "manuscript.local-link"},
    BookFormat.HTML: {"manuscript.external", "manuscript.embedded", "manuscript.active"},
    BookFormat.MARKDOWN: {"manuscript.external", "manuscript.active"},
}


@pytest.mark.parametrize("format_", MAKERS, ids=lambda one: str(one.value))
def test_what_a_manuscript_reaches_for_is_left_out_said_and_never_asked_for(
    tmp_path: Path,
    asked: tuple[str, list[str]],
    format_: BookFormat,
    checker: Callable[[Path], None],
) -> None:
    url, requests = asked
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    source = MAKERS[format_](tmp_path / f"book.{format_.value}", url, secret)
    report = validate(source, "book", "default", Never())
    assert report.format is format_
    assert {one.rule for one in report.findings} >= SAID[format_]
    assert not blocks(report.findings)
    made = tmp_path / "made.epub"
    epub_from_manuscript(source, format_, made, Claims(), Typesetter())
    assert requests == []
    with ZipFile(made) as book:
        everything = b"".join(book.read(name) for name in book.namelist())
    assert SECRET.encode() not in everything
    assert url.encode() not in everything
    assert b"nobody came" in everything
    assert b"<script" not in everything
    checker(made)
