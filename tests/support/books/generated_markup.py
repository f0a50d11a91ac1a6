"""Manuscripts made at random of every construct of HTML and Markdown, in six languages.

https://html.spec.whatwg.org/ (and what older pages have), https://pandoc.org/MANUAL.html with
https://spec.commonmark.org/0.31.2/. As in `generated_manuscripts`, each construct says phrases that
the book must hold (`shown`), or must not (`left_out`).
"""

import random
from pathlib import Path

from tests.support.books.generated_manuscripts import Construct, ManuscriptWriter

_PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg=="
)


def _around(name: str, attributes: str = "") -> Construct:
    """An element around a phrase, between two others."""
    return lambda it: f"<p>{it.show()} <{name} {attributes}>{it.show()}</{name}> {it.show()}</p>"


def _block(name: str, attributes: str = "") -> Construct:
    return lambda it: f"<{name} {attributes}>{it.show()}</{name}>"


_PHRASES = """
b strong i em u s small big tt code kbd samp var cite dfn abbr acronym mark sub sup span font time
data q ins label output bdi nobr blink a
"""
_BLOCKS = """
p div section article aside main header footer nav address center blockquote pre h2 h3 h4 h5 h6
hgroup form fieldset dialog noscript search xmp listing details
"""
HTML: tuple[Construct, ...] = (
    *map(_around, _PHRASES.split()),
    *map(_block, _BLOCKS.split()),
    _around("bdo", "dir=rtl"),
    _around("a", "href='https://example.org/a'"),
    _around("a", "name=place"),
    _around("a", "href='page.html' target"),
    _block("p", "align=center class dir=auto"),
    _block("p", "lang=fr contenteditable draggable='' data-x"),
    _block("P", "STYLE='text-align:center' onclick"),
    _block("p", "title='a > b' data-y=\"<i>\""),
    lambda it: f"<ul compact><li>{it.show()}<li>{it.show()}<ol reversed start=3><li>{it.show()}"
    "</ol></ul>",
    lambda it: f"<dl><dt>{it.show()}<dd>{it.show()}<dd>{it.show()}</dl>",
    lambda it: f"<menu type=toolbar><li>{it.show()}</menu><dir><li>{it.show()}</dir>",
    lambda it: f"<table border><caption>{it.show()}</caption><thead><tr><th nowrap>{it.show()}"
    f"<th>{it.show()}<tbody><tr><td>{it.show()}<td>{it.show()}</table>",
    lambda it: f"<table><tr><td><table><tr><td>{it.show()}</table>{it.show()}</table>",
    lambda it: f"<figure><img src='{_PIXEL}' alt><figcaption>{it.show()}</figcaption></figure>",
    lambda it: f"<p>{it.show()}<br>{it.show()}<br clear=all />{it.show()}<wbr>x",
    lambda it: f"<p>{it.show()}<p>{it.show()}<hr noshade><p>{it.show()}",
    lambda it: f"<details open><summary>{it.show()}</summary><p>{it.show()}</details>",
    lambda it: f"<p><ruby>{it.show()}<rp>(<rt>xx<rp>)</ruby> {it.show()}",
    lambda it: f"<p>{it.show()}<!-- a comment > <p> -->{it.show()}<?pi x?>",
    lambda it: f"<p>{it.show()} &amp; &lt;b&gt; &copy &#x263A; &nbsp; {it.show()}",
    lambda it: f"<object data='a.swf'><p>{it.show()}</object>",
    lambda it: f"<p><canvas width=1>{it.show()}</canvas> <video src=v controls>{it.show()}</video>",
    lambda it: f"<p><map name=m><area shape=rect>{it.show()}</map>{it.show()}",
    lambda it: f"<p><meter value=.5>{it.show()}</meter> <progress>{it.show()}</progress>",
    lambda it: f"<p><marquee>{it.show()}</marquee><picture><source srcset=x>{it.show()}</picture>",
    lambda it: f"<p hidden>{it.leave_out()}<p>{it.show()}",
    lambda it: f"<div style='display : none'><p>{it.leave_out()}</div><p>{it.show()}",
    lambda it: f"<p class='away'>{it.leave_out()}</p><p>{it.show()}",
    lambda it: f"<p>{it.show()}<script>var a = '<p>not';</script>{it.show()}",
    lambda it: f"<p>{it.show()}<style>p {{ color: red }}</style>{it.show()}",
    lambda it: f"<p>{it.show()}<input disabled value=x><embed src=x>{it.show()}",
    lambda it: f"<b><p>{it.show()}</b>{it.show()}</p></i>{it.show()}",
    lambda it: f"<div><span><div>{it.show()}</span>{it.show()}</div>",
    lambda it: f"<a href=#x><h3>{it.show()}</h3><p>{it.show()}</a>",
    lambda it: f"<p>{it.show()} < 5 and > 3 & so on {it.show()}",
    lambda it: f"<o:p>{it.show()}</o:p><my-element>{it.show()}</my-element>",
)  # fmt: skip


def write_html(path: Path, language: str, seed: int) -> ManuscriptWriter:
    """An HTML page of 24 constructs at random at `path`; what it shows and leaves out."""
    it = ManuscriptWriter(language, random.Random(f"html {language} {seed}"))
    head = (
        "<!DOCTYPE html><html><head><meta charset=utf-8><style>.away{display:none}</style></head>"
    )
    text = f"{head}<body><h1>{it.show()}</h1>\n"
    text += "\n".join(make(it) for make in it.chance.choices(HTML, k=24))
    if it.chance.random() < 0.5:
        text += f"<plaintext>{it.show()} <b>{it.show()}</b>"
    path.write_text(text, "utf-8")
    return it


def _md_block(before: str, after: str = "") -> Construct:
    return lambda it: f"{before}{it.show()}{after}"


def _md_phrase(before: str, after: str) -> Construct:
    return lambda it: f"{it.show()} {before}{it.show()}{after} {it.show()}"


_MARKS = """
# ## ### ###### - * + 1. #. > | (@) a)
"""
_AROUND = (
    ("", ""), ("> > ", ""), ("    ", ""), ("- [ ] ", ""), ("- [x] ", ""), ("## ", " ##"),
    ("## ", " {#own .class key=value}"), ("", "\n-----"), ("", "\n====="), ("```\n", "\n```"),
    ("~~~ python\n", "\n~~~"), ("::: warning\n", "\n:::"), ("<div>\n\n", "\n\n</div>"),
    ("<p align=center>", "</p>"), ("<table><tr><td>", "</td></tr></table>"),
    ("<!-- gone -->\n", ""), ("", "\n\n***\n"), ("``` {.haskell #x}\n", "\n```"),
)  # fmt: skip
_WITHIN = (
    ("*", "*"), ("_", "_"), ("**", "**"), ("***", "***"), ("~~", "~~"), ("`", "`"),
    ("`` ` ", " ``"), ("[", "](https://example.org/a)"), ("[", "][one]"), ("[", "]{.smallcaps}"),
    ("[", '](https://example.org/(b) "title")'), ("<b>", "</b>"), ("<span title='x'>", "</span>"),
    ("\\*", "\\*"), ('"', '"'), ("'", "'"), ("(", ")"), ("$5 and ", " for $6"), ("5 < ", " > 3"),
    ("&amp; ", " &copy;"), ("H~2~O ", " x^2^"), ("a_b_c ", " 2*3*4"), ("-- ", " ---"), ("[", "]"),
    ("@ ", " #"), ("{", "}"), ("\\", "\n"), ("", "  \n"), ("<https://example.org/c> ", ""),
    ("^[a note] ", ""), ("[x] ", ""),
)  # fmt: skip
MARKDOWN: tuple[Construct, ...] = (
    *(_md_block(f"{mark} ") for mark in _MARKS.split()),
    *(_md_block(*marks) for marks in _AROUND),
    *(_md_phrase(*marks) for marks in _WITHIN),
    lambda it: f"{it.show()}[^{len(it.shown)}]\n\n[^{len(it.shown)}]: {it.show()}",
    lambda it: f"- {it.show()}\n    - {it.show()}\n\n      {it.show()}\n- {it.show()}",
    lambda it: f"1. {it.show()}\n\n   > {it.show()}\n2. {it.show()}",
    lambda it: f"{it.show()}\n:   {it.show()}\n:   {it.show()}",
    lambda it: f"| {it.show()} | {it.show()} |\n|---|:-:|\n| {it.show()} | {it.show()} |",
    lambda it: f"| {it.show()}\n|    {it.show()}\n| {it.show()}",
    lambda it: f"{it.show()}  \n{it.show()}\\\n{it.show()}",
    lambda it: f"![{it.show()}]({_PIXEL})",
    lambda it: f"> {it.show()}\n{it.show()}\n>\n> - {it.show()}",
    lambda it: f"[{it.show()}][two]\n\n[two]: https://example.org/two",
    lambda it: f"{it.show()}\n\n\\newpage\n\n{it.show()}",
)  # fmt: skip


def write_markdown(path: Path, language: str, seed: int) -> ManuscriptWriter:
    """A Markdown text of 24 constructs at random at `path`; what it shows and leaves out."""
    it = ManuscriptWriter(language, random.Random(f"markdown {language} {seed}"))
    parts = [f"# {it.show()}", *(make(it) for make in it.chance.choices(MARKDOWN, k=24))]
    path.write_text("\n\n".join([*parts, "[one]: https://example.org/one"]), "utf-8")
    return it
