"""What those programs wrote into the documents of EPUB 2: bodies, heads, types."""
# ruff: noqa: E501  markup is quoted as programs write it

from collections.abc import Mapping

from tests.support.books.epub2 import Oddity

BODY: Mapping[str, Oddity] = {
    name: {"body": body}
    for name, body in {
        "anchors by name": '<p><a id="x" name="x">y</a><a name="z"/></p>',
        "old inline": "<p><big>a</big> <tt>b</tt> <acronym>c</acronym> <small>s</small></p>",
        "strike and u": '<p><strike>a</strike> <u>b</u> <font color="red" size="2">c</font></p>',
        "center": "<center><p>x</p></center>",
        "complex ruby": "<p><ruby><rbc><rb>漢</rb></rbc><rtc><rt>kan</rt></rtc></ruby></p>",
        "simple ruby": "<p><ruby><rb>漢</rb><rp>(</rp><rt>kan</rt><rp>)</rp></ruby></p>",
        "terms alone": "<dl><dt>term</dt></dl>",
        "definitions alone": "<dl><dd>definition</dd><dt>t</dt><dd>d</dd></dl>",
        "definitions of many terms": "<dl><dt>a</dt><dt>b</dt><dd>c</dd><dd>d</dd></dl>",
        "table": '<table summary="s" border="1" width="50%" cellpadding="2" frame="box" rules="all">'
        '<caption>C</caption><colgroup span="2" width="20"><col width="1*"/><col align="char" '
        'char="."/></colgroup><thead><tr><th abbr="a" axis="x" scope="col" id="h">H</th><th>I</th>'
        '</tr></thead><tfoot><tr><td>F</td><td>G</td></tr></tfoot><tbody valign="top">'
        '<tr align="right"><td headers="h" nowrap="nowrap" height="20">A</td><td bgcolor="#fff">B'
        "</td></tr></tbody></table>",
        "table of columns": '<table><col width="10%"/><col/><tr><td rowspan="2">a</td><td>b</td></tr>'
        "<tr><td>c</td></tr></table>",
        "spans of nothing": '<table><tr><td colspan="1" rowspan="1">a</td></tr></table>',
        "object": '<div><object data="img/front.png" type="image/png" width="10" height="10" '
        'standby="s" codebase="." declare="declare"><param name="a" value="b" valuetype="data"/>'
        "<p>instead</p></object></div>",
        "image map": '<div><img src="img/front.png" alt="m" usemap="#m" longdesc="c2.xhtml"/>'
        '<map id="m" title="t"><area shape="rect" coords="0,0,1,1" href="c2.xhtml" alt="two"/>'
        '<area shape="default" nohref="nohref" alt=""/></map></div>',
        "image attributes": '<p><img src="img/front.png" alt="" width="50%" height="20" align="left" '
        'border="0" hspace="2"/></p>',
        "link attributes": '<p><a href="c2.xhtml" rel="next" rev="prev" charset="utf-8" '
        'type="text/html" hreflang="en_US" shape="rect" coords="1" target="_blank">x</a></p>',
        "preserved space": '<pre xml:space="preserve">  a\n b</pre>',
        "rules and breaks": '<hr width="50%" align="center" noshade="noshade" size="2"/>'
        '<p>a<br clear="all"/>b</p>',
        "numbered lists": '<ol start="3" type="a" compact="compact"><li value="5">x</li></ol>'
        '<ul type="disc"><li>y</li></ul>',
        "languages": '<p xml:lang="en_US">a</p><p xml:lang="english">b</p><p xml:lang="">c</p>'
        '<p lang="fr_FR" xml:lang="fr_FR">d</p>',
        "inserted and deleted": '<ins cite="c2.xhtml" datetime="2011"><p>a</p></ins>'
        '<p><del datetime="2011-03-15T10:00:00Z">b</del></p>',
        "quoted": '<blockquote cite="http://a.org"><p>a</p></blockquote><p><q cite="x">b</q></p>',
        "alternatives": '<ops:switch id="s" xmlns:ops="http://www.idpf.org/2007/ops"><ops:case '
        'required-namespace="http://www.w3.org/1998/Math/MathML"><math '
        'xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math></ops:case><ops:default>'
        "<p>x</p></ops:default></ops:switch>",
        "formula": '<p><math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math></p>',
        "drawing": '<p><svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="9" height="9" '
        'baseProfile="full"><rect width="9" height="9"/></svg></p>',
        "script": '<script type="text/javascript" charset="utf-8" xml:space="preserve" defer="defer">'
        "var a;</script><noscript><p>no</p></noscript>",
        "form": '<form action="c2.xhtml" method="post"><p><input type="text" name="a" size="9"/>'
        "</p></form>",
        "style attributes": '<p style="oeb-column-number: 2; display: oeb-page-head">a</p>',
        "page break by style": '<p style="page-break-before: always; widows: 2">a</p>',
        "bidi": '<p dir="rtl"><bdo dir="ltr">a</bdo></p>',
        "keys and samples": "<p><kbd>a</kbd><samp>b</samp><var>c</var><code>d</code><cite>e</cite></p>",
        "address": "<address>a<br/>b</address>",
        "comments in markup": "<!-- a comment --><p>a</p><?pi x?>",
        "entities": "<p>a&nbsp;b&mdash;c&eacute;&hellip;&#151;&alpha;</p>",
        "access keys": '<p accesskey="a" tabindex="1" title="t" class="">a</p>',
        "links to places": '<p id="p 1x"/>'.replace(" 1x", "1") + '<p><a href="#p1">a</a> '
        '<a href="c2.xhtml#start">b</a> <a href="">c</a> <a href="#">d</a></p>',
        "links that leave": '<p><a href="http://a.org/x?y=1&amp;z=2">a</a> <a href="mailto:a@b.c">m</a>'
        ' <a href="HTTP://A.ORG">A</a> <a href="www.a.org">w</a></p>',
        "escaped links": '<p id="ä"/><p><a href="#%C3%A4">a</a> <a href="c2.xhtml#start">b</a></p>',
        "colons in ids": '<p id="a:b">x</p><p><a href="#a:b">y</a></p>',
        "ids that begin with a digit": '<p id="_1">x</p><p id="ébène">y</p>',
        "the same id twice": '<p id="d">x</p><p id="d">y</p>',
        "headings in cells": "<table><tr><td><h3>a</h3><p>b</p></td></tr></table>",
        "blocks in items": "<ul><li><p>a</p><ul><li>b</li></ul></li></ul>",
        "frames": '<p><iframe src="c2.xhtml" width="9" height="9" frameborder="0"/></p>',
        "base": '<p xml:base="x/">a</p>',
        "empty paragraphs": "<p/><div/><p> </p><h3/>",
        "empty title attributes": '<p title="">a</p><h3 title="b" align="center">c</h3>',
        "links with a name": '<p><a name="1">a</a><a href="#1">b</a></p>',
        "abbreviations": '<p><abbr title="t">a</abbr><acronym title="t" id="ac">b</acronym></p>',
        "legends": "<fieldset><legend>a</legend><p>b</p></fieldset>",
        "menus": '<menu compact="compact"><li>a</li></menu><dir><li>b</li></dir>',
        "basefont": '<basefont size="3"/><p>a</p>',
        "isindex": "<p><s>a</s></p>",
    }.items()
}
HEAD: dict[str, Oddity] = {
    name: {"head": head}
    for name, head in {
        "old metas": '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1"/>'
        '<meta http-equiv="Content-Style-Type" content="text/css"/>'
        '<meta name="Adept.resource" content="urn:uuid:x" scheme="x"/><meta name="x" content=""/>',
        "sheets": '<link rel="stylesheet" type="text/css" href="s.css" media="all" charset="utf-8" '
        'rev="x" hreflang="en_US" target="_top" title="t"/>',
        "inline sheet": '<style type="text/css" title="override_css" media="screen" '
        'xml:space="preserve">\n<!-- @page { margin: 5pt } p { color: red } -->\n</style>',
        "broken sheet": '<style type="text/css">@page :first { margin } p { font: } } </style>',
        "imports": '<style type="text/css">@import url("s.css");</style>',
        "relations": '<link rel="next" href="c2.xhtml"/><link rel="start" href="c1.xhtml" title="S"/>',
        "script": '<script type="text/javascript">//<![CDATA[\nvar a = 1 < 2;\n//]]></script>',
        "base": '<base href="c1.xhtml"/>',
        "refresh": '<meta http-equiv="refresh" content="5"/>',
        "generator": '<meta name="generator" content="Sigil" lang="en"/>',
    }.items()
}
for _name in ("sheets", "imports"):
    HEAD[_name] = {
        **HEAD[_name],
        "s.css": "p { margin: 0 }",
        "manifest": '<item id="css" href="s.css" media-type="text/css"/>',
    }


DOCUMENT: Mapping[str, Oddity] = {
    "language of the document": {"html": ' xml:lang="en_US" lang="en_US"'},
    "language name of the document": {"html": ' xml:lang="english"'},
    "empty language of the document": {"html": ' xml:lang=""'},
    "version": {"html": ' version="-//W3C//DTD XHTML 1.1//EN"'},
    "spaces": {"html": ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:v="urn:v"'},
    "id": {"html": ' id="whole" dir="ltr"'},
    "own entities": {
        "doctype": '<!DOCTYPE html [<!ENTITY fog "F&#243;g">]>',
        "body": "<p>&fog;</p>",
    },
    "no doctype": {"doctype": " "},
    "transitional": {
        "doctype": '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
        '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">',
    },
    "sheet by instruction": {
        "doctype": '<?xml-stylesheet type="text/css" href="s.css"?>',
        "s.css": "p { margin: 0 }",
        "manifest": '<item id="css" href="s.css" media-type="text/css"/>',
    },
}
