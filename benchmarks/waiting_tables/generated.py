"""Ten public-domain texts made into EPUB, DOCX, TXT and PDF, as people send them."""

import json
from pathlib import Path

import pypandoc
import typst

from benchmarks.frame import Options, Table
from benchmarks.quality_tables.novels import novels
from benchmarks.waiting_tables.judged import Judge, as_table
from ebook_pipeline.books.formats.epub import content
from ebook_pipeline.books.formats.epub.package import PackageDocument, read_package

TEXTS = 10
FORMATS = {"epub": "epub3", "docx": "docx", "txt": "plain", "pdf": "typst"}
LONGEST = 6000
"""Words of each, about: so many that a further chapter is not begun beyond half of them."""


def table(options: Options) -> Table:
    """A row per file."""
    folder = options.folder("generated")
    chosen = list(novels(options).items())[:TEXTS]
    books = [path for name, novel in chosen for path in files_of(name, novel, folder)]
    with Judge(options.folder("home")) as judge:
        return as_table("Texts in four formats", [judge.judge(path) for path in books])


def files_of(name: str, novel: Path, folder: Path) -> list[Path]:
    """The first chapters of `novel` in each format, with a sidecar; kept between runs."""
    package = read_package(novel)
    made = [folder / f"{name}.{ending}" for ending in FORMATS]
    text = _markdown(novel, package)
    for path, form in zip(made, FORMATS.values(), strict=True):
        if not path.exists():
            author = package.creators[0].name
            told = {"title": package.title, "authors": [author], "language": "en"}
            path.with_name(f"{path.name}.json").write_text(json.dumps(told))
            said = [f"--metadata={key}:{value}" for key, value in told.items() if key == "title"]
            said += [f"--metadata=author:{author}", "--metadata=lang:en"]
            _write(text, form, path, [*said, "--standalone", "--wrap=none"])
    return made


def _write(text: str, form: str, path: Path, said: list[str]) -> None:
    target = path.with_suffix(".typ") if form == "typst" else path
    pypandoc.convert_text(text, form, format="markdown", outputfile=str(target), extra_args=said)
    if target is not path:
        typst.compile(str(target), output=str(path))


def _markdown(novel: Path, package: PackageDocument) -> str:
    """Chapters of prose under headings of their own."""
    parts: list[str] = []
    for _, text in content.texts(novel, package):
        lines = [line for line in map(str.strip, text.splitlines()) if line]
        if sum(len(line.split()) for line in lines) < 500:
            continue
        if parts and sum(len(part.split()) for part in parts) > LONGEST // 2:
            break
        parts.append(f"# Chapter {len(parts) + 1}\n\n" + "\n\n".join(lines[1:]))
    return "\n\n".join(parts)
