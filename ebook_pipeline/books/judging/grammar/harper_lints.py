"""Harper's lints that are faults of English prose: which rules are off, and where others are right.

https://writewithharper.com. Older and literary English is right where Harper, made for today's
letters and programs' comments, sees a fault: each exception names its reason.
"""

import functools
import itertools
import re
from collections.abc import Callable
from typing import Any

from ebook_pipeline.books.judging.grammar import GrammarFault, confusions, harper_complement

RULES_VERSION = 7
"""Grows with the lists of rules here: part of every checker's version."""
DIALECTS = {"US": 0, "GB": 1, "AU": 2, "CA": 3, "IN": 4}
"""Harper's numbers by region."""
FAULT_KINDS = frozenset({
    "Agreement", "Grammar", "Usage", "WordChoice", "Eggcorn", "Malapropism", "Typo", "Punctuation",
    "Repetition", "Nonstandard", "Capitalization", "Miscellaneous", "BoundaryError", "WordOrder",
})  # fmt: skip
"""Kinds of Harper's lints that are faults; the others are spelling, style, marks and taste."""
RULES_OFF = frozenset({
    # spelling, spaces and words set twice, which others look at
    "SpellCheck", "SplitWords", "DisjointPrefixes", "CompoundNouns", "OrthographicConsistency",
    "WrongNegative", "MergeWords", "Spaces", "NoFrenchSpaces", "UnclosedQuotes", "WrongApostrophe",
    "OpenCompounds", "EllipsisLength", "Everyone", "Someone", "Somebody", "Anybody", "Everybody",
    "AWhile", "ForAWhile", "Therein", "Overall", "Worthwhile", "Everyday", "Misspell", "Anyhow",
    "Somewhere", "Insofar", "Nonetheless", "EverPresent", "LeftRightHand", "SoonToBe",
    "PhrasalVerbAsCompoundNoun", "RepeatedWords",
    # style and taste
    "LongSentences", "OxfordComma", "NoOxfordComma", "DiscourseMarkers", "AvoidCurses",
    "AvoidAndAlso", "BoringWords", "FillerWords", "Hedging", "ClicheAccent", "Excellent",
    "Regionalisms", "UpdatePlaceNames", "WouldNeverHave", "SomewhatSomething", "Starving",
    "LitotesDirectPositive", "NumericRangeEnDash", "SpelledNumbers", "UseEllipsisCharacter",
    "QuoteSpacing", "Dashes", "MoreBetter", "AvoidContractions", "ThatWhich", "OnesSelf",
    "IncludingButNotLimitedToPunctuation",
    # what literature does rightly, and they take for a fault
    "MassNouns", "MissingPreposition", "PossessiveYour", "OneOfTheSingular", "QuiteQuiet",
    "QuantifierNumeralConflict", "TheProperNounPossessive", "MissingTo", "TheyToThem",
    "MultipleSequentialPronouns", "ModalBeAdjective", "WhomSubjectOfVerb", "NominalWants",
    "ForNoun", "WayTooAdjective", "PronounContraction", "ToSomeDegree", "RedundantThat",
    "FindOut", "HowTo", "YourPredicateAdjective", "VerbToAdjective", "NounVerbConfusion",
    "ExpandMemoryShorthands", "IAmAgreement", "Damages", "LetsConfusion", "AsFollows", "DoToDueTo",
    "CuriousAbout", "HopHope", "GoodAt", "NoLongerPronoun", "PronounKnew", "WillNonLemma",
    "RegularIrregulars", "ThereMissingIsClause", "SubjunctiveWasToWere", "HadOf", "ThatThan",
    "KindSortOf",
    # a sixth of its time for what books hardly tell of: names of firms and states, shops, machines
    "ConvenientStore", "Deadlift", "USUniversities", "Countries", "ShutdownVerb",
    "OvertimeCompoundNoun", "CondensateVerb", "AppleNames", "GoogleNames", "TumblrNames",
    "MicrosoftNames", "AzureNames", "AmazonNames", "DayOneNames", "NationalCapitals", "Holidays",
    "DegreesKelvin", "DegreesKelvinSymbol", "Overclocking", "Dereference", "ExpandArgument",
    "ExpandAlgorithm", "BluRayHyphen", "FetalPosition", "DigestiveTract", "Copyright", "Canada",
    "Hijack",
})  # fmt: skip
"""Rules of Harper that stay off."""
SPOKEN_KINDS = frozenset(
    {"Agreement", "Grammar", "Usage", "Nonstandard", "Repetition", "WordOrder"}
)
"""Kinds that speech breaks on purpose."""
TEXTS_OF_A_LINTER = 20
"""Texts that one linter reads: it remembers about 10 MB of each."""
_TEXTS = itertools.count()
_LAST_WORD = re.compile(r"(?<![a-z])([a-z]{3,})\.['”\"]? +$")
_ABBREVIATIONS = frozenset({"etc", "viz", "vol", "sec", "min", "mem", "fig", "esq", "inst", "ult"})
_SUBJUNCTIVE = re.compile(
    r"\b(?:if|lest|though|unless|until|till|ere|whether|that|what|we|you)\b[\w ']*$", re.IGNORECASE
)
_CODE = re.compile(r"`([^`]*)`")
_STRAIGHT = str.maketrans("‘’ʼ\u00a0", "''' ")


def harper_faults(text: str, language: str) -> list[GrammarFault]:
    """The faults of `text` by Harper and what complements it; runs wherever it is called.

    10,000 words take 1.5 to 2 CPU seconds.
    """
    region = language.partition("-")[2].upper()
    straight = text.translate(_STRAIGHT)
    linter = _linter(DIALECTS.get(region, 0), next(_TEXTS) // TEXTS_OF_A_LINTER)
    lints_by_rule = linter.organized_lints(straight, language="plaintext")
    faults = [
        _grammar_fault(rule, lint)
        for rule, lints in lints_by_rule.items()
        for lint in lints
        if lint.lint_kind in FAULT_KINDS and _is_fault(rule, straight, lint)
    ]
    confused = list(confusions.confused_words(straight))
    places = {place for fault in confused for place in range(fault.start, fault.end)}
    others = [fault for fault in faults if places.isdisjoint(range(fault.start, fault.end))]
    everything = [*others, *harper_complement.agreement_faults(straight), *confused]
    return sorted(everything, key=lambda fault: (fault.start, fault.end, fault.rule))


@functools.lru_cache(maxsize=1)
def _linter(dialect: int, _: int) -> Any:
    """Loading its dictionary takes 0.7 CPU seconds. The number tells one linter from the next."""
    import harper

    linter = harper.Linter(dialect)
    rules = linter.get_default_lint_config()
    linter.set_lint_config({name: on and name not in RULES_OFF for name, on in rules.items()})
    return linter


def _is_fault(rule: str, text: str, lint: Any) -> bool:
    """Whether a lint is one: not where older or literary English is right."""
    judge = _EXCEPTIONS.get(rule)
    return judge is None or judge(text, lint)


def _begins_sentence(text: str, lint: Any) -> bool:
    """A small letter after ``!`` or ``?`` goes on with the sentence, after *viz.* too."""
    before = _LAST_WORD.search(text[max(0, lint.span.start - 20) : lint.span.start])
    return before is not None and before[1] not in _ABBREVIATIONS


def _is_too(_: str, lint: Any) -> bool:
    """*To* for *too* is a fault; *observe too the course of things* is none."""
    return str(lint.problem_text).lower() != "too"


def _disagrees(text: str, lint: Any) -> bool:
    """*If he do*, *lest she lisp* are subjunctives; *you winds*, *we slaves* are addressed."""
    before = text[max(0, lint.span.start - 24) : lint.span.start]
    return bool(lint.suggestions) and not _SUBJUNCTIVE.search(before)


def _is_article(text: str, lint: Any) -> bool:
    """*An union*, *an hundred* are old, *a ’igh* is a dialect, *labelled A* is a letter."""
    after = text[lint.span.end : lint.span.end + 2].lstrip().lower()
    article = str(lint.problem_text)
    if article == "A" or after.startswith("'"):
        return False
    return article.lower() == "a" or not after.startswith(("u", "h"))


def _is_modal(_: str, lint: Any) -> bool:
    """*The will of man*, *the might of Rome* and *a must of grapes* are nouns."""
    return not str(lint.problem_text).lower().startswith(("will", "might", "must"))


def _grammar_fault(rule: str, lint: Any) -> GrammarFault:
    suggestions = lint.suggestions
    return GrammarFault(
        start=lint.span.start,
        end=lint.span.end,
        rule=rule,
        message=_CODE.sub(r"“\1”", lint.message),
        suggestion=suggestions[0].replacement_text.strip() if suggestions else "",
        spoken=lint.lint_kind in SPOKEN_KINDS,
    )


_EXCEPTIONS: dict[str, Callable[[str, Any], bool]] = {
    "SentenceCapitalization": _begins_sentence,
    "ToTwoToo": _is_too,
    "PronounVerbAgreement": _disagrees,
    "AnA": _is_article,
    "ModalOf": _is_modal,
}
