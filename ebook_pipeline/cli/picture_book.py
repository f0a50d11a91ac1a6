"""``ebooks picture-book``: a picture book from a brief, without store or database."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.print_options import PRINTERS, SizeType, template_of
from ebook_pipeline.cli.running import QUIET, actor
from ebook_pipeline.cli.terminal import console, messages, print_finding
from ebook_pipeline.execution import Ended, Event
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.actors import LAUNCHED_BY
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    from ebook_pipeline.books.picture_books.brief import Brief
    from ebook_pipeline.books.picture_books.finished_book import PictureBook
    from ebook_pipeline.books.printing.print_rules import CoverTemplate
    from ebook_pipeline.foundation.findings import Finding

_BRIEF = click.Path(exists=True, dir_okay=False, path_type=Path)
_AGES = click.Choice(["0-2", "3-5", "6-8", "9-12"])


@click.group("picture-book")
def picture_book() -> None:
    """Make children's books from a brief: stories and colouring books, in English and German."""


@picture_book.command("new")
@click.argument("brief", metavar="BRIEF.json", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--title", default="", help="The title; the story gives one if unset.")
@click.option("--theme", default="", help="What it is about: a plot's name or theme.")
@click.option("--colouring", is_flag=True, help="A colouring book instead of a story.")
@click.option("--language", type=click.Choice(["en", "de"]), default="en", show_default=True)
@click.option("--age", type=_AGES, default="3-5", show_default=True, help="Of the readers.")
@click.option("--name", default="", help="The hero's name, with --species.")
@click.option("--species", default="", help="The hero's species, such as hedgehog.")
@click.option("--author", default="", help="Who stands on the cover.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True)
def new_brief(brief: Path, colouring: bool, age: str, name: str, species: str, **said: Any) -> None:
    """Write a brief to change and to make a book of; it is refused where nothing fits it."""
    from ebook_pipeline.books.picture_books.brief_check import read_brief

    _require_new(brief)
    if bool(name) != bool(species):
        raise click.UsageError("--name and --species go together")
    facts = {**said, "kind": "colouring" if colouring else "story", "age_group": age}
    facts["paper"] = "white" if colouring else "premium-colour"
    if name:
        facts["characters"] = [{"name": name, "species": species, "role": "hero"}]
    made = read_brief(json.dumps(facts).encode())
    _require(made)
    _write_brief(made, brief)


@picture_book.command("sequel")
@click.argument("brief", metavar="BRIEF.json", type=_BRIEF)
@click.argument("target", metavar="NEXT.json", type=click.Path(dir_okay=False, path_type=Path))
def next_brief(brief: Path, target: Path) -> None:
    """Write a brief for the next book of a series: the same characters in another story."""
    from ebook_pipeline.books.picture_books.sequels import sequel

    _require_new(target)
    first = _makeable(brief)
    following = sequel(first)
    _write_brief(following, target)
    if not first.series:
        said = (
            f"name the series “{following.series}” in {click.format_filename(brief)} too, volume 1"
        )
        messages().print(said, markup=False)


@picture_book.command("schema")
def schema() -> None:
    """Print the JSON Schema of a brief, for forms and editors."""
    from ebook_pipeline.books.picture_books.brief import Brief

    click.echo(json.dumps(Brief.model_json_schema(), indent=2))


@picture_book.command("make")
@click.argument("brief", metavar="BRIEF.json", type=_BRIEF)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--package", "packed", is_flag=True, help="The print package too, as package.zip.")
def make(brief: Path, folder: Path, packed: bool) -> None:
    """Make the whole book into FOLDER: record, EPUB, PDF to read, pages as SVG, contact sheets."""
    from ebook_pipeline.books.picture_books.reading_pdf import reading_pdf
    from ebook_pipeline.books.picture_books.reflowable_epub import reflowable_epub

    book = _made(brief)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "book.json").write_text(book.model_dump_json(), encoding="utf-8")
    (folder / "book.epub").write_bytes(reflowable_epub(book))
    (folder / "book.pdf").write_bytes(reading_pdf(book))
    _write_pages(book, folder / "pages")
    _write_sheets(book, folder)
    _tell(book, folder)
    if packed:
        _pack(book, folder / "package.zip")


@picture_book.command("preview")
@click.argument("brief", metavar="BRIEF.json", type=_BRIEF)
@click.argument("target", metavar="OUT.png", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--first", type=click.IntRange(1, 40), default=4, show_default=True, help="Page.")
@click.option("--pages", type=click.IntRange(1, 40), default=2, show_default=True, help="Number.")
@click.option("--line-art", is_flag=True, help="As lines to colour in.")
def preview(brief: Path, target: Path, first: int, pages: int, line_art: bool) -> None:
    """Draw a spread of the book into a picture; pages 4 and 5 if unset."""
    from ebook_pipeline.books.picture_books.contact_sheet import pages_png

    book = _made(brief)
    chosen = book.pages[first - 1 : first - 1 + pages]
    if not chosen:
        raise click.UsageError(f"the book has {len(book.pages)} pages")
    target.write_bytes(pages_png(chosen, book.trim, line_art=line_art))
    messages().print(f"{click.format_filename(target)} was written", markup=False)


@picture_book.command("export")
@click.argument("brief", metavar="BRIEF.json", type=_BRIEF)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--line-art", is_flag=True, help="The line drawings alone.")
def export(brief: Path, folder: Path, line_art: bool) -> None:
    """Write the pages as SVG with their words and alt texts beside, for other programs."""
    book = _made(brief)
    _write_pages(book, folder, line_art=line_art)
    _tell(book, folder)


@picture_book.command("canva")
@click.argument("brief", metavar="BRIEF.json", type=_BRIEF)
@click.argument("template")
@click.argument("target", metavar="OUT.pdf", type=click.Path(dir_okay=False, path_type=Path))
def fill_canva(brief: Path, template: str, target: Path) -> None:
    """Fill the brand TEMPLATE at Canva with the book, and write the design's PDF.

    Needs an integration of yours at Canva: EBOOK_CANVA_CLIENT_ID and its secret.
    """
    from ebook_pipeline.cli import canva

    canva.fill(_made(brief), template, target)


@picture_book.command("order")
@click.argument("brief", metavar="BRIEF.json", type=_BRIEF)
@click.argument("key")
def order(brief: Path, key: str) -> None:
    """Keep the brief as KEY, make the book by the chain and submit it; a person must approve.

    Its file is a submission from then on: the running services take it up, or `ebooks retry`.
    """
    from ebook_pipeline.books.picture_books.brief_check import read_brief
    from ebook_pipeline.services.picture_books import briefs

    wanted = read_brief(brief.read_bytes())
    with changing(Settings()) as resources:
        briefs.order(resources.database, key, wanted, actor=actor())
        _run(resources, key)


@picture_book.command("again")
@click.argument("key")
@click.argument("page", type=click.IntRange(3, 39))
def again(key: str, page: int) -> None:
    """Draw one PAGE of an ordered book anew; all others stay as they are."""
    from ebook_pipeline.services.picture_books import briefs

    with changing(Settings()) as resources:
        briefs.draw_again(resources.database, key, page, actor=actor())
        _run(resources, key)


@picture_book.command("art")
@click.argument("key")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--maker", default="", help="Whom the book names; its author if unset.")
@click.option("--ai", type=click.Choice(["none", "assisted", "generated"]), default="none")
def art(key: str, folder: Path, maker: str, ai: Any) -> None:
    """Take the pictures in FOLDER (07.png is page 7) for an ordered book, and make it again.

    --ai says how they were made, for the credits and for KDP.
    """
    from ebook_pipeline.books.picture_books.art import GivenArt
    from ebook_pipeline.services.picture_books import briefs

    named = {int(path.stem): path for path in sorted(folder.iterdir()) if path.stem.isdecimal()}
    if not named:
        raise click.UsageError("the folder has no picture that is named by its page: 07.png")
    with changing(Settings()) as resources:
        given = {
            page: GivenArt(picture=resources.object_store.put(path, "application/octet-stream"),
                           maker=maker, ai=ai)
            for page, path in named.items()
        }  # fmt: skip
        briefs.give_art(resources.database, key, given, actor=actor())
        _run(resources, key)


def _run(resources: Resources, key: str) -> None:
    """Take the brief through its chain in this process, on the UI's Dagster instance."""
    import dagster as dg

    from ebook_pipeline.assets.picture_books import JOB, PARTITION
    from ebook_pipeline.books.picture_books.stage_records import BookSubmission
    from ebook_pipeline.definitions import build_defs
    from ebook_pipeline.execution.dagster_assets import job_config

    settings = resources.settings
    ends: list[Ended] = []
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    with dg.DagsterInstance.get() as instance:
        instance.add_dynamic_partitions(PARTITION, [key])
        job = build_defs(settings, observe=ends_of(ends), database=resources.database)
        job.get_job_def(JOB).execute_in_process(
            instance=instance,
            run_config=job_config(JOB, [key]) | QUIET,
            raise_on_error=False,
            tags={LAUNCHED_BY: actor()},
        )
    submitted = RecordStore(resources.object_store).read("book_submission", key, 1, BookSubmission)
    if any(end.outcome is not Outcome.DONE for end in ends) or submitted is None:
        raise click.ClickException(f"{key} was not made: its partition in the web UI says why")
    messages().print(f"{key} was submitted as {submitted.book}", markup=False)


def ends_of(ends: list[Ended]) -> Callable[[Event], object]:
    """What hears a batch and keeps how its items ended."""

    def hear(event: Event) -> None:
        if isinstance(event, Ended):
            ends.append(event)

    return hear


@picture_book.command("package")
@click.argument("brief", metavar="BRIEF.json", type=_BRIEF)
@click.argument("target", metavar="OUT.zip", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--for", "printer", type=click.Choice(PRINTERS), default=PRINTERS[0])
@click.option("--template", type=SizeType(), help="The printer's own cover: inches, 17.33x8.75.")
@click.option("--spine", type=click.FloatRange(0, 6), help="Inches, by that template.")
def package(brief: Path, target: Path, printer: str, **asked: Any) -> None:
    """Make the print package: interior, cover, colouring edition, workbook, EPUBs, KDP's sheet.

    For another printer than KDP's paperbacks: interior and cover, whose sheet and spine the
    printer's own template says. Every PDF is judged by preflight; ends with 1 where one does not
    pass.
    """
    template = template_of(asked["template"], asked["spine"])
    if template and printer == PRINTERS[0]:
        raise click.UsageError("covers of KDP's paperbacks are by rule: name another printer")
    _pack(_made(brief), target, printer, template)


def _pack(
    book: "PictureBook",
    target: Path,
    printer: str = PRINTERS[0],
    template: "CoverTemplate | None" = None,
) -> None:
    """Write the package and what preflight says; ends with 1 where a PDF does not pass."""
    from ebook_pipeline.books.printing.print_rules import Printer
    from ebook_pipeline.books.producing import print_package

    whose = Printer(printer)
    if whose is print_package.PRINTER:
        files = print_package.make_files(book)
    else:
        files = print_package.edition_files(book, whose, template)
    judged = print_package.judge_files(book, files, whose, template)
    print_package.write_package(files, judged, target)
    for file in judged:
        for finding in file.report.plain_findings:
            print_finding(console(), finding)
    size = f"{target.stat().st_size:,} bytes"
    messages().print(f"{click.format_filename(target)}: {size}", markup=False, soft_wrap=True)
    if not all(file.report.passes for file in judged):
        click.get_current_context().exit(1)


def _require_new(target: Path) -> None:
    if target.exists():
        raise click.UsageError(f"{click.format_filename(target)} exists: name another file")


def _write_brief(brief: "Brief", target: Path) -> None:
    text = json.dumps(brief.model_dump(mode="json"), indent=2, ensure_ascii=False)
    target.write_text(text + "\n", encoding="utf-8")
    messages().print(f"{click.format_filename(target)} was written", markup=False)


def _made(path: Path) -> "PictureBook":
    from ebook_pipeline.books.picture_books.book_maker import make_book

    return make_book(_makeable(path))


def _makeable(path: Path) -> "Brief":
    from ebook_pipeline.books.picture_books.brief_check import read_brief

    brief = read_brief(path.read_bytes())
    _require(brief)
    return brief


def _require(brief: "Brief") -> None:
    """Say every reason against the brief; raises BookError with the first."""
    from ebook_pipeline.books.picture_books.brief_check import refusals

    found: list[Finding] = refusals(brief)
    for finding in found:
        print_finding(console(), finding)
    if found:
        raise BookError.of(found[0])


def _write_pages(book: "PictureBook", folder: Path, *, line_art: bool = False) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    named = {f"{page.number:02d}": page for page in book.pages}
    named |= {"cover-front": book.cover.front, "cover-back": book.cover.back}
    for name, page in named.items():
        if not line_art:
            (folder / f"{name}.svg").write_text(page.colour, encoding="utf-8")
        (folder / f"{name}-lines.svg").write_text(page.line_art, encoding="utf-8")
    words = [
        {"page": page.number, "alt": page.alt, "words": [list(b.paragraphs) for b in page.blocks]}
        for page in book.pages
    ]
    text = json.dumps(words, indent=1, ensure_ascii=False)
    (folder / "words.json").write_text(text + "\n", encoding="utf-8")


def _write_sheets(book: "PictureBook", folder: Path) -> None:
    from ebook_pipeline.books.picture_books.contact_sheet import contact_sheet

    (folder / "contact-sheet.png").write_bytes(contact_sheet(book))
    (folder / "contact-sheet-lines.png").write_bytes(contact_sheet(book, line_art=True))


def _tell(book: "PictureBook", folder: Path) -> None:
    said = f"“{book.title}”, {len(book.pages)} pages, in {click.format_filename(folder)}"
    messages().print(said, markup=False, soft_wrap=True)
