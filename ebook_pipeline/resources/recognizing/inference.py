"""A model of a graph in ONNX, ready to run."""

from pathlib import Path
from typing import Any


def session(model: Path, threads: int) -> Any:
    """`threads` work on one call. Raises ServiceError where the file is no such graph."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
