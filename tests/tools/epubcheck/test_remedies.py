"""Every message that EPUBCheck's own suite brings about is explained."""

import pytest

from ebook_pipeline.tools.epubcheck.profiles import NAMES, PROFILES, profile_named
from ebook_pipeline.tools.epubcheck.remedies import REMEDIES, remedy_for
from tests.support.corpus import manifest, needs_corpus


def test_an_unknown_rule_has_no_remedy_of_ours() -> None:
    assert remedy_for("XYZ-999") == ""


def test_remedies_are_sentences() -> None:
    assert [rule for rule, text in REMEDIES.items() if not text.endswith(".")] == []


@needs_corpus
@pytest.mark.corpus
def test_every_id_of_the_corpus_has_a_remedy() -> None:
    verdicts = [one.get("epubcheck_verdict") or {} for one in manifest()]
    verdicts += [
        verdict
        for one in manifest()
        for verdict in (one.get("epubcheck_verdict_profile") or {}).values()
    ]
    found = {rule for one in verdicts for ids in one.get("ids", {}).values() for rule in ids}
    assert len(found) > 100
    assert sorted(rule for rule in found if not remedy_for(rule)) == []


@pytest.mark.parametrize(
    ("said", "profile"),
    [("dictionary", "dict"), ("Education", "edupub"), ("index", "idx"), (" preview ", "preview")],
)
def test_profiles_go_by_plain_names(said: str, profile: str) -> None:
    assert profile_named(said) == profile


def test_every_name_that_is_offered_is_a_profile_and_others_are_none() -> None:
    assert {profile_named(name) for name in NAMES} == set(PROFILES)
    assert profile_named("mine") is None
