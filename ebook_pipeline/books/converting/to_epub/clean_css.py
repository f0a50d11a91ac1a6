"""Style sheets of strangers reduced to what parses, and to what EPUB allows (EPUB 3.3 §6.3).

tinycss2 reads them; a declaration or rule that it can't read is left out, as browsers do.
"""

import re
from collections.abc import Callable, Iterable

from ebook_pipeline.books.text import bounded_numbers

UrlMapping = Callable[[str], str | None]

_URL = re.compile(r"""url\(\s*+(?:"([^"\n]*+)"|'([^'\n]*+)'|([^"'()\s]*+))\s*+\)""", re.IGNORECASE)
_IMPORT = re.compile(r"""(@import\s+)(?:"([^"\n]*)"|'([^'\n]*)')""", re.IGNORECASE)
_FORBIDDEN = frozenset({"direction", "unicode-bidi", "behavior", "-moz-binding"})
_NOWHERE = "missing:"
_KF8 = "amzn-kf8"
_NESTING = frozenset({"media", "supports"})
_PLAIN = frozenset({"font-face", "page"})
_DEEPEST = 6
"""Rules within rules, such as ``@media``."""
_SIGNS = frozenset(".*:>+~,|")
_SELECTING = frozenset({"ident", "hash", "literal", "[] block", "function"})
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_LONGEST_STYLE = 10_000
"""Characters of a ``style`` attribute."""


def clean_declarations(text: str) -> str:
    """The content of a ``style`` attribute; without URLs, which nothing there needs."""
    import tinycss2

    short = bounded_numbers(text[:_LONGEST_STYLE])
    plain = _URL.sub(f'url("{_NOWHERE}")', _CONTROL.sub("", short))
    return "; ".join(_declarations(tinycss2.parse_blocks_contents(plain), _FORBIDDEN))


def clean_sheet(text: str, url: UrlMapping, unknown: frozenset[str] = frozenset()) -> str:
    """The style sheet `text`, cleaned; `url` gives each of its URLs anew, None for nowhere.

    The properties `unknown`, which no reader of EPUBs knows, are left out.
    """
    import tinycss2

    def led(match: re.Match[str]) -> str:
        return f'url("{_where(url, match[1] or match[2] or match[3] or "")}")'

    def imported(match: re.Match[str]) -> str:
        return f'{match[1]}url("{_where(url, match[2] or match[3] or "")}")'

    short = _CONTROL.sub("", bounded_numbers(text.lstrip("\ufeff")))
    plain = _URL.sub(led, _IMPORT.sub(imported, short))
    rules = tinycss2.parse_stylesheet(plain, skip_comments=True, skip_whitespace=True)
    return "\n".join(_rules(rules, _FORBIDDEN | unknown, 0)) + "\n"


def _where(url: UrlMapping, old: str) -> str:
    target = url(old.strip())
    return _NOWHERE if target is None else target.replace('"', "%22").replace("\\", "%5C")


def _rules(rules: Iterable[object], barred: frozenset[str], depth: int) -> Iterable[str]:
    import tinycss2
    from tinycss2.ast import AtRule, QualifiedRule

    for rule in rules:
        if isinstance(rule, QualifiedRule):
            body = _block(rule.content, barred)
            selector = tinycss2.serialize(rule.prelude).strip()
            if body and _selects(rule.prelude):
                yield f"{selector} {{ {body} }}"
        elif isinstance(rule, AtRule):
            yield from _at_rule(rule, barred, depth)


def _selects(prelude: Iterable[object]) -> bool:
    """Whether a selector begins as one can and holds no sign that none has."""
    from tinycss2.ast import HashToken, IdentToken, LiteralToken, Node, SquareBracketsBlock

    starts = True
    for token in prelude:
        assert isinstance(token, Node)
        if token.type in ("whitespace", "comment"):
            continue
        sign = token.value if isinstance(token, LiteralToken) else ""
        named = isinstance(token, IdentToken | HashToken | SquareBracketsBlock)
        if starts and not (named or sign in (".", "*", ":")):
            return False
        if token.type not in _SELECTING or (sign and sign not in _SIGNS):
            return False
        starts = sign in (",", ">", "+", "~")
    return not starts


def _at_rule(rule: object, barred: frozenset[str], depth: int) -> Iterable[str]:
    import tinycss2
    from tinycss2.ast import AtRule

    assert isinstance(rule, AtRule)
    name, prelude = rule.lower_at_keyword, tinycss2.serialize(rule.prelude).strip()
    if rule.content is None:
        if name in ("import", "namespace") and _NOWHERE not in prelude:
            yield f"@{name} {prelude};"
    elif name in _NESTING and depth < _DEEPEST and not _is_for_old(prelude):
        inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        body = "\n".join(_rules(inner, barred, depth + 1))
        if body:
            yield f"@{name} {prelude.replace(_KF8, 'all')} {{\n{body}\n}}"
    elif name in _PLAIN:
        body = _block(rule.content, barred)
        if body and (name != "font-face" or "src:" in body):
            yield f"@{name} {prelude}".strip() + f" {{ {body} }}"


def _is_for_old(prelude: str) -> bool:
    """Rules for readers of Mobipocket alone; what is for KF8 is for every new reader."""
    return "amzn-mobi" in prelude and "not" not in prelude


def _block(content: Iterable[object], barred: frozenset[str]) -> str:
    import tinycss2

    return "; ".join(_declarations(tinycss2.parse_blocks_contents(list(content)), barred))


def _declarations(parsed: Iterable[object], barred: frozenset[str]) -> Iterable[str]:
    import tinycss2
    from tinycss2.ast import Declaration

    for declaration in parsed:
        if not isinstance(declaration, Declaration) or declaration.lower_name in barred:
            continue
        value = tinycss2.serialize(declaration.value).strip()
        if value and _NOWHERE not in value and "url(" not in value.lower().replace('url("', ""):
            yield f"{declaration.name}: {value}" + (" !important" if declaration.important else "")
