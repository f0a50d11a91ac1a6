"""``ebooks metadata``: what files state and what their text tells, without store or database."""

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebook_pipeline.cli.check import interrupted
from ebook_pipeline.cli.given_files import books_among
from ebook_pipeline.cli.terminal import console, messages, print_finding, print_json, safe

if TYPE_CHECKING:
    from collections.abc import Generator

    from ebook_pipeline.books.describing.metadata_document.from_file import MetadataDocument
    from ebook_pipeline.books.describing.single_file import SingleFileReader
    from ebook_pipeline.resources import Resources
    from ebook_pipeline.settings import Settings

_SHOWN = ("creators", "languages", "publishers", "identifiers", "subjects", "genres", "keywords")
_FIGURES = ("word_count", "pages", "reading", "audience", "series", "published")


@click.command()
@click.argument(
    "paths", metavar="FILE…", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option("--json", "form", flag_value="json", help="Print one JSON object per line and file.")
@click.option("--onix", "form", flag_value="onix", help="Print one ONIX 3.0 message.")
@click.option("--json-ld", "form", flag_value="json-ld", help="Print schema.org Books as JSON-LD.")
def metadata(paths: tuple[Path, ...], form: str | None) -> None:
    """Describe books: what the files state, and what their text tells.

    Of a folder, at any depth, the files count whose names end as books' names do. A sidecar
    FILE.json is read as on ingestion. Needs no store, no database and no running service.

    With --json the output is one object per line and file, in the order of the files: file,
    what the file states and holds, what models made of the text (`generated` names those fields),
    and under provenance where each field comes from.

    Ends with 0 when all files could be read, 1 when one couldn't, 2 on wrong usage.
    """
    files = books_among(paths)
    from ebook_pipeline.settings import Settings

    show = {"json": _show_json, "onix": _show_onix, "json-ld": _show_json_ld}.get(form or "", _show)
    failed: list[MetadataDocument] = []
    try:
        with closing(_answers(files, Settings())) as answers:
            show(_noting(answers, failed))
    except KeyboardInterrupt:
        interrupted()
    if failed:
        click.get_current_context().exit(1)


def _answers(files: list[Path], settings: "Settings") -> "Generator[MetadataDocument, None, None]":
    from ebook_pipeline.cli.opening import opened
    from ebook_pipeline.cli.ordered_pool import in_order
    from ebook_pipeline.tools import sandbox

    reader = reader_of(opened(settings))
    at_once = settings.books_in_flight
    yield from in_order(lambda path: _answer(path, reader), files, at_once, sandbox.kill_all)


def reader_of(resources: "Resources") -> "SingleFileReader":
    """Who reads single files with the settings' tools and models."""
    from ebook_pipeline.books.describing.single_file import SingleFileReader
    from ebook_pipeline.resources.book_tools import conversion_tools, describer

    return SingleFileReader(describer(resources), conversion_tools(resources))


def _answer(path: Path, reader: "SingleFileReader") -> "MetadataDocument":
    from ebook_pipeline.books.describing.metadata_document.from_file import metadata_document_of
    from ebook_pipeline.books.describing.sidecar import sidecar_claims

    file, claims = click.format_filename(path), sidecar_claims(path)
    with tempfile.TemporaryDirectory(prefix="ebooks-") as folder:
        return metadata_document_of(path.absolute(), file, claims, reader, Path(folder))


def _noting(
    answers: "Iterable[MetadataDocument]", failed: "list[MetadataDocument]"
) -> "Iterator[MetadataDocument]":
    for one in answers:
        if one.product is None:
            failed.append(one)
        yield one


def _show_json(answers: "Iterable[MetadataDocument]") -> None:
    print_json(one.card for one in answers)


def _show_json_ld(answers: "Iterable[MetadataDocument]") -> None:
    from ebook_pipeline.books.selling import json_ld

    print_json(json_ld.book_json_ld(one.product) for one in _described(answers) if one.product)


def _show_onix(answers: "Iterable[MetadataDocument]") -> None:
    from ebook_pipeline.books.selling import onix
    from ebook_pipeline.foundation.identifiers import book_id

    listings = (
        onix.Listing(book_id(Path(one.card["file"]).name), one.product)
        for one in _described(answers)
        if one.product
    )
    sender = onix.OnixSender("ebook-pipeline")
    onix.write(sys.stdout.buffer, listings, sender, datetime.now(UTC))
    sys.stdout.buffer.write(b"\n")


def _described(answers: "Iterable[MetadataDocument]") -> "Iterator[MetadataDocument]":
    """The answers that have a product; of the others people are told beside the output."""
    for one in answers:
        if one.finding is not None:
            messages().print(f"[bold]{safe(one.card['file'])}[/]", soft_wrap=True)
            print_finding(messages(), one.finding)
        yield one


def _show(answers: "Iterable[MetadataDocument]") -> None:
    out = console()
    for one in answers:
        out.print(f"[bold]{safe(one.card['file'])}[/]", soft_wrap=True)
        if one.finding is not None:
            print_finding(out, one.finding)
        else:
            for line in _lines(one.card):
                out.print(f"  {line}", soft_wrap=True)


def _lines(card: dict[str, Any]) -> Iterator[str]:
    made = set(card["generated"])
    for name in ("title", "subtitle", *_SHOWN, *_FIGURES, "description"):
        if name in card:
            mark = " [dim](made by a model)[/]" if name in made else ""
            said = _SPOKEN.get(name, _text)(card[name])
            yield f"{name.replace('_', ' ')}: {safe(said)}{mark}"


def _reading(value: dict[str, Any]) -> str:
    """*8 h 35 min, reading ease 63*"""
    hours, minutes = divmod(value["minutes"], 60)
    time = f"{hours} h {minutes} min" if hours else f"{minutes} min"
    return time if value["ease"] is None else f"{time}, reading ease {value['ease']:.0f}"


def _audience(value: dict[str, Any]) -> str:
    from ebook_pipeline.books.describing.enrich.audience import audience_text
    from ebook_pipeline.books.records.description import Audience

    return audience_text(Audience.model_validate(value))


def _series(value: list[dict[str, Any]]) -> str:
    return "; ".join(" ".join(filter(None, (one["name"], one["position"]))) for one in value)


_SPOKEN: dict[str, Callable[[Any], str]] = {
    "reading": _reading,
    "audience": _audience,
    "series": _series,
    "published": lambda value: str(value)[:10],
}
"""Fields that people read in other words than programs."""


def _text(value: Any) -> str:
    """A value of the card on one line."""
    if isinstance(value, list):
        return "; ".join(map(_text, value))
    if isinstance(value, dict):
        named = value.get("name") or value.get("term") or value.get("value")
        if "confidence" in value:
            return f"{named} ({value['confidence']:.0%})"
        return str(named) if named else ", ".join(f"{k} {v}" for k, v in value.items())
    return " ".join(str(value).split())
