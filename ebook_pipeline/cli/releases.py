"""Commands about what is on sale: put on and off, back to an earlier release, verified."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.known_books import known_book
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, print_json, safe
from ebook_pipeline.resources import Resources
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    from ebook_pipeline.services.releasing.releases import BookRelease
    from ebook_pipeline.services.verifying.edge_log import PointFigures
    from ebook_pipeline.services.verifying.verification import (
        BookVerification,
        VerificationRun,
        Verifier,
    )

_A_DAY, _A_MONTH = 24, 30 * 24


@click.command()
@click.argument("book")
@click.option("--to", "name", help="Go to this release; the one that it had last if unset.")
@as_json
def release(book: str, name: str | None, as_json: bool) -> None:
    """Put a book (back) on sale."""
    from ebook_pipeline.services.releasing import releases
    from ebook_pipeline.services.releasing.rollback import ReleaseManager
    from ebook_pipeline.services.verifying.verification import verifier

    settings = Settings()
    with changing(settings) as resources:
        known_book(resources.database, book)
        before = releases.current(resources.database, book)
        repair = before is not None and before.taken_down
        looking = verifier(settings, resources, repair=repair)
        live = ReleaseManager(looking, actor()).release(book, name)
    _tell(live, as_json, f"{live.release} is on sale")


@click.command()
@click.argument("book")
@click.option("--now", is_flag=True, help="Take cover and excerpt off the edge too, at once.")
@as_json
def withdraw(book: str, now: bool, as_json: bool) -> None:
    """Take a book off sale; `ebooks release` puts it back, with all that belongs to it.

    What buyers have bought stays there for them: `ebooks purge` takes that too.
    """
    from ebook_pipeline.services.releasing.rollback import ReleaseManager
    from ebook_pipeline.services.verifying.verification import verifier

    settings = Settings()
    with changing(settings) as resources:
        known_book(resources.database, book)
        live = ReleaseManager(verifier(settings, resources), actor()).withdraw(book, take_down=now)
    _tell(live, as_json, "off sale, and nothing of it is open to all" if now else "off sale")


@click.command()
@click.argument("book")
@click.option("--to", "name", help="Go back to this release; to the one before if unset.")
@as_json
def rollback(book: str, name: str | None, as_json: bool) -> None:
    """Put an earlier release of a book on sale, after it was verified at the edge.

    The edition that was rolled back stays off sale until a newer one comes. Where there is no
    such release, those that there are are listed.
    """
    from ebook_pipeline.services.releasing.rollback import ReleaseManager
    from ebook_pipeline.services.verifying.verification import verifier

    settings = Settings()
    with changing(settings) as resources:
        known_book(resources.database, book)
        live = ReleaseManager(verifier(settings, resources), actor()).roll_back(book, name)
    _tell(live, as_json, f"{live.release} (edition {live.entry.edition}) is on sale")


@click.command()
@click.argument("books", nargs=-1)
@click.option("--repair", is_flag=True, help="Put back what is missing, and rewrite pointers.")
@click.option("--release", "name", help="Another release of one book than the one on sale.")
@as_json
def verify(books: tuple[str, ...], repair: bool, name: str | None, as_json: bool) -> None:
    """Look at books through the edge as readers get them; all on sale where none is named.

    Every file is compared with what was released. Ends with 1 where something is wrong.
    """
    from ebook_pipeline.services.verifying.verification import verifier

    settings = Settings()
    if name and len(books) != 1:
        raise click.UsageError("--release is of one book: ebooks verify BOOK --release NAME")
    with changing(settings) as resources:
        known_book(resources.database, *books)
        asking = verifier(settings, resources, repair=repair)
        if name:
            seen = asking.release(books[0], name)
            print_json([seen]) if as_json else _print_book(seen)
            whole = seen.whole
        else:
            rounds = [_print(one, as_json) for one in _rounds(asking, books)]
            whole = all(rounds)
            _print_figures(resources, as_json)
    click.get_current_context().exit(0 if whole else 1)


def _rounds(verifier: "Verifier", books: tuple[str, ...]) -> "Iterator[VerificationRun]":
    if books:
        yield verifier.named(list(dict.fromkeys(books)))
    else:
        yield from verifier.all()


def _print(one: "VerificationRun", as_json: bool) -> bool:
    """Show a round; whether all of it was whole."""
    if as_json:
        print_json(one.books)
        print_json([one.model_dump(mode="json", exclude={"books"})])
        return one.whole
    if not one.serves or one.away:
        console().print(f"[bold red]away[/]: {', '.join(one.away)}  edge: {safe(one.edge)}")
    for book in one.books:
        _print_book(book)
    if one.left:
        console().print(f"{len(one.left)} books were not looked at: nothing answers")
    return one.whole


def _print_book(seen: "BookVerification") -> None:
    state = "[green]whole[/]" if seen.whole else "[bold red]broken[/]"
    size = sum(request.bytes for request in seen.requests)
    told = f"{len(seen.requests)} requests, {size:,} bytes"
    console().print(f"{seen.book}  {state}  {safe(seen.release)}  {told}", soft_wrap=True)
    for done in seen.repaired:
        console().print(f"  repair: {safe(done)}", soft_wrap=True)
    alike = Counter((f.point, f.message, f.remedy, f.grave) for f in seen.faults)
    asked = {(f.point, f.message, f.remedy, f.grave): f.asked for f in seen.faults}
    for key, times in alike.items():
        point, message, remedy, grave = key
        what = asked[key] if times == 1 else f"{times} requests"
        colour = "red" if grave else "yellow"
        console().print(f"  [{colour}]{what}[/] at {point}: {safe(message)}", soft_wrap=True)
        console().print(f"    \N{RIGHTWARDS ARROW} {safe(remedy)}", soft_wrap=True)


def _print_figures(resources: Resources, as_json: bool) -> None:
    from ebook_pipeline.services.verifying.edge_log import figures

    found = [one for hours in (_A_DAY, _A_MONTH) for one in figures(resources.database, hours)]
    print_json(found) if as_json else _print_table(found)


def _print_table(found: "list[PointFigures]") -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("point")
    for name in ("last", "requests", "available", "p50 ms", "p95 ms"):
        table.add_column(name, justify="right")
    for one in found:
        last = "day" if one.hours == _A_DAY else "30 days"
        share = f"{one.availability:.2f} %"
        table.add_row(one.point, last, f"{one.requests:,}", share, f"{one.p50}", f"{one.p95}")
    console().print(table)


def _tell(live: "BookRelease", as_json: bool, said: str) -> None:
    facts: dict[str, object] = {
        "book": live.book,
        "state": live.state,
        "release": live.release,
        "edition": live.entry.edition,
    }
    print_json([facts]) if as_json else console().print(f"{live.book}: {said}")
