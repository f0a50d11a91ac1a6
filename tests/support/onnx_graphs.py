"""Small graphs in folders as Hugging Face exports have them: what they answer is known by words."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

OPENS, CLOSES, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
_MARKS = (UNKNOWN, OPENS, CLOSES)
_TEXTS = ("texts", "tokens")
Shape = tuple[str | int, ...]


class ModelFolder:
    """A folder in the making: its tokenizer knows `words`, each a token."""

    def __init__(self, folder: Path, words: Iterable[str], **config: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path, self.words = folder, (*_MARKS, *dict.fromkeys(words))
        vocabulary = {word: number for number, word in enumerate(self.words)}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        tokenizer.add_special_tokens([OPENS, CLOSES])
        marks = [(OPENS, vocabulary[OPENS]), (CLOSES, vocabulary[CLOSES])]
        tokenizer.post_processor = processors.TemplateProcessing(
            f"{OPENS} $A {CLOSES}", f"{OPENS} $A {CLOSES} $B:1 {CLOSES}:1", marks
        )
        tokenizer.save(str(folder / "tokenizer.json"))
        (folder / "config.json").write_text(json.dumps(config))

    def table(self, rows: Mapping[str, Sequence[float]], width: int) -> Any:
        """A row for each word; zeros for those that are not named."""
        return np.array([rows.get(word, [0.0] * width) for word in self.words], np.float32)

    def graph(
        self,
        nodes: list[Any],
        inputs: Mapping[str, Shape],
        outputs: Mapping[str, Shape],
        constants: Mapping[str, Any],
        name: str = "model.onnx",
    ) -> None:
        """Inputs that begin as caches do are floats, others whole numbers; outputs are floats."""
        floats = ("encoder_hidden_states", "past_key_values.")
        given = [
            helper.make_tensor_value_info(
                name, TensorProto.FLOAT if name.startswith(floats) else TensorProto.INT64, shape
            )
            for name, shape in inputs.items()
        ]
        told = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in outputs.items()
        ]
        held = [numpy_helper.from_array(value, name) for name, value in constants.items()]
        body = helper.make_graph(nodes, "tiny", given, told, held)
        opset = [helper.make_opsetid("", 17)]
        made = helper.make_model(body, opset_imports=opset, ir_version=9)
        onnx.checker.check_model(made)
        onnx.save(made, self.path / name)


def classifier(
    folder: Path, labels: Mapping[str, Sequence[str]], longest: int = 32, **config: object
) -> Path:
    """A label's score is the number of its words in the window."""
    names = list(labels)
    rows = {
        word: [8.0 * (word in labels[name]) for name in names]
        for words in labels.values()
        for word in words
    }
    config |= {"architectures": ["BertForSequenceClassification"]}
    config |= {"id2label": dict(enumerate(names)), "max_position_embeddings": longest}
    model = ModelFolder(folder, rows, **config)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["scores"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["wide"]),
        helper.make_node("Mul", ["scores", "wide"], ["seen"]),
        helper.make_node("ReduceSum", ["seen", "first"], ["logits"], keepdims=0),
    ]
    constants = {"table": model.table(rows, len(names)), **_axes(last=2, first=1)}
    inputs = dict.fromkeys(("input_ids", "attention_mask"), _TEXTS)
    model.graph(nodes, inputs, {"logits": ("texts", len(names))}, constants)
    return folder


def inference(folder: Path, topics: Mapping[str, Sequence[str]], longest: int = 48) -> Path:
    """A sentence follows that has a word of the topic which most words before it have."""
    names = list(topics)
    rows = {
        word: [3.0 * (word in topics[name]) for name in names]
        for words in topics.values()
        for word in words
    }
    labels = {0: "contradiction", 1: "entailment"}
    config: dict[str, object] = {"architectures": ["BertForSequenceClassification"]}
    config |= {"id2label": labels, "max_position_embeddings": longest}
    model = ModelFolder(folder, [*rows, "This", "text", "is", "."], **config)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["topics"]),
        helper.make_node("Cast", ["token_type_ids"], ["kind"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["kind", "last"], ["second"]),
        helper.make_node("Sub", ["one", "second"], ["before"]),
        helper.make_node("Mul", ["topics", "before"], ["premise"]),
        helper.make_node("Mul", ["topics", "second"], ["claim"]),
        helper.make_node("ReduceSum", ["premise", "first"], ["said"], keepdims=0),
        helper.make_node("ReduceSum", ["claim", "first"], ["asked"], keepdims=0),
        helper.make_node("Mul", ["said", "asked"], ["both"]),
        helper.make_node("ReduceSum", ["both", "first"], ["follows"], keepdims=1),
        helper.make_node("Mul", ["follows", "none"], ["against"]),
        helper.make_node("Concat", ["against", "follows"], ["logits"], axis=1),
    ]
    constants = {"table": model.table(rows, len(names)), **_axes(last=2, first=1)}
    constants |= {"one": np.array(1, np.float32), "none": np.array(0, np.float32)}
    inputs = dict.fromkeys(("input_ids", "attention_mask", "token_type_ids"), _TEXTS)
    del inputs["attention_mask"]
    model.graph(nodes, inputs, {"logits": ("texts", 2)}, constants)
    return folder


def sentence_encoder(folder: Path, rows: Mapping[str, Sequence[float]], longest: int = 32) -> Path:
    """A token's state is its word's row."""
    width = len(next(iter(rows.values())))
    model = ModelFolder(folder, rows, architectures=["BertModel"], max_position_embeddings=longest)
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])]
    states = {"last_hidden_state": (*_TEXTS, width)}
    table = {"table": model.table(rows, width)}
    model.graph(nodes, {"input_ids": _TEXTS}, states, table)
    return folder


def copier(folder: Path, words: Sequence[str], *, past: bool, longest: int = 64) -> Path:
    """An encoder with a decoder that says the text again, token by token."""
    model = ModelFolder(
        folder,
        words,
        architectures=["BartForConditionalGeneration"],
        is_encoder_decoder=True,
        decoder_start_token_id=_MARKS.index(OPENS),
        eos_token_id=_MARKS.index(CLOSES),
        max_position_embeddings=longest,
        no_repeat_ngram_size=4,
    )
    size = len(model.words)
    states: dict[str, Shape] = {"encoder_hidden_states": ("texts", "source", size)}
    read = [helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])]
    table = {"table": np.eye(size, dtype=np.float32)}
    told: dict[str, Shape] = {"last_hidden_state": (*_TEXTS, size)}
    model.graph(read, {"input_ids": _TEXTS}, told, table, "encoder_model.onnx")
    ones = helper.make_node("ConstantOfShape", ["shape"], ["present.0.decoder.key"], value=_ONE)
    said = [
        helper.make_node("Shape", ["input_ids"], ["shape"]),
        helper.make_node("Shape", ["input_ids"], ["length"], start=1, end=2),
        helper.make_node("Add", ["length", "one"], ["until"]),
        helper.make_node("Slice", ["encoder_hidden_states", "one", "until", "one"], ["logits"]),
        ones,
    ]
    inputs: dict[str, Shape] = {"input_ids": _TEXTS, **states}
    outputs: dict[str, Shape] = {"logits": (*_TEXTS, size), "present.0.decoder.key": _TEXTS}
    model.graph(said, inputs, outputs, _axes(one=1), "decoder_model.onnx")
    if past:
        _with_past(model, inputs, outputs)
    return folder


def _with_past(
    model: ModelFolder, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape]
) -> None:
    """The same for one token more; what was said before is known by its number alone."""
    cache = "past_key_values.0.decoder.key"
    nodes = [
        helper.make_node("Shape", [cache], ["before"], start=1, end=2),
        helper.make_node("Add", ["before", "one"], ["start"]),
        helper.make_node("Add", ["start", "one"], ["until"]),
        helper.make_node("Slice", ["encoder_hidden_states", "start", "until", "one"], ["logits"]),
        helper.make_node("Concat", [cache, "more"], ["present.0.decoder.key"], axis=1),
    ]
    constants = {**_axes(one=1), "more": np.ones((1, 1), np.float32)}
    name = "decoder_with_past_model.onnx"
    model.graph(nodes, {**inputs, cache: ("texts", "past")}, outputs, constants, name)


_ONE = numpy_helper.from_array(np.array([1], np.float32))


def _axes(**numbers: int) -> dict[str, Any]:
    return {name: np.array([number], np.int64) for name, number in numbers.items()}
