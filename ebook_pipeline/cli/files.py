"""``ebooks files``: what a reviewer judges, before anything is released."""

import shutil
from pathlib import Path

import click

from ebook_pipeline.cli.known_books import known_book
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, print_json, safe
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.reporting.taken_files import TakenFiles, take_files
from ebook_pipeline.settings import Settings

_FINDINGS = "findings.jsonl"


@click.command()
@click.argument("book")
@click.option(
    "--out",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder for them; it is made where there is none.",
)
@as_json
def files(book: str, folder: Path, as_json: bool) -> None:
    """Take out an edition's files: original, EPUB, PDF, text, cover, quality page, findings.

    It is the newest edition, as it will be sold but without protection: keep it safe. The audit
    says who took them. Files of the same name in the folder are written over.
    """
    settings = Settings()
    with Stack(settings).borrowed():
        resources = opened(settings)
        known_book(resources.database, book)
        store = resources.object_store
        taken = take_files(resources.database, RecordStore(store), book, actor=actor())
        written = _write(taken, store, folder)
    if as_json:
        print_json([{"book": book, "edition": taken.edition, "files": list(map(str, written))}])
        return
    for path in written:
        console().print(safe(str(path)), soft_wrap=True)


def _write(taken: TakenFiles, store: ObjectStore, folder: Path) -> list[Path]:
    """Read by their owner alone: what is not on sale yet is nobody else's."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in taken.files:
        with store.open(file.blob) as stream, _created(folder / file.name).open("wb") as target:
            shutil.copyfileobj(stream, target)
    _created(folder / _FINDINGS).write_bytes(taken.findings)
    return [folder / name for name in (*(file.name for file in taken.files), _FINDINGS)]


def _created(path: Path) -> Path:
    """An empty file of this name, in place of what was there, a link among it."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    return path
