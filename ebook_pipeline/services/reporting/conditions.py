"""What ``--where`` may say of books, read into a tree: `language = "fr" and words > 50000`.

    condition   = conjunction, { "or", conjunction } ;
    conjunction = negation, { "and", negation } ;
    negation    = [ "not" ], ( "(", condition, ")" | comparison ) ;
    comparison  = field, operator, value | field, [ "not" ], "in", "(", value, { ",", value }, ")" ;
    operator    = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" ;

``~`` is *contains*, whatever the case. A value stands in quotes, or is a plain word or number.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

LONGEST = 2000
"""Characters of a condition."""
DEEPEST = 20
"""Parentheses and negations within each other."""
OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "~")
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<sign>!=|<=|>=|[=<>~(),])|(?P<word>[^\s"'=<>~!(),]+))"""
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class BadCondition(ValueError):
    """It can't be read, and the message says where it stops making sense."""


@dataclass(frozen=True)
class Comparison:
    """`field` against `values`: one of them, or with ``in`` any of them."""

    field: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Junction:
    """All (``and``) or any (``or``) of `parts`; none (``not``) of its only one."""

    kind: Literal["and", "or", "not"]
    parts: "tuple[Condition, ...]"


Condition = Comparison | Junction


def parse_condition(text: str) -> Condition:
    """The condition in `text`. Raises `BadCondition`."""
    if len(text) > LONGEST:
        raise BadCondition(f"a condition has at most {LONGEST} characters")
    parser = _Parser(_tokens(text))
    condition = parser.condition(0)
    parser.end()
    return condition


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


_END = _Token("end", "the end")


def _tokens(text: str) -> list[_Token]:
    found = []
    at, length = 0, len(text.rstrip())
    while at < length:
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadCondition(f"what is {text[at : at + 20].strip()!r}?")
        kind = str(match.lastgroup)
        found.append(_Token(kind, _meant(kind, match.group(kind))))
        at = match.end()
    return found


def _meant(kind: str, written: str) -> str:
    return _ESCAPED.sub(r"\1", written[1:-1]) if kind == "text" else written


class _Parser:
    """Reads tokens from the left, one method per rule of the grammar."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens, self._at = tokens, 0

    def condition(self, depth: int) -> Condition:
        return self._junction("or", depth)

    def end(self) -> None:
        if self._next() is not _END:
            raise BadCondition(f"{self._next().text!r} follows a whole condition")

    def _junction(self, kind: Literal["and", "or"], depth: int) -> Condition:
        parts = [self._part(kind, depth)]
        while self._takes_word(kind):
            parts.append(self._part(kind, depth))
        return parts[0] if len(parts) == 1 else Junction(kind, tuple(parts))

    def _part(self, kind: Literal["and", "or"], depth: int) -> Condition:
        return self._junction("and", depth) if kind == "or" else self._negation(depth)

    def _negation(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise BadCondition(f"it nests deeper than {DEEPEST}")
        if self._takes_word("not"):
            return Junction("not", (self._negation(depth + 1),))
        if self._takes_sign("("):
            inner = self.condition(depth + 1)
            self._require(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Condition:
        field = self._take("word", "the name of a field").text.lower()
        if self._takes_word("not"):
            self._require_word("in")
            return Junction("not", (self._one_of(field),))
        if self._takes_word("in"):
            return self._one_of(field)
        operator = self._take("sign", f"one of {' '.join(OPERATORS)} after {field!r}").text
        if operator not in OPERATORS:
            raise BadCondition(f"after {field!r} comes one of {' '.join(OPERATORS)}")
        return Comparison(field, operator, (self._value(),))

    def _one_of(self, field: str) -> Comparison:
        self._require("(")
        values = [self._value()]
        while self._takes_sign(","):
            values.append(self._value())
        self._require(")")
        return Comparison(field, "in", tuple(values))

    def _value(self) -> str:
        if self._next().kind not in ("text", "word"):
            raise BadCondition(f"a value is missing before {self._next().text!r}")
        return self._step().text

    def _take(self, kind: str, wanted: str) -> _Token:
        if self._next().kind != kind:
            raise BadCondition(f"{wanted} is wanted, not {self._next().text!r}")
        return self._step()

    def _require(self, sign: str) -> None:
        if not self._takes_sign(sign):
            raise BadCondition(f"{sign!r} is missing before {self._next().text!r}")

    def _require_word(self, word: str) -> None:
        if not self._takes_word(word):
            raise BadCondition(f"{word!r} is missing before {self._next().text!r}")

    def _takes_sign(self, sign: str) -> bool:
        return self._takes(self._next().kind == "sign" and self._next().text == sign)

    def _takes_word(self, word: str) -> bool:
        return self._takes(self._next().kind == "word" and self._next().text.lower() == word)

    def _takes(self, fits: bool) -> bool:
        if fits:
            self._at += 1
        return fits

    def _next(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _step(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]
