"""``ebooks person``: what is known of somebody, given out in one piece or taken away."""

import contextlib
import json
from pathlib import Path
from typing import Any

import click

from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.purge import taking_away
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, messages, print_json, safe
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources import Resources
from ebook_pipeline.settings import Settings


@click.group()
def person() -> None:
    """Everything about a person: by login, mail address, telephone number, or a reader's id."""


@person.command("export")
@click.argument("who")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
def export_person(who: str, out: Path | None) -> None:
    """One JSON document with all that is known of WHO, and what an erasure would leave."""
    from ebook_pipeline.services.erasing import export as service

    with changing(Settings()) as resources:
        found = service.export(resources.database, who, actor=actor())
        names = found["known_as"]
        found["landing"] = list(_sidecars(resources, names))
    text = json.dumps(found, ensure_ascii=False, indent=2, default=str)
    if out is None:
        click.echo(text)
        return
    out.touch(mode=0o600)
    out.write_text(f"{text}\n", encoding="utf-8")


@person.command("erase")
@click.argument("who")
@as_json
def erase_person(who: str, as_json: bool) -> None:
    """Take WHO out of everything that is kept; it can't be undone.

    A pseudonym stands where something must. Erasing that was cut off is taken up by the same
    command. What stays, and why, is printed.
    """
    from ebook_pipeline.services.erasing import export as service

    with changing(Settings()) as resources:
        names = [who]
        with contextlib.suppress(NotFound):  # cut off at its very end, it is known no more
            names = service.export(resources.database, who, actor=actor())["known_as"]
        with taking_away(resources) as (_, erasing):
            done = erasing.erase(who, actor=actor())
        left = list(_sidecars(resources, names))
    if as_json:
        print_json([{**done.model_dump(), "kept": service.KEPT, "landing": left}])
        return
    rows = ", ".join(f"{count} of {name}" for name, count in sorted(done.rows.items()))
    console().print(f"erased, as {done.pseudonym}: {rows or 'nothing was left'}")
    for words in service.KEPT:
        messages().print(f"[dim]{words}[/]")
    for place in left:
        messages().print(f"a file of the submitter's own names them still: {safe(place)}")


def _sidecars(resources: Resources, names: list[str]) -> Any:
    """Files in the landing folder that name the person: they are their submitters' own."""
    root = resources.settings.root / "landing"
    addresses = [name.encode() for name in names if "@" in name or name.startswith("+")]
    for path in (
        sorted(root.rglob("*.json")) if addresses and resources.settings.env == "local" else ()
    ):
        if path.is_file() and not path.is_symlink():
            body = path.read_bytes()[: 1 << 20].lower()
            if any(address.lower() in body for address in addresses):
                yield path.relative_to(root).as_posix()
