"""``ebooks protect``: one file protected, without store or database; ``ebooks rewrap``: keys."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebook_pipeline.cli.secrets_from import passphrase_from
from ebook_pipeline.cli.terminal import as_json, console, messages, print_finding, print_json
from ebook_pipeline.foundation.errors import BookError

if TYPE_CHECKING:
    from ebook_pipeline.foundation.secrets import Secret
    from ebook_pipeline.settings import Settings

_PDF = ".pdf"
_SECRET_BYTES = 32


@dataclass(frozen=True)
class _Job:
    """One file to protect: `target` appears whole or not at all."""

    source: Path
    target: Path
    said: dict[str, Any]

    @property
    def pdf(self) -> bool:
        return self.source.suffix.lower() == _PDF


@click.command()
@click.argument("source", metavar="IN", type=click.Path(dir_okay=False, path_type=Path))
@click.argument(
    "target", metavar="[OUT]", required=False, type=click.Path(dir_okay=False, path_type=Path)
)
@click.option("--key-to", type=click.Path(path_type=Path), help="LCP: a new file for the key.")
@click.option("--key-from", type=click.Path(exists=True, path_type=Path), help="LCP: this key.")
@click.option("--social", metavar="ORDER", help="A copy that leads back to this order.")
@click.option("--name", default="", help="The buyer's name, for the pages of --social.")
@click.option("--secret", type=click.Path(path_type=Path), help="The file that marks come of.")
@click.option("--password-from", metavar="FILE|-", help="A PDF that this password opens.")
@click.option("--trace", metavar="FILE", type=click.File(), help="Which of these orders IN is of.")
@as_json
def protect(source: Path, target: Path | None, as_json: bool, **said: Any) -> None:
    """Protect the EPUB or PDF IN as OUT: under LCP, with a buyer's marks, or by a password.

    LCP needs --key-to, a file that must not exist and that only you may read, or --key-from. Marks
    need --secret, made when it is missing. `--trace FILE` (an order a line) says whose copy IN is.

    Ends with 0 when OUT was written or an order was found, 1 when not, 2 on wrong usage.
    """
    ways = [name for name in ("social", "password_from", "trace") if said[name] is not None]
    ways += ["lcp"] if said["key_to"] or said["key_from"] else []
    if len(ways) != 1:
        raise click.UsageError(
            "say one of --key-to, --key-from, --social, --password-from, --trace"
        )
    if not source.is_file():
        raise click.UsageError(f"{click.format_filename(source)} is not there")
    if ways[0] == "trace":
        _trace(source, said, as_json=as_json)
        return
    if target is None or target.exists():
        raise click.UsageError("name a file OUT that does not exist yet")
    work = {"lcp": _lcp, "social": _social, "password_from": _password}[ways[0]]
    facts = _guarded(lambda: work(_Job(source, target, said)))
    facts = {"file": str(target), "bytes": target.stat().st_size} | facts
    print_json([facts]) if as_json else console().print(f"{target}: {facts['bytes']:,} bytes")


@click.command()
@as_json
def rotate(as_json: bool) -> None:
    """Make a new master key in this machine's vault, and wrap every key under it.

    No file is touched. The old master keys stay in the vault: backups of the database need them.
    """
    _rewrapped(rotated=True, as_json=as_json)


@click.command()
@as_json
def rewrap(as_json: bool) -> None:
    """Wrap every key under the vault's newest master key; no file is touched."""
    _rewrapped(rotated=False, as_json=as_json)


def _rewrapped(*, rotated: bool, as_json: bool) -> None:
    from ebook_pipeline.cli.local_services import Stack
    from ebook_pipeline.cli.opening import opened
    from ebook_pipeline.cli.running import actor
    from ebook_pipeline.services.protecting import rewrapping
    from ebook_pipeline.settings import Settings

    settings = Settings()
    with Stack(settings).borrowed():
        resources = opened(settings)
        database, vault, who = resources.database, resources.key_vault, actor()
        made = {"master_key": rewrapping.rotate(database, vault, actor=who)} if rotated else {}
        done = rewrapping.rewrap(database, vault, actor=who)
    if as_json:
        print_json([made | done.model_dump()])
        return
    if made:
        console().print(f"new master key {made['master_key']}")
    others = done.house_keys + done.signing_keys
    console().print(
        f"{done.content_keys} content keys, {done.user_keys} user keys, {others} others"
    )


def _lcp(job: _Job) -> dict[str, object]:
    """Encrypt under a key of a file; the key is shown nowhere."""
    from ebook_pipeline.books.protecting.lcp import encryption, pdf_package
    from ebook_pipeline.settings import Settings

    settings = Settings()
    _warn(settings)
    profile, key_from = settings.lcp_profile, job.said["key_from"]
    key = _secret_in(key_from) if key_from else _new_secret(job.said["key_to"])
    if job.pdf:
        identifier, title = f"urn:sha256:{_sha256(job.source)}", job.source.stem
        book = pdf_package.PackageDescription(identifier=identifier, title=title)
        pdf_package.protect_pdf(job.source, job.target, key, profile, book)
        return {"protection": "lcp", "profile": profile, "encrypted_resources": 1}
    made = encryption.protect(job.source, job.target, key, profile)
    return {
        "protection": "lcp",
        "profile": profile,
        "encrypted_resources": made.encrypted_resources,
    }


def _social(job: _Job) -> dict[str, object]:
    """Mark a copy; an `epub` or `pdf` in the name says which."""
    from pydantic import ValidationError

    from ebook_pipeline.books.protecting.marking.epub import mark_epub
    from ebook_pipeline.books.protecting.marking.pdf import mark_pdf
    from ebook_pipeline.books.protecting.marking.token import Buyer

    secret = _marking_secret(job.said["secret"])
    try:
        buyer = Buyer(order=job.said["social"], name=job.said["name"])
    except ValidationError as error:
        raise click.UsageError("an order has 1 to 200 letters, a name at most 200") from error
    _whole(mark_pdf if job.pdf else mark_epub, job, buyer, secret)
    return {"protection": "social", "order": buyer.order}


def _password(job: _Job) -> dict[str, object]:
    from ebook_pipeline.books.protecting.pdf_password import lock_pdf
    from ebook_pipeline.foundation.secrets import Secret

    if not job.pdf:
        raise click.UsageError("only a PDF has a password")
    password = Secret(passphrase_from(job.said["password_from"]).encode())
    _whole(lock_pdf, job, password)
    return {"protection": "password"}


def _trace(source: Path, said: dict[str, Any], *, as_json: bool) -> None:
    from ebook_pipeline.books.protecting.marking.epub import tokens_in_epub
    from ebook_pipeline.books.protecting.marking.pdf import tokens_in_pdf
    from ebook_pipeline.books.protecting.marking.token import traced

    if said["secret"] is None or not said["secret"].exists():
        raise click.UsageError("--trace needs the --secret that the copies were marked with")
    secret = _secret_in(said["secret"])
    read = tokens_in_pdf if source.suffix.lower() == _PDF else tokens_in_epub
    found = _guarded(lambda: read(source))
    traces = traced(found, (line.strip() for line in said["trace"]), secret)
    if as_json:
        print_json(traces)
    for trace in () if as_json else traces:
        console().print(f"{trace.order}: {trace.marks} marks", markup=False)
    if not traces:
        click.get_current_context().exit(1)


def _guarded(work: Any) -> Any:
    """What `work` gives; a book at fault is a finding and the end."""
    try:
        return work()
    except BookError as error:
        print_finding(messages(), error.finding)
        click.get_current_context().exit(1)


def _whole(make: Any, job: _Job, *more: object) -> None:
    """`make` writes beside the target, which appears when it is whole."""
    with tempfile.TemporaryDirectory(dir=job.target.absolute().parent, prefix=".part-") as folder:
        part = Path(folder) / "made"
        make(job.source, part, *more)
        part.replace(job.target)


def _marking_secret(path: Path | None) -> "Secret":
    if path is None:
        raise click.UsageError("--social needs --secret FILE; it is made when it is missing")
    return _secret_in(path) if path.exists() else _new_secret(path)


def _new_secret(path: Path) -> "Secret":
    """32 random bytes in a new file that its owner alone may read."""
    from ebook_pipeline.foundation.secrets import Secret

    made = Secret.random(_SECRET_BYTES)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        said = f"{click.format_filename(path)}: {error.strerror}"
        raise click.UsageError(said) from error
    with os.fdopen(handle, "wb") as out:
        out.write(made.reveal())
    return made


def _secret_in(path: Path) -> "Secret":
    from ebook_pipeline.foundation.regular_files import read_regular
    from ebook_pipeline.foundation.secrets import Secret

    if path.stat().st_mode & 0o077:
        raise click.UsageError(f"{click.format_filename(path)} is open to others: chmod 600 it")
    found = Secret(read_regular(path, _SECRET_BYTES + 1, follow=True))
    if len(found) != _SECRET_BYTES:
        raise click.UsageError(f"{click.format_filename(path)} has not {_SECRET_BYTES} bytes")
    return found


def _warn(settings: "Settings") -> None:
    from ebook_pipeline.resources.lcp_issuer import TEST_ONLY, protects_nothing

    if protects_nothing(settings):
        messages().print(f"[bold red]{TEST_ONLY}[/]", soft_wrap=True)


def _sha256(path: Path) -> str:
    import hashlib

    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
