"""A new model from all that is known now: made, measured on what was held back, put to use."""

from ebook_pipeline.books.recommending.ease import counted, train
from ebook_pipeline.books.recommending.measuring import measure
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.recommending.models import ModelFigures, replace_model
from ebook_pipeline.services.recommending.signals import all_signals


def train_model(database: Database, day: str) -> ModelFigures:
    """The figures of the model that is in use from now on; `day` names it."""
    signals = all_signals(database)
    quality = measure(signals)
    links = train(signals)
    figures = ModelFigures(
        day=day,
        signals=len(signals),
        readers=len({signal.reader for signal in signals}),
        works=len(links),
        ndcg=quality.ndcg if quality else None,
        popular_ndcg=quality.popular_ndcg if quality else None,
    )
    replace_model(database, links, counted(signals), figures)
    return figures
