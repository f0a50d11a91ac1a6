"""``ebooks license``: what opens a protected book for one reader, from issue to revocation."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.known_books import known_book
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.secrets_from import passphrase_from
from ebook_pipeline.cli.terminal import Moment, as_json, console, messages, print_json
from ebook_pipeline.resources.lcp_issuer import TEST_ONLY, issuer_from, protects_nothing
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    from ebook_pipeline.resources import Resources
    from ebook_pipeline.services.protecting.license_records import License, LicenseRequest
    from ebook_pipeline.services.protecting.licenses import Licenses

_FORMS = {"epub": "publication", "pdf": "publication-pdf"}


@click.command()
@click.argument("book", required=False)
@click.option("--reader", help="The reader's id at your shop: opaque, no name.")
@click.option("--passphrase-from", "source", metavar="FILE|-", help="Its first line is taken.")
@click.option("--hint", help="What reminds the reader of the passphrase.")
@click.option("--print", "pages", type=click.IntRange(0), help="Pages that may be printed.")
@click.option("--copy", "characters", type=click.IntRange(0), help="Characters to copy.")
@click.option("--start", type=Moment(), help="Not before this time.")
@click.option("--end", type=Moment(), help="Until this time.")
@click.option("--may-end", type=Moment(), help="Renewals end here at the latest.")
@click.option("--form", type=click.Choice(list(_FORMS)), default="epub", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="FILE.lcpl")
@click.option("--renew", metavar="ID", help="Let this licence end at --end.")
@click.option("--return", "return_", metavar="ID", help="The reader gives the book back.")
@click.option("--revoke", metavar="ID", help="Take this licence away.")
@click.option("--status", metavar="ID", help="Show how this licence stands.")
@as_json
def license(book: str | None, as_json: bool, **said: Any) -> None:
    """Issue a licence for BOOK to one reader, or change or show one by its ID.

    With --out the Licence Document is written there; without, and without --json, it is printed.
    """
    doing = _asked(book, said)
    hashed = _hashed(said["source"]) if book is not None else None
    settings = Settings()
    if protects_nothing(settings):
        messages().print(f"[bold red]{TEST_ONLY}[/]", soft_wrap=True)
    with changing(settings):
        resources = opened(settings)
        if book is not None:
            known_book(resources.database, book)
        licenses = licenses_of(resources)
        found = doing(licenses, hashed)
        wanted = found.state.usable and (book is not None or said["out"] is not None)
        document = licenses.document(found.id) if wanted else None
    _answer(found, document, said["out"], as_json=as_json)


def _asked(book: str | None, said: dict[str, Any]) -> "Callable[[Licenses, Any], License]":
    """What to do; wrong usage where it is not exactly one thing."""
    ids = {name: said[name] for name in ("renew", "return_", "revoke", "status") if said[name]}
    if len(ids) + (book is not None) != 1:
        raise click.UsageError("name a BOOK, or one of --renew, --return, --revoke, --status ID")
    if book is not None:
        if not said["reader"] or not said["source"]:
            raise click.UsageError("a licence needs --reader and --passphrase-from")
        request = _license_request(book, said)
        return lambda licenses, hashed: licenses.issue(request, hashed, actor=actor())
    if "renew" in ids and said["end"] is None:
        raise click.UsageError("--renew needs --end")
    changes: dict[str, Callable[[Licenses, str], License]] = {
        "renew": lambda licenses, id: licenses.renew(id, said["end"], actor=actor()),
        "return_": lambda licenses, id: licenses.return_(id, actor=actor()),
        "revoke": lambda licenses, id: licenses.revoke(id, actor=actor()),
        "status": lambda licenses, id: licenses.find(id),
    }
    ((name, id),) = ids.items()
    return lambda licenses, _: changes[name](licenses, id)


def _license_request(book: str, said: dict[str, Any]) -> "LicenseRequest":
    from ebook_pipeline.books.protecting.lcp.license import LicenseRights
    from ebook_pipeline.services.protecting.license_records import LicenseRequest

    rights = {name: said[name] for name in ("pages", "characters", "start", "end")}
    more = {"hint": said["hint"]} if said["hint"] else {}
    return LicenseRequest(
        book=book,
        reader=said["reader"],
        form=_FORMS[said["form"]],
        rights=LicenseRights(**rights),
        may_end=said["may_end"],
        **more,
    )


def _hashed(source: str) -> Any:
    from ebook_pipeline.books.protecting.lcp.license import passphrase_hash

    return passphrase_hash(passphrase_from(source))


def licenses_of(resources: "Resources") -> "Licenses":
    """The licences of a home, issued as its settings say."""
    from ebook_pipeline.services.protecting.license_records import LicenseProvider
    from ebook_pipeline.services.protecting.licenses import Licenses

    settings = resources.settings
    hint_url = settings.lcp_hint_url or f"{settings.lcp_provider.rstrip('/')}/hint"
    shop = LicenseProvider(issuer_from(settings), hint_url, settings.license_server)
    return Licenses(resources.database, resources.key_vault, resources.cdn, shop)


def _answer(found: "License", document: bytes | None, out: Path | None, *, as_json: bool) -> None:
    if out is not None and document is not None:
        out.write_bytes(document)
    if as_json:
        print_json([found])
    elif document is not None and out is None:
        click.echo(document)
    else:
        end = f", until {found.rights.end}" if found.rights.end else ""
        console().print(f"{found.id}: {found.state}{end}", markup=False)
