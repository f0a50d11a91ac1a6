"""``ebooks reprocess``: a stage of many books again, after code, a model or a policy changed."""

import click

from ebook_pipeline.cli.book_filter import book_filter, where
from ebook_pipeline.cli.book_tables import print_books
from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import end, new_run, run_books
from ebook_pipeline.cli.terminal import as_json, messages, print_json
from ebook_pipeline.services.reporting.book_files import STAGES
from ebook_pipeline.services.reporting.reprocess_plan import plan_reprocessing
from ebook_pipeline.settings import Settings


@click.command()
@click.option("--stage", required=True, type=click.Choice(list(STAGES)), help="From which stage.")
@where
@click.option("--plan", "only_plan", is_flag=True, help="Say what it would take, and do nothing.")
@click.option("--yes", is_flag=True, help="Begin without asking.")
@as_json
def reprocess(stage: str, where: str | None, only_plan: bool, yes: bool, as_json: bool) -> None:
    """Do a stage again for the books that have been through it, and what follows from it.

    What would come out as it is is not done again: begun anew after an interruption, it goes on
    where it was. How many books there are, and how many hours they take, is said first.
    """
    settings = Settings()
    with changing(settings):
        resources = opened(settings)
        plan = plan_reprocessing(resources.database, stage, book_filter(where=where))
        if only_plan and as_json:
            print_json([plan.model_dump(exclude={"books"}) | {"books": len(plan.books)}])
            return
        messages().print(f"{stage}: {len(plan.books)} books, about {plan.hours:.2f} hours of work")
        if only_plan or not plan.books:
            return
        if not yes:
            click.confirm("Begin?", abort=True, err=True)
        stages = list(STAGES)[list(STAGES).index(stage) :]
        found = run_books(settings, resources, plan.books, run=new_run(settings), stages=stages)
    print_json(found) if as_json else print_books(found)
    end(found)
