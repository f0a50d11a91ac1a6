"""The folder of a Hugging Face model that is exported to ONNX: its parts, its name, its limits."""

import functools
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.foreign_json import parse_json
from ebook_pipeline.foundation.record import canonical_json
from ebook_pipeline.resources.models.task_models import TaskModel

LONGEST = 512
"""Tokens of a window; what a model states of itself may be less."""
GRAPHS = {
    "names": ("model.onnx",),
    "genre": ("model.onnx",),
    "appropriateness": ("model.onnx",),
    "embeddings": ("model.onnx",),
    "summary": ("encoder_model.onnx", "decoder_model.onnx"),
}
"""The files that a task's model consists of."""
_ARCHITECTURES = {
    "names": ("ForTokenClassification", "token classification"),
    "genre": ("ForSequenceClassification", "text classification"),
    "appropriateness": ("ForSequenceClassification", "text classification"),
}
_OFFSET_POSITIONS = frozenset({"roberta", "camembert", "xlm-roberta", "mpnet", "longformer"})
"""Kinds of models that begin to count positions behind the padding's (2)."""
_OLD_TOKENIZERS = (("vocab.txt",), ("vocab.json", "merges.txt"))


def model_document(path: Path) -> dict[str, Any]:
    """What a model states of itself, as JSON. Raises ServiceError."""
    try:
        document: dict[str, Any] = parse_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ServiceError(f"{path}: no readable part of a model: {error}") from error
    return document


def graph_of(folder: Path, name: str = "model.onnx") -> Path:
    """A graph of the folder. Raises ServiceError where it is not there."""
    for path in (folder / name, folder / "onnx" / name):
        if path.is_file():
            return path
    raise ServiceError(f"{folder} has no {name}: export it with optimum-cli")


def config_of(folder: Path) -> dict[str, Any]:
    """What the model states of itself. Raises ServiceError."""
    return model_document(folder / "config.json")


def require_kind(folder: Path, task: str) -> None:
    """Raises ServiceError where the folder is no model for `task`, or lacks one of its files."""
    config = config_of(folder)
    ending, words = _ARCHITECTURES.get(task, ("", ""))
    if not any(str(kind).endswith(ending) for kind in config.get("architectures") or [""]):
        raise ServiceError(f"{folder}: config.json names no model for {words}")
    if task == "summary" and not config.get("is_encoder_decoder"):
        raise ServiceError(f"{folder}: config.json names no encoder with a decoder")
    for name in GRAPHS[task]:
        graph_of(folder, name)


def identity_of(model: TaskModel, task: str) -> str:
    """The folder's name with a digest of its weights and of what its labels mean.

    Raises ServiceError.
    """
    labels = sha256(canonical_json(model.labels)).hexdigest()[:6]
    meaning = f"-{labels}" if model.labels else ""
    return f"{model.folder.name}-{_digest(model.folder, task)}{meaning}"


@functools.cache
def _digest(folder: Path, task: str) -> str:
    """Of all graphs beside the task's, and of the tokenizer; hashed once a process."""
    require_kind(folder, task)
    beside = sorted(graph_of(folder, GRAPHS[task][0]).parent.glob("*.onnx*"))
    whole = sha256()
    for file in (*beside, folder / "config.json", folder / "tokenizer.json"):
        if file.exists():
            with file.open("rb") as stream:
                whole.update(file_digest(stream, "sha256").digest())
    return whole.hexdigest()[:12]


def labels_of(config: dict[str, Any], folder: Path) -> dict[int, str]:
    """The labels by number, counted from 0. Raises ServiceError."""
    try:
        labels = {int(number): str(label) for number, label in config["id2label"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ServiceError(f"{folder}: config.json names no labels (id2label)") from error
    if set(labels) != set(range(len(labels))):
        raise ServiceError(f"{folder}: its labels are not numbered from 0")
    return labels


def longest_of(config: dict[str, Any]) -> int:
    """The tokens that a model takes at once."""
    stated = int(config.get("max_position_embeddings") or LONGEST)
    return min(LONGEST, stated - 2 * (config.get("model_type") in _OFFSET_POSITIONS))


def read_tokenizer(model: Path) -> Any:
    """The model's own; transformers turns an old vocabulary into one. Raises ServiceError."""
    fast = model / "tokenizer.json"
    if fast.exists():
        from tokenizers import Tokenizer

        try:
            return Tokenizer.from_file(str(fast))
        except Exception as error:  # the library raises nothing narrower
            raise ServiceError(f"{fast} is no tokenizer: {error}") from error
    if not any(all((model / name).exists() for name in names) for names in _OLD_TOKENIZERS):
        raise ServiceError(f"{model} has neither tokenizer.json nor vocab.txt")
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(model, local_files_only=True).backend_tokenizer
