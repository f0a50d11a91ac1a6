"""A reprocessing worked through by a shell: run after run in this process, with how far it is."""

from typing import TYPE_CHECKING

from ebook_pipeline.cli.running import BookRun, new_run, take_through
from ebook_pipeline.cli.terminal import messages
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.reprocessing import chunks, reprocessings, summary
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    from ebook_pipeline.execution import Event


def work_through(settings: Settings, resources: Resources, number: int) -> None:
    """Until nothing is left, or somebody pauses or cancels it. ServiceError where others have it.

    While we live, nobody else hands out its books; when we die, whoever goes on takes them over.
    """
    database = resources.database
    name = chunks.lock_name(number)
    if database.locked([name]):
        raise ServiceError(f"another shell works at reprocessing {number}")
    with database.lock(name):
        for one in chunks.open_reprocessings(database):
            for run in one.runs if one.id == number else ():
                chunks.take_back(database, number, run, forgiven=True)
        run = new_run(settings)
        while (chunk := chunks.hand_out(database, number, run)) is not None:
            with _Bar(resources, number) as bar:
                options = {"stages": list(chunk.stages), "reprocessing": number}
                take_through(settings, resources, run, BookRun(chunk.books, options, bar.hear))
            chunks.take_back(database, number, run)
            run = new_run(settings)
        chunks.end_if_done(database, number)


class _Bar:
    """Books that ended of all books, and how long the others take."""

    def __init__(self, resources: Resources, number: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._database = resources.database
        self._one = reprocessings.find(self._database, number)
        self._progress = Progress(
            TextColumn("reprocessing {task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("[dim]{task.fields[left]}"),
            console=messages(),
        )
        self._task = self._progress.add_task(str(number), total=self._one.books, left="")

    def __enter__(self) -> "_Bar":
        self._look()
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def hear(self, event: "Event") -> None:
        from ebook_pipeline.execution import Ended

        if isinstance(event, Ended):
            self._progress.update(self._task, advance=1)

    def _look(self) -> None:
        seen = summary.progress(self._database, self._one)
        left = f"about {summary.duration(seen.seconds_left)} left" if seen.seconds_left else ""
        self._progress.update(self._task, completed=seen.ended, left=left)
