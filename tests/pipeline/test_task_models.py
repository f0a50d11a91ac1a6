"""Local models of every task from the settings to what is sold, and when one of them is bad."""

import json
from pathlib import Path

import pytest

from ebook_pipeline.books.records import Product, QualityReport
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.notifying import confirming
from tests.resources.models.test_described_by_tasks import TALE, TOPICS
from tests.resources.models.test_onnx_names import model as names
from tests.support.corpus import THOROUGH
from tests.support.existing import existing
from tests.support.homes import Home, open_home
from tests.support.onnx_graphs import classifier, copier, inference, sentence_encoder

pytestmark = [
    pytest.mark.prove,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not THOROUGH, reason="set THOROUGH: half a minute of CPU"),
]

CONTACT = "author@example.org"
GERMAN = "Der Matrose sucht den Schatz auf einer Insel. Der Kapitän hütet die Karte in der Truhe. "
TASKS = """
[names]
fr = "names"
[genre]
fr = "nli"
[appropriateness]
fr = { folder = "coarse", labels = { rude = "profanity" } }
[embeddings]
"*" = "vectors"
[summary]
fr = "copier"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inference(tmp_path / "nli", TOPICS)
    classifier(tmp_path / "coarse", {"rude": ("merde",), "fine": ("mère",)})
    sentence_encoder(tmp_path / "vectors", {"marin": [1.0, 0.0], "trésor": [0.5, 1.0]})
    copier(tmp_path / "copier", TALE.split(), past=True, longest=512)
    names(tmp_path / "names")
    (tmp_path / "tasks.toml").write_text(TASKS)
    return tmp_path


def book(path: Path, language: str, paragraph: str, number: int) -> Path:
    head = f"---\ntitle: {path.stem}\nauthor: Anne Auteur\nlang: {language}\n---\n\n"
    path.write_text(head + "".join(f"# {n}\n\n{paragraph}\n\n" * number for n in range(1, 7)))
    said = {"contact": CONTACT, "price": {"amount": "3.99", "currency": "EUR"}}
    path.with_name(f"{path.name}.json").write_text(json.dumps(said))
    return path


def described(home: Home, book: str) -> tuple[Product, QualityReport]:
    records = RecordStore(home.resources.object_store)
    return (
        existing(records.read("book_metadata", book, 1, Product)),
        existing(records.read("qa_report", book, 1, QualityReport)),
    )


def test_books_are_made_by_the_models_of_their_language_and_wait_for_a_bad_one(
    folder: Path,
) -> None:
    named = TALE + "Jeanne Valjean vint de Montfermeil. "
    long = book(folder / "longue.md", "fr", named * 60, 2)
    other = book(folder / "insel.md", "de", GERMAN * 20, 2)
    with open_home(folder / "home", EBOOK_TASK_MODELS=str(folder / "tasks.toml")) as home:
        confirming.vouch(home.resources.database, "house", CONTACT, 20, actor="eve")
        assert home.shell("ingest", long, other, "--json").code == 0
        french, judged = described(home, "longue")
        assert french.genres[0].code == "FJ"
        assert (french.people, french.places) == (("Jeanne Valjean",), ("Montfermeil",))
        assert french.description.startswith("Le marin cherche")
        assert "[UNK]" not in french.description
        assert len(french.models) == 5
        scores = {score.dimension: score for score in judged.scores}
        assert scores["appropriateness"].evidence["checked"] == "fr"
        german, judged = described(home, "insel")
        assert (german.genres, german.people) == ((), ())
        assert [name.partition("=")[0] for name in german.models] == ["embeddings"]
        scores = {score.dimension: score for score in judged.scores}
        assert scores["appropriateness"].value is None
        told = {one["what"]: one for one in home.ebooks("doctor", "--json").objects}
        assert "other languages: headings everywhere" in told["genre"]["detail"]
        (folder / "nli" / "tokenizer.json").unlink()
        (folder / "coarse").rename(folder / "elsewhere")
        told = {one["what"]: one for one in home.shell("doctor", "--json").objects}
        assert not told["genre"]["found"]
        assert "neither tokenizer.json" in told["genre"]["detail"]
        assert not told["appropriateness"]["found"]
        assert told["embeddings"]["found"]
        late = book(folder / "perdue.md", "fr", named.replace("cherche", "trouve") * 60, 2)
        home.shell("ingest", late, "--json")
        state = home.ebooks("status", "perdue", "--json").books["perdue"]["state"]
        assert state == "failed"
