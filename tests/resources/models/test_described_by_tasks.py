"""A French book described and judged by models of its language, and only by those."""

from collections.abc import Iterator

import pytest

from ebook_pipeline.books.describing.describer import Describer
from ebook_pipeline.books.describing.enrich.composed import ComposedCopywriter
from ebook_pipeline.books.describing.enrich.enrichment import Enricher
from ebook_pipeline.books.judging.appropriateness import by_model, check
from ebook_pipeline.books.judging.content_passages import content_passages
from ebook_pipeline.books.records import Origin, Product, Provenance
from ebook_pipeline.resources.models.copywriter import LocalCopywriter
from ebook_pipeline.resources.models.task_models import load_task_models
from ebook_pipeline.resources.models.text_models import LocalModels
from tests.support.books.for_judging import chapter
from tests.support.onnx_graphs import classifier, copier, inference, sentence_encoder

TALE = (
    "Le marin cherche le trésor sur une île loin de la mer. Une merde de tempête, dit le marin. "
    "Le capitaine garde la carte dans un coffre et le marin regarde la mer sans parler. "
)
TOPICS = {"sea": ("marin", "trésor", "mer", "Adventure"), "love": ("amour", "Romance")}
TASKS = """
[genre]
fr = "nli"
[appropriateness]
fr = { folder = "coarse", labels = { rude = "profanity" } }
[embeddings]
"*" = "vectors"
[summary]
fr = "copier"
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalModels]:
    folder = tmp_path_factory.mktemp("tasks")
    inference(folder / "nli", TOPICS)
    classifier(folder / "coarse", {"rude": ("merde",), "fine": ("mère",)})
    sentence_encoder(folder / "vectors", {"marin": [1.0, 0.0], "trésor": [0.5, 1.0]})
    words = TALE.replace(",", " ,").replace(".", " .").split()
    copier(folder / "copier", words, past=True, longest=512)
    (folder / "tasks.toml").write_text(TASKS)
    named = LocalModels(folder / "cache", tasks=load_task_models(folder / "tasks.toml"))
    yield named
    named.tasks.worker.close()


def test_a_book_is_described_by_the_models_of_its_language(models: LocalModels) -> None:
    copywriter = LocalCopywriter(models.tasks, ComposedCopywriter())
    enricher = Enricher(models, copywriter)
    stated = {"languages": Provenance(origin=Origin.FILE)}
    product = Product(title="L’Île", languages=("fr-FR",), provenance=stated)
    told = enricher.enriched(product, "\n\n".join([TALE.strip()] * 60))
    assert told.genres[0].code == "FJ"
    assert told.genres[0].assigned
    assert "genre=" not in told.provenance["genres"].model
    assert "nli-" in told.provenance["genres"].model
    assert told.meaning is not None
    assert "vectors-" in told.meaning.model
    assert told.description.startswith("Le marin cherche")
    assert "copier-" in told.provenance["description"].model
    assert told.models == enricher.models_for("fr")
    assert not any("nli" in name for name in enricher.models_for("de"))
    describer = Describer(models, copywriter)
    assert describer.is_current(told)
    assert not describer.is_current(told.model_copy(update={"models": told.models[1:]}))
    assert "nli-" in describer.version_of_all
    assert "nli-" not in describer.version


def test_what_suits_whom_is_told_by_a_model_of_the_language(models: LocalModels) -> None:
    chapters = [chapter("\n".join([TALE.strip()] * 60))]
    passages = content_passages(chapters)
    texts = [passage.text for passage in passages]
    told = models.content_shares(texts, "fr", by_model.kinds_called())
    read = [by_model.JudgedPassage(passages[number], shares) for number, shares in told]
    judged = by_model.with_model(check(chapters, "fr"), read, "fr")
    assert judged.score.value == 1
    assert judged.score.evidence["checked"] == "fr"
    assert judged.score.evidence["suggested_age"] == 8
    assert {finding.rule for finding in judged.findings} == {"appropriateness.profanity"}
    assert models.content_shares(texts, "de", by_model.kinds_called()) == []
