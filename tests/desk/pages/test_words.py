"""What pages say: each language has the same words, and each word that a page asks for is there."""

import re
from string import Formatter

import pytest

from ebook_pipeline.books.editing.life import TRANSITIONS
from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.books.owning.rights import RightsState
from ebook_pipeline.books.records import Origin
from ebook_pipeline.books.reviewing.routing import Priority
from ebook_pipeline.desk import navigation
from ebook_pipeline.desk.rendering import TEMPLATES
from ebook_pipeline.desk.routes.pages import metadata_form
from ebook_pipeline.desk.words import FALLBACK, languages, words_of
from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.services.reporting.job_states import STAGES, JobState
from ebook_pipeline.services.reporting.status import BookState

PAGES = sorted((TEMPLATES / "pages").glob("*.j2"))
REFUSALS = ("changed", "fields_changed", "bad_field", "no_reasons", "no_note", "not_yours")
ASKED = re.compile(r"""say\(["']([a-z_.-]+[a-z_])["']""")
NAMED = (
    *(f"state.{state}" for state in (*BookState, *JobState)),
    *(f"needs.{state}" for state in BookState),
    *(f"job.{state}" for state in JobState),
    *(f"stage.{stage}" for stage in STAGES),
    *(f"severity.{severity}" for severity in Severity),
    *(f"priority.{priority}" for priority in Priority),
    *(f"origin.{origin}" for origin in Origin),
    *(f"meta.{name}" for name in metadata_form.FIELDS),
    *(f"review.wrong.{name}" for name in REFUSALS),
    *(f"role.{role}" for role in Role),
    *(f"phase.{state}" for state in RightsState),
    *(f"lifestep.{one.name}" for one in TRANSITIONS if one.of == "manuscript"),
    *(f"menu.{entry.name}" for entry in navigation.ENTRIES),
)


def values_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", languages())
def test_each_language_says_the_same(language: str) -> None:
    own, english = words_of(language).texts, words_of(FALLBACK).texts
    assert own.keys() == english.keys()
    told = {key: values_of(text) - {"n"} for key, text in own.items()}
    assert told == {key: values_of(text) - {"n"} for key, text in english.items()}


@pytest.mark.parametrize("template", PAGES, ids=lambda path: path.stem)
def test_what_a_page_says_there_are_words_for(template: object) -> None:
    text = template.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    words = words_of(FALLBACK)
    assert [key for key in ASKED.findall(text) if not words.knows(key)] == []


@pytest.mark.parametrize("name", NAMED)
def test_what_has_a_name_in_the_code_has_words(name: str) -> None:
    assert words_of(FALLBACK).knows(name)
