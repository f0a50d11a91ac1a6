"""``ebooks writing``: manuscripts of the writing room from a shell."""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.given_files import readable
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import messages, print_finding
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, worst_first
from ebook_pipeline.foundation.wording import counted
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    from ebook_pipeline.books.writing.manuscript_file import ImportedManuscript


@click.group()
def writing() -> None:
    """Manuscripts that are written at the desk, in chapters."""


@writing.command("import")
@click.argument("source", metavar="FILE", type=click.Path(exists=True, path_type=Path))
@click.option("--account", default=HOUSE, show_default=True, help="Whose manuscript it is.")
@click.option("--into", metavar="MANUSCRIPT", help="Add the chapters to this one.")
def import_file(source: Path, account: str, into: str | None) -> None:
    """Make chapters of FILE: an EPUB, or a DOCX, ODT, RTF, HTML, Markdown or text file.

    Its cover is taken where the manuscript has none. Prints the manuscript's id; what of the file
    is in no chapter, such as pictures, is said.
    """
    from ebook_pipeline.books.writing.importing import import_manuscript
    from ebook_pipeline.resources.book_tools import conversion_tools
    from ebook_pipeline.services.writing import importing

    readable([source])
    with changing(Settings()) as resources, _refusing():
        imported = import_manuscript(source.absolute(), conversion_tools(resources))
        if into is None:
            made = importing.begin_with(resources.database, account, imported, actor=actor())
        else:
            made = importing.append(resources.database, into, imported, actor=actor())
    _tell(imported.findings)
    messages().print(_taken(imported, source), markup=False, soft_wrap=True)
    click.echo(made.id)


def _taken(imported: "ImportedManuscript", source: Path) -> str:
    """“3 chapters of river.epub, which has a cover”"""
    chapters = counted(len(imported.chapters), "chapter")
    cover = ", which has a cover" if imported.cover else ""
    return f"{chapters} of {click.format_filename(source)}{cover}"


@writing.command("cover")
@click.argument("manuscript", metavar="MANUSCRIPT")
@click.argument(
    "picture", metavar="[PICTURE]", required=False, type=click.Path(exists=True, path_type=Path)
)
@click.option("--remove", is_flag=True, help="Let it have none.")
def give_cover(manuscript: str, picture: Path | None, remove: bool) -> None:
    """Let PICTURE, a PNG, JPEG or WebP, be the cover of MANUSCRIPT.

    Prints its size in pixels; what shops will not like of it is said.
    """
    from ebook_pipeline.books.writing import cover_picture
    from ebook_pipeline.services.writing import covers

    if (picture is None) != remove:
        raise click.UsageError("name a picture, or --remove")
    with changing(Settings()) as resources, _refusing():
        if picture is None:
            covers.remove_cover(resources.database, manuscript, actor=actor())
            return
        readable([picture])
        made = cover_picture.cover_picture_of(picture)
        covers.set_cover(resources.database, manuscript, made, actor=actor())
    _tell(made.findings)
    click.echo(f"{made.width} x {made.height}")


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    """A file that can't be taken is told as a finding, and ends the command with 1."""
    try:
        yield
    except BookError as error:
        _tell([error.finding])
        raise click.exceptions.Exit(1) from error


def _tell(findings: Iterable[Finding]) -> None:
    for finding in worst_first(findings):
        print_finding(messages(), finding)
