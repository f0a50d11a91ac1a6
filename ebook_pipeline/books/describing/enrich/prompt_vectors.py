"""What the labels' prompts mean to the bundled encoder: the same for every book, so kept beside it.

`prompt_vectors.json` is made by ``benchmarks/genre_background.py --prompts``; to embed the prompts
took 0.35 CPU s of each process that describes a book.
"""

import json
from importlib import resources
from typing import Any

from ebook_pipeline.books.describing.enrich.labels import digest, labels


def prompts() -> list[str]:
    """What describes the labels, label by label."""
    return [prompt for label in labels() for prompt in label.prompts]


def kept_vectors(encoder: str) -> list[list[float]]:
    """A vector of each prompt as `encoder` makes it; none where others or another's are kept."""
    kept = resources.files(__package__).joinpath("prompt_vectors.json")
    document: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    if (document["encoder"], document["labels"]) != (encoder, digest()):
        return []
    vectors: list[list[float]] = document["vectors"]
    return vectors


def document_of(encoder: str, vectors: list[list[float]]) -> str:
    """The file's text for the `vectors` of all prompts."""
    lines = ",\n".join(json.dumps(vector, separators=(",", ":")) for vector in vectors)
    return f'{{\n"encoder": "{encoder}",\n"labels": "{digest()}",\n"vectors": [\n{lines}\n]\n}}\n'
