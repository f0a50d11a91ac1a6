"""Summaries by an encoder and a decoder that are exported to ONNX: greedy, of bounded length.

A folder as ``optimum-cli export onnx --task text2text-generation-with-past`` writes it:
``encoder_model.onnx``, ``decoder_model.onnx``, and ``decoder_with_past_model.onnx`` where what was
computed for earlier tokens is to be kept. Runs in a worker's child.
"""

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources.models.onnx_folders import (
    config_of,
    graph_of,
    model_document,
    read_tokenizer,
    require_kind,
)
from ebook_pipeline.resources.onnx_sessions import answer_of, cpu_session, padded

MOST_TOKENS = 120
"""Of what is made of one window."""
LONGEST = 1024
"""Tokens of a window; what a model states of itself may be less."""
MOST_WINDOWS = 4
_REPEATED = 3
"""So many tokens in a row that were said before are not said again, where a model names none."""
_WITH_PAST = "decoder_with_past_model.onnx"
_CACHE, _MADE = "past_key_values", "present"


def summaries_of(folder: Path, text: str) -> list[str]:
    """A summary of each window of `text`."""
    return _summarizer(folder).summaries(text)


@functools.lru_cache(maxsize=2)
def _summarizer(folder: Path) -> "Summarizer":
    return Summarizer(folder)


class Summarizer:
    """One model; `threads` of a call. The likeliest token is taken each time."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        require_kind(folder, "summary")
        config = config_of(folder) | _generation(folder)
        self._encoder = cpu_session(graph_of(folder, "encoder_model.onnx"), threads)
        self._decoder = cpu_session(graph_of(folder, "decoder_model.onnx"), threads)
        self._next = _with_past(folder, threads)
        self._begin, self._ends = _marks(config, folder)
        self._repeated = int(config.get("no_repeat_ngram_size") or _REPEATED)
        self._prompt = _prompt(config)
        self._tokenizer = read_tokenizer(folder)
        stated = int(config.get("max_position_embeddings") or config.get("n_positions") or LONGEST)
        self._tokenizer.enable_truncation(min(LONGEST, stated))
        self._tokenizer.no_padding()
        self._unknown: str = getattr(self._tokenizer.model, "unk_token", None) or "\0"
        """What stands for words that the model does not know: nothing for readers."""

    def summaries(self, text: str) -> list[str]:
        """Of each window, in order; at most `MOST_TOKENS` tokens each."""
        encoded = self._tokenizer.encode(f"{self._prompt}{text}")
        windows = [encoded, *encoded.overflowing][:MOST_WINDOWS]
        told = (self._tokenizer.decode(list(self._tokens(window.ids))) for window in windows)
        known = (" ".join(summary.replace(self._unknown, " ").split()) for summary in told)
        return [summary for summary in known if summary]

    def _tokens(self, ids: Sequence[int]) -> Iterator[int]:
        """Until the model ends, or has said enough."""
        given = padded([ids], len(ids))
        states = answer_of(self._encoder, given)[0]
        mask = given["attention_mask"]
        around = {"encoder_hidden_states": states, "encoder_attention_mask": mask}
        said, cache = [self._begin], dict[str, Any]()
        for _ in range(MOST_TOKENS):
            scores, cache = self._step(said, around, cache)
            token = self._likeliest(scores, said)
            if token in self._ends:
                return
            said.append(token)
            yield token

    def _step(
        self, said: Sequence[int], around: dict[str, Any], cache: dict[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """The scores of what follows `said`, and what is kept of it for the next step."""
        session = self._next if cache and self._next is not None else self._decoder
        read = said[-1:] if session is self._next else said
        given = {"input_ids": np.array([read], np.int64), **around, **cache}
        answers = answer_of(session, given)
        named = dict(zip((item.name for item in session.get_outputs()), answers, strict=True))
        scores = named.get("logits")
        if scores is None or scores.ndim != 3 or scores.shape[1] != len(read):
            raise ServiceError("the decoder answers no logits for its tokens")
        if self._next is None:
            return scores[0, -1], {}
        made = {
            name.replace(_MADE, _CACHE, 1): value
            for name, value in named.items()
            if name.startswith(f"{_MADE}.")
        }
        return scores[0, -1], {**cache, **made}

    def _likeliest(self, scores: Any, said: Sequence[int]) -> int:
        left = np.array(scores, np.float64)
        barred = [token for token in _repeating(said, self._repeated) if 0 <= token < len(left)]
        left[barred] = -np.inf
        return int(np.argmax(left))


def _repeating(said: Sequence[int], size: int) -> set[int]:
    """The tokens that would end `size` tokens which were said in a row before."""
    last = tuple(said[len(said) - size + 1 :])
    if len(last) < size - 1:
        return set()
    starts = range(len(said) - size + 1)
    return {said[at + size - 1] for at in starts if tuple(said[at : at + size - 1]) == last}


def _with_past(folder: Path, threads: int) -> Any:
    try:
        graph = graph_of(folder, _WITH_PAST)
    except ServiceError:
        return None
    return cpu_session(graph, threads)


def _generation(folder: Path) -> dict[str, Any]:
    stated = folder / "generation_config.json"
    said = model_document(stated) if stated.exists() else {}
    return {name: value for name, value in said.items() if value is not None}


def _marks(config: dict[str, Any], folder: Path) -> tuple[int, frozenset[int]]:
    """The token that a decoder begins with, and those that end it."""
    forced, ends = config.get("forced_bos_token_id"), config.get("eos_token_id")
    begin = config.get("decoder_start_token_id", forced)
    if not isinstance(begin, int) or ends is None:
        raise ServiceError(f"{folder}: no token begins and ends what the decoder says")
    return begin, frozenset(ends if isinstance(ends, list) else [ends])


def _prompt(config: dict[str, Any]) -> str:
    """*summarize:* for models that know several tasks."""
    tasks = config.get("task_specific_params") or {}
    return str((tasks.get("summarization") or {}).get("prefix") or config.get("prefix") or "")
