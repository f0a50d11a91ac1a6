"""``ebooks price`` and ``ebooks availability``: at what price a book is sold, where, from when."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebook_pipeline.cli.known_books import known_book
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, messages, print_json, safe
from ebook_pipeline.resources import Resources
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    from ebook_pipeline.books.selling.sales_terms import PriceRule, SalesTerms
    from ebook_pipeline.services.selling.price_lists import ImportSummary

_DAY = click.DateTime(["%Y-%m-%d"])


def place(_: click.Context, option: click.Parameter, written: str) -> str:
    """A country or a group of countries as every command takes it."""
    from ebook_pipeline.books.selling.territories import territory

    try:
        return territory(written)
    except ValueError as error:
        raise click.BadParameter(str(error), param=option) from error


def places(context: click.Context, option: click.Parameter, written: Any) -> tuple[str, ...]:
    """Several of them."""
    return tuple(place(context, option, one) for one in written)


@click.command()
@click.argument("book", required=False)
@click.option("--territory", default="WORLD", show_default=True, callback=place)
@click.option("--amount", help="Set it, as 9.99; without one, prices are shown.")
@click.option("--currency", help="As ISO 4217 names it: EUR, USD …")
@click.option("--without-tax", is_flag=True, help="The amount does not include the tax.")
@click.option("--fixed", is_flag=True, help="Shops may sell at no other price (by law).")
@click.option("--from", "since", type=_DAY, help="The first day; today if unset.")
@click.option("--until", type=_DAY, help="The last day; for good if unset.")
@click.option("--end", is_flag=True, help="Let it hold no more, from today or --from on.")
@click.option(
    "--import", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Set those of a CSV file, or of an ONIX 3.0 message (.xml, .onix), rights included.",
)  # fmt: skip
@click.option("--with-falls", is_flag=True, help="Set also imported prices that fall far.")
@as_json
@click.pass_context
def price(context: click.Context, /, book: str | None, file: Path | None, **asked: Any) -> None:
    """Show or set what a book costs in a territory: a country (DE), ECZ, EU, EEA or WORLD.

    The most specific territory wins, in it the price that began last; where none is set, the one
    that the submitter stated. With --json one object: book, territory, price (what one pays there
    today), prices (every rule); of an import books, prices, rights, ignored, held.
    """
    if (book is None) is (file is None):
        raise click.UsageError("name a book, or a file with --import")
    if asked["end"] and not asked["currency"]:
        raise click.UsageError("--end needs --currency")
    asked["currency"] = (asked["currency"] or "").upper() or None
    rule = None if asked["amount"] is None else _rule(asked)
    settings = Settings()
    with Stack(settings).borrowed():
        resources = opened(settings)
        if file is not None:
            done = _import(resources, file, with_falls=asked["with_falls"])
            _print_import(done, as_json=asked["as_json"])
            context.exit(1 if done.held else 0)
        else:
            known_book(resources.database, str(book))
            _price(context, resources, str(book), asked, rule)


@click.command()
@click.argument("book")
@click.option("--territory", "territories", multiple=True, callback=places, help="Of which places.")
@click.option("--for-sale", "right", flag_value="02", help="It may be sold there.")
@click.option("--exclusive", "right", flag_value="01", help="By us alone.")
@click.option("--not-for-sale", "right", flag_value="03", help="It may not be sold there.")
@click.option("--forget", "right", flag_value="forget", help="Say nothing of those places.")
@click.option("--sold-from", metavar="DAY", help="Not sold before 2027-03-01, or `now`.")
@as_json
def availability(
    book: str, territories: tuple[str, ...], right: str | None, sold_from: str | None, as_json: bool
) -> None:
    """Show or set where a book may be sold, and from which day.

    Without any rule it is sold everywhere; who is granted some countries has no others. With --json
    one object: book, rights, sold_from, elsewhere (what holds where nothing is said), barred
    (countries).
    """
    if bool(territories) is not bool(right):
        raise click.UsageError("--territory goes with --for-sale, --not-for-sale or --forget")
    settings = Settings()
    with Stack(settings).borrowed():
        resources = opened(settings)
        known_book(resources.database, book)
        terms = _available(resources, book, territories, right, sold_from)
    facts: dict[str, object] = {
        "book": book,
        **terms.model_dump(mode="json", include={"rights", "sold_from"}),
        "elsewhere": terms.elsewhere,
        "barred": list(terms.barred),
    }
    if as_json:
        print_json([facts])
        return
    for one in terms.rights:
        console().print(f"{one.territory:6} {_RIGHTS[one.type]}")
    console().print(f"{'else' if terms.rights else 'WORLD':6} {_RIGHTS[terms.elsewhere]}")
    if terms.sold_from:
        console().print(f"sold from {terms.sold_from} on")


_RIGHTS = {"01": "sold, by us alone", "02": "sold", "03": "not for sale"}


def _available(
    resources: Resources,
    book: str,
    territories: tuple[str, ...],
    right: str | None,
    sold_from: str | None,
) -> "SalesTerms":
    from ebook_pipeline.books.selling.sales_terms import RightType, SalesRight
    from ebook_pipeline.services.selling import availability as service
    from ebook_pipeline.services.selling import prices

    database = resources.database
    if right == "forget":
        service.forget_rights(database, book, territories, actor=actor())
    elif right:
        rights = [SalesRight(territory=one, type=RightType(right)) for one in territories]
        service.set_rights(database, book, rights, actor=actor())
    if sold_from:
        service.sell_from(database, book, _first_day(sold_from), actor=actor())
    return prices.sales_terms(database, book)


def _first_day(written: str) -> date | None:
    if written == "now":
        return None
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise click.BadParameter("write it as 2027-03-01", param_hint="--sold-from") from error


def _price(
    context: click.Context,
    resources: Resources,
    book: str,
    asked: dict[str, Any],
    rule: "PriceRule | None",
) -> None:
    from ebook_pipeline.services.selling import prices

    database, where, currency = resources.database, asked["territory"], asked["currency"]
    if asked["end"]:
        terms = prices.end_price(database, book, where, currency, on=_since(asked), actor=actor())
    elif rule is not None:
        terms = prices.set_price(database, book, rule, actor=actor())
    else:
        terms = prices.sales_terms(database, book)
    pays = terms.price(where, prices.today(), prices.stated_price(database, book), currency)
    _show_price(book, where, pays, terms, as_json=asked["as_json"])
    if pays is None and rule is None and not asked["end"]:
        context.exit(1)


def _since(asked: dict[str, Any]) -> date:
    return asked["since"].date() if asked["since"] else datetime.now(UTC).date()


def _rule(asked: dict[str, Any]) -> "PriceRule":
    from pydantic import ValidationError

    from ebook_pipeline.books.selling.sales_terms import PriceRule

    kind = {(False, False): "02", (True, False): "01", (False, True): "04", (True, True): "03"}
    try:
        return PriceRule(
            territory=asked["territory"],
            type=kind[asked["without_tax"], asked["fixed"]],
            currency=asked["currency"] or "",
            amount=asked["amount"],
            valid_from=_since(asked),
            valid_until=asked["until"].date() if asked["until"] else None,
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise click.UsageError(f"--{first['loc'][0]}: {first['msg']}") from error


def _show_price(
    book: str, where: str, pays: "PriceRule | None", terms: "SalesTerms", *, as_json: bool
) -> None:
    if as_json:
        told = None if pays is None else pays.model_dump(mode="json")
        rules = [one.model_dump(mode="json") for one in terms.prices]
        print_json([{"book": book, "territory": where, "price": told, "prices": rules}])
        return
    out = console()
    if pays is None:
        messages().print(f"{safe(book)} has no price for {where}")
    else:
        out.print(f"{where}: {pays.amount} {pays.currency}{_of(pays)}", markup=False)
    for one in terms.prices:
        days = f"{one.valid_from} – {one.valid_until or ''}".strip()
        out.print(f"  {one.territory:6} {one.amount:>10} {one.currency}{_of(one)}  {days}")


def _of(rule: "PriceRule") -> str:
    fixed = ", fixed" if rule.type in ("03", "04") else ""
    return f" {'with' if rule.type.taxed else 'without'} tax{fixed}"


def _import(resources: Resources, file: Path, *, with_falls: bool) -> "ImportSummary":
    from ebook_pipeline.services.selling import price_lists

    is_onix = file.suffix.lower() in (".xml", ".onix")
    read = price_lists.from_onix if is_onix else price_lists.from_table
    most_fall = None if with_falls else resources.settings.price_fall
    return read(resources.database, file, actor=actor(), most_fall=most_fall)


def _print_import(done: "ImportSummary", *, as_json: bool) -> None:
    if as_json:
        print_json([done])
        return
    console().print(f"{done.books} books: {done.prices} prices, {done.rights} rights")
    for one in done.ignored:
        messages().print(f"[dim]ignored: {safe(one)}[/]")
    for one in done.held:
        messages().print(safe(f"held: {one}"))
    if done.held:
        messages().print("They are set by the same command --with-falls, if they are meant.")
