"""A BERT sentence encoder from its published weights: an ONNX graph built once, run on the CPU.

Its layers multiply in whole numbers: weights of 7 bits, a scale for each column, what they meet in
8 bits, a scale for each text. Of 20 passages that takes 0.4 of the processor time of floats, and
each vector keeps a likeness of at least .988 to the floats' one, .992 on average.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources.models.onnx_folders import model_document, read_tokenizer
from ebook_pipeline.resources.onnx_sessions import cpu_session, padded

OPSET = 20
IR_VERSION = 10
MOST_WHOLE = 63
"""Of a weight as a whole number: two products of 8 by 8 bits overflow where a processor adds them
in 16 bits (AVX2), of 7 by 8 none does, so that all processors answer the same."""
LONGEST = 512
_LEAST_WEIGHT = 1e-12
PAGE = 4096
"""Bytes; of a constant from which it is kept beside the graph."""

Array = NDArray[Any]


class SentenceEncoder:
    """Texts to unit vectors, by mean pooling; `threads` per call, calls from any thread.

    Two threads wait for each other in a loop: they take 40 % more processor time.

    `graph` is what `write_graph` made of `model`, whose tokenizer is read.
    """

    def __init__(self, model: Path, graph: Path, threads: int = 1) -> None:
        self._session = cpu_session(graph, threads)
        self._tokenizer = read_tokenizer(model)
        self._tokenizer.enable_truncation(_longest(model))
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector per text, in order; what exceeds the model's length is left out.

        Each is computed alone: together they take as long, and their scales would mix.
        """
        return [self._vector(read.ids) for read in self._tokenizer.encode_batch(list(texts))]

    def _vector(self, tokens: list[int]) -> list[float]:
        (vectors,) = self._session.run(None, padded([tokens], len(tokens)))
        rounded: list[float] = np.round(vectors[0].astype(np.float64), 6).tolist()
        return rounded


def write_graph(model: Path, target: Path) -> None:
    """Turn the weights of folder `model` (transformers' layout) into the ONNX file `target`.

    Whole or not at all, also when several processes do it at once. The weights lie in a file beside
    it, for a file is mapped where a graph is copied. Raises `ServiceError` where the folder holds
    another kind of model than BERT with mean pooling.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_suffix(".weights")
    with _whole(beside) as weights:
        graph = _sentence_bert(_Graph(_weights(model), weights, beside.name), _config(model))
    with _whole(target) as stream:
        stream.write(graph.SerializeToString())


@contextmanager
def _whole(target: Path) -> Iterator[IO[bytes]]:
    """A file that is called `target` once all of it is written."""
    handle, name = tempfile.mkstemp(prefix=".building-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)


def _config(model: Path) -> dict[str, Any]:
    config = model_document(model / "config.json")
    pooling = model / "1_Pooling" / "config.json"
    mean = not pooling.exists() or model_document(pooling).get("pooling_mode_mean_tokens", True)
    if config.get("model_type") != "bert" or config.get("hidden_act") != "gelu" or not mean:
        raise ServiceError(f"{model}: only BERT models with GELU and mean pooling are understood")
    return config


def _longest(model: Path) -> int:
    stated = model / "sentence_bert_config.json"
    return int(model_document(stated)["max_seq_length"]) if stated.exists() else LONGEST


def _weights(model: Path) -> dict[str, Array]:
    from safetensors.numpy import load_file

    path = model / "model.safetensors"
    if not path.exists():
        raise ServiceError(f"{path} is not there: the model's weights are needed as safetensors")
    loaded = load_file(path)
    return {name.removeprefix("bert."): weight for name, weight in loaded.items()}


@dataclass
class _Graph:
    """ONNX nodes in the making: every method returns the name of its result.

    `beside` takes what is large of the constants; the graph knows it as `file`.
    """

    weights: dict[str, Array]
    beside: IO[bytes]
    file: str
    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)
    whole: dict[str, list[str]] = field(default_factory=dict)
    """By floats the same as whole numbers, their scale, and the number that stands for 0."""

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        result = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [result], **attributes))
        return result

    def constant(self, values: Any, kind: Any = np.float32) -> str:
        from onnx import numpy_helper

        name = f"constant{len(self.constants)}"
        array = np.ascontiguousarray(values, kind)
        is_large = array.nbytes >= PAGE
        stored = self._stored(array, name) if is_large else numpy_helper.from_array(array, name)
        self.constants.append(stored)
        return name

    def _stored(self, array: Array, name: str) -> Any:
        """A constant that the graph only refers to; it begins at a page, for it is mapped."""
        from onnx import TensorProto, helper

        start = -(-self.beside.tell() // PAGE) * PAGE
        self.beside.seek(start)
        self.beside.write(array.data)
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        tensor = TensorProto(name=name, data_type=kind, dims=array.shape)
        tensor.data_location = TensorProto.EXTERNAL
        where = {"location": self.file, "offset": start, "length": array.nbytes}
        for key, value in where.items():
            tensor.external_data.add(key=key, value=str(value))
        return tensor

    def dense(self, data: str, layer: str) -> str:
        weights = self.weights[f"{layer}.weight"].T
        scales = np.maximum(np.abs(weights).max(axis=0), _LEAST_WEIGHT) / MOST_WHOLE
        numbers, scale, zero = self._in_whole_numbers(data)
        table = self.constant(np.round(weights / scales), np.int8)
        product = self.op("MatMulInteger", numbers, table, zero)
        scaled = self.op("Mul", scale, self.constant(scales))
        product = self.op("Mul", self.op("Cast", product, to=1), scaled)
        return self.op("Add", product, self.constant(self.weights[f"{layer}.bias"]))

    def _in_whole_numbers(self, data: str) -> list[str]:
        from onnx import helper

        if data not in self.whole:
            names = [f"{data}-{part}" for part in ("numbers", "scale", "zero")]
            self.nodes.append(helper.make_node("DynamicQuantizeLinear", [data], names))
            self.whole[data] = names
        return self.whole[data]

    def norm(self, data: str, layer: str, epsilon: float) -> str:
        scale = self.constant(self.weights[f"{layer}.weight"])
        bias = self.constant(self.weights[f"{layer}.bias"])
        return self.op("LayerNormalization", data, scale, bias, axis=-1, epsilon=epsilon)


def _sentence_bert(graph: _Graph, config: dict[str, Any]) -> Any:
    """Embeddings, layers, mean over the real tokens, unit length."""
    epsilon = float(config["layer_norm_eps"])
    mask = graph.op("Cast", "attention_mask", to=1)
    hidden = graph.norm(_embeddings(graph), "embeddings.LayerNorm", epsilon)
    bias = _attention_bias(graph, mask)
    for number in range(int(config["num_hidden_layers"])):
        layer = f"encoder.layer.{number}"
        seen = _attention(graph, hidden, bias, layer, int(config["num_attention_heads"]))
        seen = graph.op("Add", graph.dense(seen, f"{layer}.attention.output.dense"), hidden)
        hidden = graph.norm(seen, f"{layer}.attention.output.LayerNorm", epsilon)
        wide = graph.op("Gelu", graph.dense(hidden, f"{layer}.intermediate.dense"))
        out = graph.op("Add", graph.dense(wide, f"{layer}.output.dense"), hidden)
        hidden = graph.norm(out, f"{layer}.output.LayerNorm", epsilon)
    return _model(graph, _pooled(graph, hidden, mask))


def _embeddings(graph: _Graph) -> str:
    table = graph.weights["embeddings.position_embeddings.weight"]
    table = table + graph.weights["embeddings.token_type_embeddings.weight"][0]
    words = graph.op(
        "Gather",
        graph.constant(graph.weights["embeddings.word_embeddings.weight"]),
        "input_ids",
    )
    width = graph.op("Shape", "input_ids", start=1, end=2)
    first = graph.constant([0], np.int64)
    positions = graph.op("Slice", graph.constant(table), first, width, first)
    return graph.op("Add", words, positions)


def _attention_bias(graph: _Graph, mask: str) -> str:
    """0 for a token, a very large negative number for padding."""
    broad = graph.op("Unsqueeze", mask, graph.constant([1, 2], np.int64))
    absent = graph.op("Sub", graph.constant(1.0), broad)
    return graph.op("Mul", absent, graph.constant(-1e9))


def _attention(graph: _Graph, hidden: str, bias: str, layer: str, heads: int) -> str:
    size = graph.weights[f"{layer}.attention.self.query.bias"].shape[0]
    split = graph.constant([0, 0, heads, size // heads], np.int64)

    def part(name: str, order: list[int]) -> str:
        data = graph.dense(hidden, f"{layer}.attention.self.{name}")
        return graph.op("Transpose", graph.op("Reshape", data, split), perm=order)

    likeness = graph.op("MatMul", part("query", [0, 2, 1, 3]), part("key", [0, 2, 3, 1]))
    scaled = graph.op("Mul", likeness, graph.constant((size // heads) ** -0.5))
    shares = graph.op("Softmax", graph.op("Add", scaled, bias), axis=-1)
    seen = graph.op("MatMul", shares, part("value", [0, 2, 1, 3]))
    joined = graph.op("Transpose", seen, perm=[0, 2, 1, 3])
    return graph.op("Reshape", joined, graph.constant([0, 0, size], np.int64))


def _pooled(graph: _Graph, hidden: str, mask: str) -> str:
    weights = graph.op("Unsqueeze", mask, graph.constant([2], np.int64))
    axis = graph.constant([1], np.int64)
    total = graph.op("ReduceSum", graph.op("Mul", hidden, weights), axis, keepdims=0)
    mean = graph.op("Div", total, graph.op("ReduceSum", weights, axis, keepdims=0))
    length = graph.op("ReduceL2", mean, axis, keepdims=1)
    return graph.op("Div", mean, length)


def _model(graph: _Graph, result: str) -> Any:
    from onnx import TensorProto, helper

    shape = ["texts", "tokens"]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, shape)
        for name in ("input_ids", "attention_mask")
    ]
    output = helper.make_tensor_value_info(result, TensorProto.FLOAT, ["texts", None])
    body = helper.make_graph(graph.nodes, "sentence-encoder", inputs, [output], graph.constants)
    opset = [helper.make_opsetid("", OPSET)]
    return helper.make_model(body, opset_imports=opset, ir_version=IR_VERSION)
