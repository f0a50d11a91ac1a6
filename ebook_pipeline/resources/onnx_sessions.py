"""ONNX graphs run on the CPU, and texts as those of language models take them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def cpu_session(graph: Path, threads: int, log_severity: int = -1) -> Any:
    """`threads` work on one call, calls from any thread; -1 is the library's own severity."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = log_severity
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def padded(texts: Sequence[Sequence[int]], width: int) -> dict[str, NDArray[Any]]:
    """The tokens of each text, and which of a row's `width` are some, by the inputs' names."""
    ids = np.zeros((len(texts), width), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, tokens in enumerate(texts):
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    return {"input_ids": ids, "attention_mask": mask}
