"""Names by token classifiers in ONNX: tiny graphs made here, read as exported ones are."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources.models.onnx_folders import identity_of
from ebook_pipeline.resources.models.onnx_names import TokenClassifier
from ebook_pipeline.resources.models.task_models import TaskModel, TaskModels, load_task_models
from ebook_pipeline.resources.models.text_models import LocalModels

LABELS = ("O", "B-PER", "I-PER", "B-LOC")
WORDS = {
    "[UNK]": "O", "[CLS]": "O", "[SEP]": "O", "Jeanne": "B-PER", "Valjean": "I-PER", "de": "I-PER",
    "Montfermeil": "B-LOC", "Paris": "B-LOC",
}  # fmt: skip
"""What the graph knows: each word's label."""


def model(folder: Path, longest: int = 32, inputs: tuple[str, ...] = ("input_ids",)) -> Path:
    """A folder as an export leaves it: the score of a label is looked up by the word."""
    folder.mkdir(parents=True)
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", None, [("[CLS]", 1), ("[SEP]", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "architectures": ["BertForTokenClassification"],
        "id2label": dict(enumerate(LABELS)),
        "max_position_embeddings": longest,
    }
    (folder / "config.json").write_text(json.dumps(config))
    table = np.array([[label == own for label in LABELS] for own in WORDS.values()], np.float32)
    shape = ["windows", "tokens"]
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["logits"])],
        "names",
        [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in inputs],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*shape, len(LABELS)])],
        [numpy_helper.from_array(table, "table")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(made, folder / "model.onnx")
    return folder


def test_names_are_told_with_their_kinds(tmp_path: Path) -> None:
    classifier = TokenClassifier(model(tmp_path / "ner", inputs=("input_ids", "attention_mask")))
    texts = ["Jeanne Valjean vint de Montfermeil, de Paris.", "", "Jeanne, Jeanne de Paris"]
    assert classifier.entities(texts) == [
        ("Jeanne Valjean", "PER"), ("de", "PER"), ("Montfermeil", "LOC"), ("de", "PER"),
        ("Paris", "LOC"), ("Jeanne", "PER"), ("Jeanne de", "PER"), ("Paris", "LOC"),
    ]  # fmt: skip


@pytest.mark.parametrize("longest", [8, 32, 512])
def test_a_text_longer_than_the_model_is_read_by_windows_each_name_once(
    tmp_path: Path, longest: int
) -> None:
    text = " ".join(f"mot {'Jeanne Valjean' if n % 7 == 3 else 'et'} mot" for n in range(300))
    told = TokenClassifier(model(tmp_path / "ner", longest)).entities([text])
    assert told == [("Jeanne Valjean", "PER")] * sum(n % 7 == 3 for n in range(300))


def test_a_file_names_models_by_language_and_all_others(tmp_path: Path) -> None:
    model(tmp_path / "models" / "ner")
    file = tmp_path / "tasks.toml"
    file.write_text('[names]\nfr = "models/ner"\n"*" = "models/ner"\n')
    models_named = LocalModels(tmp_path / "cache", tasks=load_task_models(file))
    text = ["Jeanne Valjean vint à Paris."]
    told = [("Jeanne Valjean", "PER"), ("Paris", "LOC")]
    assert models_named.entities(text, "fr") == models_named.entities(text, "pl") == told
    assert models_named.namer("fr") == identity_of(
        TaskModel(folder=tmp_path / "models" / "ner"), "names"
    )
    assert models_named.namer("fr") in models_named.version
    assert set(models_named.namers_by_language) >= {"fr", "*"}
    assert load_task_models(None) == TaskModels()


@pytest.mark.parametrize("written", ["[nams]\nfr = 'x'", "[names", "names = 3"])
def test_a_file_that_names_no_known_task_is_refused(tmp_path: Path, written: str) -> None:
    file = tmp_path / "tasks.toml"
    file.write_text(written)
    with pytest.raises(ServiceError, match="names no models"):
        load_task_models(file)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"architectures": ["BertForMaskedLM"]}, "token classification"),
        ({"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}, "no names'"),
        ({"id2label": None}, "names no labels"),
        ({"id2label": {"0": "O", "1": "B-PER"}}, "not a score for each label"),
    ],
)
def test_another_kind_of_model_is_refused(
    tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    folder = model(tmp_path / "ner")
    config = json.loads((folder / "config.json").read_text()) | changed
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ServiceError, match=said):
        TokenClassifier(folder).entities(["Jeanne"])


def test_a_folder_without_a_graph_and_a_graph_that_asks_for_more_are_refused(
    tmp_path: Path,
) -> None:
    folder = model(tmp_path / "odd", inputs=("input_ids", "pixel_values"))
    with pytest.raises(ServiceError, match="asks for pixel_values"):
        TokenClassifier(folder).entities(["Jeanne"])
    (folder / "model.onnx").unlink()
    with pytest.raises(ServiceError, match=r"no model\.onnx"):
        identity_of(TaskModel(folder=folder), "names")
