"""Sentence encoders of Hugging Face's that are exported to ONNX: any that pools by mean or CLS.

A folder as ``optimum-cli export onnx --task feature-extraction`` writes it. Runs in a worker's
child. The bundled English model is `sentence_encoder`'s.
"""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources.models.onnx_folders import (
    config_of,
    graph_of,
    longest_of,
    model_document,
    read_tokenizer,
)
from ebook_pipeline.resources.onnx_sessions import answer_of, batches, cpu_session, padded

TEXTS_AT_ONCE = 8
_POOLED = "sentence_embedding"
"""The output of an export that pools by itself."""


def vectors_of(folder: Path, texts: list[str]) -> list[list[float]]:
    """One vector of length 1 per text."""
    return _encoder(folder).encode(texts)


@functools.lru_cache(maxsize=4)
def _encoder(folder: Path) -> "OnnxEncoder":
    return OnnxEncoder(folder)


class OnnxEncoder:
    """One model; `threads` of a call. What exceeds the model's length is left out."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._folder, config = folder, config_of(folder)
        self._session = cpu_session(graph_of(folder), threads)
        self._outputs = [item.name for item in self._session.get_outputs()]
        self._prompt, self._is_first = _prompt(folder), _pools_first(folder)
        self._tokenizer = read_tokenizer(folder)
        self._tokenizer.enable_truncation(_longest(folder, config))
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        """In order; texts of like length are computed together."""
        tokens = [self._tokenizer.encode(f"{self._prompt}{text}").ids for text in texts]
        vectors: list[list[float]] = [[] for _ in tokens]
        for chosen in batches(list(map(len, tokens)), TEXTS_AT_ONCE):
            for index, row in zip(chosen, self._rows([tokens[i] for i in chosen]), strict=True):
                vectors[index] = row
        return vectors

    def _rows(self, batch: list[list[int]]) -> list[list[float]]:
        given = padded(batch, max(map(len, batch)))
        given["token_type_ids"] = np.zeros_like(given["input_ids"])
        answers = dict(zip(self._outputs, answer_of(self._session, given), strict=True))
        pooled = self._pooled(answers, given["attention_mask"]).astype(np.float64)
        lengths = np.linalg.norm(pooled, axis=1, keepdims=True)
        rows: list[list[float]] = np.round(pooled / np.maximum(lengths, 1e-12), 6).tolist()
        return rows

    def _pooled(self, answers: dict[str, Any], mask: Any) -> Any:
        states = answers.get(_POOLED)
        states = next(iter(answers.values())) if states is None else states
        if states.ndim == 2 and len(states) == len(mask):
            return states
        if states.shape[:2] != mask.shape:
            raise ServiceError(f"{self._folder}: the model answers {states.shape}, no vectors")
        if self._is_first:
            return states[:, 0]
        return (states * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)


def _pools_first(folder: Path) -> bool:
    """Whether the first token stands for all. Raises ServiceError for other ways than the mean."""
    stated = folder / "1_Pooling" / "config.json"
    if not stated.exists():
        return False
    modes = model_document(stated)
    if modes.get("pooling_mode_cls_token"):
        return True
    if not modes.get("pooling_mode_mean_tokens", True):
        raise ServiceError(f"{folder}: only pooling by mean or first token is understood")
    return False


def _prompt(folder: Path) -> str:
    """What the model wants before every text (*query:* …), where it names a usual one."""
    stated = folder / "config_sentence_transformers.json"
    said = model_document(stated) if stated.exists() else {}
    return str((said.get("prompts") or {}).get(said.get("default_prompt_name") or "", ""))


def _longest(folder: Path, config: dict[str, Any]) -> int:
    stated = folder / "sentence_bert_config.json"
    said = model_document(stated).get("max_seq_length") if stated.exists() else None
    return min(longest_of(config), int(said or longest_of(config)))
