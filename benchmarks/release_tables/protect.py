"""Books of one gigabyte under LCP: megabytes a second beside openssl's, and the memory taken.

Each is protected in a process of its own. `CPU MB/s` counts processor time, for a machine that has
other things to do; openssl is measured between the books, the same way.
"""

import os
import resource
import secrets
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from benchmarks.frame import Options, Table, measured
from ebook_pipeline.books.protecting.lcp import encryption, pdf_package, profiles
from ebook_pipeline.foundation.secrets import Secret

MB = 1 << 20
LARGE = 1024
TEXT = 128
_COLUMNS = ("book", "MB", "wall s", "CPU s", "CPU MB/s", "openssl", "ratio", "peak MB")
_CONTAINER = (
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="p.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)
_ITEM = '<item id="i{0}" href="{1}" media-type="{2}"/>'
_PACKAGE = (
    '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata/>'
    "<manifest>{0}</manifest><spine/></package>"
)


def table(options: Options) -> Table:
    """A PDF, an EPUB of pictures, and one of text, which is deflated first."""
    folder = options.folder("protect")
    makers = {"PDF": _pdf, "EPUB of pictures": _pictures, "EPUB of text": _text}
    rows = [_row(name, make, folder) for name, make in makers.items()]
    return Table(
        "Protecting under LCP",
        _COLUMNS,
        rows,
        "Bytes are read twice, hashed and encrypted once; text is deflated before. No book takes "
        "memory in proportion to its size.",
    )


def _row(name: str, make: Any, folder: Path) -> tuple[str | float | int, ...]:
    source, target = folder / f"{name}.in", folder / f"{name}.out"
    make(source)
    size = source.stat().st_size / MB if make is not _text else TEXT
    openssl = _openssl()
    done = measured(protected, source, target, make is _pdf)
    for path in (source, target):
        path.unlink()
    rate = size / done.cpu
    row = (done.wall, done.cpu, rate, openssl, rate / openssl, done.result)
    return name, round(size), *row


def protected(source: Path, target: Path, pdf: bool) -> int:
    """Protect one file; the megabytes of this process at its peak."""
    key = Secret(bytes(32))
    if pdf:
        said = pdf_package.PackageDescription(identifier="urn:x:1", title="T")
        pdf_package.protect_pdf(source, target, key, profiles.BASIC, said)
    else:
        encryption.protect(source, target, key, profiles.BASIC)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def _openssl() -> float:
    """Megabytes a second of processor time in blocks of 64 KiB, as our streams are cut."""
    argv = ["openssl", "speed", "-evp", "aes-256-cbc", "-bytes", "65536", "-seconds", "3"]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    figure = next(line.split()[-1] for line in said.splitlines() if line.startswith("AES-256-CBC"))
    return float(figure.rstrip("k")) * 1000 / MB


def _pdf(path: Path) -> None:
    with path.open("wb") as out:
        out.write(b"%PDF-1.7\n")
        for _ in range(LARGE):
            out.write(os.urandom(MB))


def _pictures(path: Path) -> None:
    _epub(path, {f"{n}.jpg": os.urandom(MB * 32) for n in range(2)}, LARGE // 64, "image/jpeg")


def _text(path: Path) -> None:
    words = [secrets.token_hex(n % 5 + 1) for n in range(4000)]
    line = " ".join(secrets.choice(words) for _ in range(MB // 6)).encode()[:MB]
    _epub(path, {"t.xhtml": line}, TEXT, "application/xhtml+xml")


def _epub(path: Path, bodies: dict[str, bytes], times: int, media_type: str) -> None:
    """An EPUB in which each of these entries stands so many times."""
    names = [f"{n}-{name}" for name in bodies for n in range(times)]
    items = "".join(_ITEM.format(n, name, media_type) for n, name in enumerate(names))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", _CONTAINER)
        archive.writestr("p.opf", _PACKAGE.format(items))
        for name in names:
            archive.writestr(name, bodies[name.partition("-")[2]])
