"""What a Kindle file's headers state: record structure and EXTH."""

from pathlib import Path
from typing import Any

from ebook_pipeline.books.formats import kindle
from ebook_pipeline.tools import sandbox


def stated_facts(path: Path) -> dict[str, Any]:
    """The headers' facts, and every EXTH text as ``exth_<name>``.

    The title stands here only of a protected book, which nobody can describe otherwise.
    """
    _, facts = sandbox.call(kindle.inspect, path)
    texts: dict[str, Any] = {}
    for name, text in facts.exth.texts:
        texts.setdefault(f"exth_{name}", []).append(text)
    if facts.encrypted and facts.title:
        texts["title"] = facts.title
    return {
        "pdb_name": facts.name,
        "records": facts.records,
        "compression": facts.compression,
        "text_length": facts.text_length,
        "text_records": facts.text_records,
        "drm": facts.encryption,
        "encrypted": facts.encrypted,
        "codepage": facts.codepage,
        "mobi_version": facts.version,
        "hybrid_kf8": facts.hybrid,
        "dictionary": facts.dictionary,
        "has_cover": facts.has_cover,
        "images": facts.images,
        "fonts": facts.fonts,
        **texts,
    }
