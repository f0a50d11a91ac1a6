"""Models of every task in ONNX: tiny graphs whose answers are known, read as exported ones are."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources.models import onnx_summaries
from ebook_pipeline.resources.models.onnx_summaries import Summarizer
from ebook_pipeline.resources.models.onnx_texts import TextClassifier
from ebook_pipeline.resources.models.onnx_vectors import OnnxEncoder
from ebook_pipeline.resources.models.task_models import TaskModel, TaskModels
from ebook_pipeline.resources.models.task_runner import TaskRunner
from ebook_pipeline.tools.worker import Worker
from tests.support.onnx_graphs import classifier, copier, inference, sentence_encoder

GENRES = {"FR": ("love", "kiss"), "FF": ("crime", "police"), "none": ("and",)}
TERMS = {"FR": "Romance", "FF": "Crime", "FL": "Space"}


def test_a_text_is_told_its_labels_and_a_long_one_by_windows(tmp_path: Path) -> None:
    model = TextClassifier(classifier(tmp_path / "genres", GENRES, longest=8))
    short, long, empty = model.shares(["love and kiss", f"police {'love ' * 40}", ""])
    assert short["FR"] > 0.99
    assert 0.8 < long["FR"] < 1 > long["FF"] > 0
    assert empty["FR"] == empty["FF"] == pytest.approx(1 / 3)
    assert sum(long.values()) == pytest.approx(1)


def test_a_label_among_several_counts_by_the_window_that_has_it_most(tmp_path: Path) -> None:
    kinds = {"toxic": ("damn",), "sexual": ("bed",)}
    folder = classifier(
        tmp_path / "kinds", kinds, longest=8, problem_type="multi_label_classification"
    )
    (told,) = TextClassifier(folder).shares([f"{'word ' * 30} damn {'word ' * 30}"])
    assert told["toxic"] > 0.99
    assert told["sexual"] == pytest.approx(0.5)


def test_a_model_of_inference_is_asked_of_any_label(tmp_path: Path) -> None:
    topics = {"love": ("love", "Romance"), "crime": ("police", "Crime")}
    model = TextClassifier(inference(tmp_path / "nli", topics))
    assert model.infers
    told = model.inferred(["love love police", f"police {'word ' * 90}"], list(TERMS.values()))
    assert [max(shares, key=shares.__getitem__) for shares in told] == ["Romance", "Crime"]
    assert [sum(shares.values()) for shares in told] == pytest.approx([1, 1])


def test_vectors_are_means_of_length_one(tmp_path: Path) -> None:
    folder = sentence_encoder(tmp_path / "vectors", {"a": [3.0, 0.0], "b": [0.0, 4.0]})
    assert OnnxEncoder(folder).encode(["b", "a a", "a b b b"]) == [
        [0, 1], [1, 0], pytest.approx([0.242536, 0.970143])
    ]  # fmt: skip
    (folder / "1_Pooling").mkdir()
    pooling = folder / "1_Pooling" / "config.json"
    pooling.write_text(json.dumps({"pooling_mode_cls_token": True}))
    assert OnnxEncoder(folder).encode(["a"]) == [[0, 0]]
    pooling.write_text(json.dumps({"pooling_mode_mean_tokens": False}))
    with pytest.raises(ServiceError, match="mean or first token"):
        OnnxEncoder(folder)


@pytest.mark.parametrize("past", [False, True])
def test_a_decoder_says_token_by_token_until_it_ends(tmp_path: Path, past: bool) -> None:
    words = ("a", "sea", "captain", "looks", "for", "treasure")
    model = Summarizer(copier(tmp_path / "summary", words, past=past))
    assert model.summaries("a captain looks for treasure") == ["a captain looks for treasure"]
    assert model.summaries("") == []


def test_what_a_decoder_says_is_bounded_and_not_said_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("a", "b", "c", "d", "e")
    monkeypatch.setattr(onnx_summaries, "MOST_TOKENS", 12)
    model = Summarizer(copier(tmp_path / "summary", words, past=True))
    (told,) = model.summaries("a b c d " * 10)
    said = told.split()
    assert len(said) <= 12
    assert said[:4] == ["a", "b", "c", "d"]
    in_rows = [tuple(said[at : at + 4]) for at in range(len(said) - 3)]
    assert len(set(in_rows)) == len(in_rows)


Spoil = Callable[[Path], object]
SPOILED: dict[str, tuple[Spoil, str]] = {
    "no folder": (lambda folder: folder.rename(folder.with_name("elsewhere")), "config.json"),
    "config": (lambda folder: (folder / "config.json").write_text("{"), "config.json"),
    "kind": (lambda folder: (folder / "config.json").write_text("{}"), "text classification"),
    "graph": (lambda folder: (folder / "model.onnx").unlink(), r"no model\.onnx"),
    "no graph": (lambda folder: (folder / "model.onnx").write_bytes(b"\0" * 99), "no graph"),
    "tokens": (lambda folder: (folder / "tokenizer.json").write_text("[]"), "no tokenizer"),
    "no tokens": (lambda folder: (folder / "tokenizer.json").unlink(), "neither tokenizer.json"),
}


@pytest.mark.parametrize("what", SPOILED)
def test_a_folder_that_is_no_model_is_a_fault_of_ours(tmp_path: Path, what: str) -> None:
    folder = classifier(tmp_path / "genres", GENRES)
    spoil, said = SPOILED[what]
    spoil(folder)
    with pytest.raises(ServiceError, match=said):
        TextClassifier(folder).shares(["love"])


@pytest.mark.parametrize(
    ("task", "labels", "known", "said"),
    [
        ("genre", {}, {"FL": "Space"}, "none of its labels"),
        ("genre", {"FR": "XX"}, TERMS, "labels that mean XX"),
        ("summary", {}, {}, "no encoder with a decoder"),
        ("names", {}, {}, "token classification"),
    ],
)
def test_what_a_model_cannot_do_is_said_when_it_is_tried(
    tmp_path: Path, task: str, labels: dict[str, str], known: dict[str, str], said: str
) -> None:
    model = TaskModel(folder=classifier(tmp_path / "genres", GENRES), labels=labels)
    runner = TaskRunner(TaskModels(**{task: {"fr": model}}), Worker(reads=(model.folder,)))
    try:
        with pytest.raises(ServiceError, match=said):
            runner.tried(task, known)
    finally:
        runner.worker.close()


def test_a_bad_model_fails_the_books_of_its_language_alone(tmp_path: Path) -> None:
    gone = TaskModel(folder=tmp_path / "gone")
    runner = TaskRunner(TaskModels(genre={"fr": gone}), Worker())
    assert runner.identities == ("gone-unreadable",)
    assert runner.used_in("de") == ()
    with pytest.raises(ServiceError, match=r"config\.json"):
        runner.used_in("fr")
