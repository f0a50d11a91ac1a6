"""``ebooks doctor``: what this machine has, what is missing, and what that changes."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import click

from ebook_pipeline.books.records import Record
from ebook_pipeline.cli.local_services import Stack, answers
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.terminal import as_json, console, print_json
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.lcp_issuer import TEST_ONLY, issuer_from, protects_nothing
from ebook_pipeline.resources.server_process import is_ready
from ebook_pipeline.settings import REQUIRED_ON_AWS, Settings
from ebook_pipeline.tools import fonts, sandbox
from ebook_pipeline.tools.browser import NoBrowser

_KEPT = ("claims", "notices", "audit", "refusals", "events")


class Diagnosis(Record):
    """One thing looked for; `changes` says what its absence means."""

    what: str
    found: bool
    detail: str
    changes: str = ""


_WITHOUT = {
    "browser": "PDFs are typeset by typst instead: reflowable books only, no MathML. Install "
    "Chromium or Chrome, or name one in EBOOK_CHROMIUM.",
    "fonts": "Books in these scripts print as boxes and wait for a person. Reinstall the locked "
    "packages, which bring fonts for them.",
    "java": "EPUBs cannot be checked: nothing can be ingested. Reinstall the locked packages.",
    "isolation": "Converters run with limits and in folders of their own, but a book that subverts "
    "one could reach what SECURITY.md lists for the missing layer. Use Linux 5.13 or newer, or a "
    "container that allows seccomp and Landlock.",
    "database": "Nothing can be ingested: `ebooks up` starts the embedded server.",
    "models": "Books cannot be compared and their language is not checked.",
    "names": "People and places are told in English alone, by cues. Install a spaCy model of the "
    "books' language, or name a token classifier exported to ONNX in EBOOK_TASK_MODELS.",
    "scans": "Scanned PDFs stay books of pictures, which nobody can search, enlarge or have read "
    "aloud. Reinstall the locked packages, or install Tesseract with the books' languages.",
    "desk": "Nobody reaches the pipeline over HTTP: `ebooks up` starts the desk, `ebooks desk` "
    "alone.",
}
"""What a missing one changes, and what to do."""
_OTHERWISE = {
    "genre": "headings everywhere, the text in English",
    "appropriateness": "words that are counted, in English",
    "embeddings": "the model of EBOOK_MODEL_DIR or the bundled one, in English",
    "summary": "composed, or by EBOOK_LLM_MODEL",
}
"""Who does a task that no model is named for."""
_WITHOUT_TASK = {
    "genre": "In other languages than English genres are told by headings, title and description "
    "alone. Name a text classifier, or one of inference (NLI), exported to ONNX.",
    "appropriateness": "In other languages than English appropriateness is unchecked. Name a text "
    "classifier of kinds of content, exported to ONNX.",
    "embeddings": "Books in other languages than English have no quoted passages and are alike by "
    "what is said of them alone. Name a sentence encoder, exported to ONNX.",
    "summary": "Books that nobody has described are described by composed sentences, or by the "
    "model of EBOOK_LLM_MODEL. Name an encoder with its decoder, exported to ONNX.",
}
"""What a task without a model, or with a bad one, changes."""


@click.command()
@as_json
def doctor(as_json: bool) -> None:
    """Say what was found on this machine, what is missing and what that changes."""
    diagnoses = list(examine(Settings()))
    if as_json:
        print_json(diagnoses)
        return
    for one in diagnoses:
        mark = "[green]✓[/]" if one.found else "[yellow]–[/]"
        console().print(f"{mark} {one.what:15} {one.detail}", soft_wrap=True)
        if not one.found:
            console().print(f"                  {one.changes}", soft_wrap=True)


def examine(settings: Settings) -> Iterator[Diagnosis]:
    """Look for programs, fonts, database, models, names, scans, desk, LCP, retention and AWS."""
    resources = opened(settings)
    looks: dict[str, Callable[[], str]] = {
        "browser": lambda: _browser(resources),
        "fonts": _fonts,
        "java": lambda: f"{resources.epubcheck.version}, {resources.epubcheck.runtime()}",
        "isolation": _isolation,
        "database": lambda: _database(settings, resources),
        "models": lambda: resources.text_models.version,
        "names": lambda: _names(resources),
        "scans": lambda: _scans(resources),
        "desk": lambda: _desk(settings),
    }
    for what, look in looks.items():
        yield _tried(what, look, _WITHOUT[what])
        if what == "names":
            yield from _tasks(resources)
    yield _lcp(settings)
    yield _retention(settings)
    yield _aws(settings)


def _tried(what: str, look: Callable[[], str], changes: str) -> Diagnosis:
    try:
        return Diagnosis(what=what, found=True, detail=look())
    except (ServiceError, OSError) as error:
        return Diagnosis(what=what, found=False, detail=str(error), changes=changes)


def _browser(resources: Resources) -> str:
    if not resources.browser.available:
        raise NoBrowser("no Chromium or Chrome was found")
    return f"{resources.browser.version}, {resources.browser.kind}"


def _fonts() -> str:
    with tempfile.TemporaryDirectory(prefix="ebooks-") as folder:
        settings = Path(folder, "fonts.conf")
        settings.write_text(fonts.fontconfig(), encoding="utf-8")
        missing = fonts.missing_scripts(settings)
    if missing:
        raise ServiceError(f"no font has {', '.join(missing)}")
    return "letters of all scripts that are looked for"


def _isolation() -> str:
    """Every layer that holds; raises where one is missing, and says which."""
    layers = sandbox.layers()
    if layers.network is sandbox.Isolation.NONE:
        raise ServiceError("this system lets no process be cut off from the network")
    network = f"books are read and converted without network: {layers.network.value}"
    missing = [] if layers.landlock else ["Landlock"]
    missing += [] if layers.filter else ["a filter of system calls"]
    missing += [] if layers.processes else ["a PID namespace"]
    if missing:
        raise ServiceError(f"{network}; missing: {', '.join(missing)}")
    held = f"Landlock {layers.landlock}, system-call filter, PID namespace, {layers.identity.value}"
    return f"{network}, {held}"


def _database(settings: Settings, resources: Resources) -> str:
    if settings.database_url:
        with resources.database.begin():
            return "the Postgres of EBOOK_DATABASE_URL answers"
    if not is_ready(settings.root / "postgres" / "data"):
        raise ServiceError("the embedded Postgres is not running")
    return f"embedded Postgres in {settings.root / 'postgres'}"


def _names(resources: Resources) -> str:
    """Which model tells people and places in which language; each must be there."""
    resources.text_models.tasks.tried("names", {})
    told = resources.text_models.namers_by_language
    if not told:
        raise ServiceError("no model tells names")
    named = ", ".join(f"{tag} by {model}" for tag, model in told.items())
    return f"people and places: {named}"


def _tasks(resources: Resources) -> Iterator[Diagnosis]:
    """The tasks of EBOOK_TASK_MODELS, each model loaded and asked once."""
    for task, changes in _WITHOUT_TASK.items():
        yield _tried(task, partial(_task, resources, task), changes)


def _task(resources: Resources, task: str) -> str:
    """Which model does `task` in which language; raises where there is none, or one is bad."""
    tasks = resources.text_models.tasks
    if not tasks.models.by_language(task):
        raise ServiceError(f"EBOOK_TASK_MODELS names no model: {_OTHERWISE[task]}")
    told = tasks.tried(task, _known(task))
    named = ", ".join(f"{tag} by {model}" for tag, model in told.items())
    return named if "*" in told else f"{named}; other languages: {_OTHERWISE[task]}"


def _known(task: str) -> Mapping[str, str]:
    """What the genres or the kinds of content are called that a model of `task` tells."""
    from ebook_pipeline.books.describing.enrich.labels import labels
    from ebook_pipeline.books.judging.appropriateness.by_model import kinds_called

    if task == "genre":
        return {label.code: label.term for label in labels()}
    return kinds_called() if task == "appropriateness" else {}


def _scans(resources: Resources) -> str:
    """The engines in the order in which they are asked."""
    engines = [engine.version for engine in resources.page_recognizers]
    if not engines:
        raise ServiceError("EBOOK_OCR_ENGINE names no engine that is here")
    return "read by " + ", else by ".join(engines)


def _desk(settings: Settings) -> str:
    stack = Stack(settings)
    if not answers(stack.desk().health):
        raise ServiceError(f"nothing answers at {stack.desk_url}")
    return f"it answers at {stack.desk_url}"


def _lcp(settings: Settings) -> Diagnosis:
    """Whether licences protect anything, said loudly where they don't."""
    if protects_nothing(settings):
        return Diagnosis(what="lcp", found=False, detail="TEST ONLY", changes=TEST_ONLY)
    return _tried("lcp", lambda: f"{issuer_from(settings).profile}", "No licence can be issued.")


def _retention(settings: Settings) -> Diagnosis:
    """For how long what is noted of people is kept."""
    kept = {kind: getattr(settings, f"{kind}_kept_days") for kind in _KEPT}
    words = ", ".join(
        f"{kind} {'for good' if days is None else f'{days:g} days'}" for kind, days in kept.items()
    )
    return Diagnosis(what="retention", found=True, detail=words)


def _aws(settings: Settings) -> Diagnosis:
    missing = [f"EBOOK_{name.upper()}" for name in REQUIRED_ON_AWS if not getattr(settings, name)]
    if settings.env == "server":
        detail = f"{settings.aws_endpoint_url}, keys in {settings.vault}"
        return Diagnosis(what="servers", found=True, detail=detail)
    if settings.env == "aws":
        return Diagnosis(what="aws", found=True, detail=f"region {settings.aws_region}")
    detail = f"not used (EBOOK_ENV=local); not set: {', '.join(missing)}"
    return Diagnosis(
        what="aws", found=False, detail=detail, changes="Everything lies on this machine."
    )
