"""ONNX graphs run on the CPU, and texts as those of language models take them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebook_pipeline.foundation.errors import ServiceError


def cpu_session(graph: Path, threads: int, log_severity: int = -1) -> Any:
    """`threads` work on one call, calls from any thread; -1 is the library's own severity.

    Raises ServiceError where `graph` is none that can be run.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = log_severity
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the library's errors have no common class
        raise ServiceError(f"{graph} is no graph that can be run: {str(error)[:300]}") from error


def answer_of(session: Any, given: Mapping[str, NDArray[Any]]) -> list[Any]:
    """What the graph answers to those of `given` that it asks for. Raises ServiceError."""
    names = [item.name for item in session.get_inputs()]
    if unknown := set(names) - set(given):
        raise ServiceError(f"the model asks for {', '.join(sorted(unknown))}")
    try:
        answer: list[Any] = session.run(None, {name: given[name] for name in names})
    except Exception as error:
        raise ServiceError(f"the model ended: {str(error)[:300]}") from error
    return answer


def batches(lengths: Sequence[int], at_once: int) -> Iterator[list[int]]:
    """The places of texts of these lengths, in tokens, `at_once` of them: like lengths together."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for start in range(0, len(order), at_once):
        yield order[start : start + at_once]


def padded(texts: Sequence[Sequence[int]], width: int) -> dict[str, NDArray[Any]]:
    """The tokens of each text, and which of a row's `width` are some, by the inputs' names."""
    ids = np.zeros((len(texts), width), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, tokens in enumerate(texts):
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    return {"input_ids": ids, "attention_mask": mask}
