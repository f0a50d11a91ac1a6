"""What Calibre, Sigil, InDesign, Feedbooks, Project Gutenberg and others wrote into EPUB 2."""
# ruff: noqa: E501  markup is quoted as programs write it

from collections.abc import Mapping

from tests.support.books.epub2 import Oddity
from tests.support.books.epub2_document_oddities import BODY, DOCUMENT, HEAD

_XHTML = 'media-type="application/xhtml+xml"'
_PAGE = (
    '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{0}</title></head>'
    "<body><p>{0}</p>{1}</body></html>"
)
_COVER = _PAGE.format("Cover", '<div><img src="img/front.png" alt="front"/></div>')


def _page(name: str, body: str = "") -> str:
    return _PAGE.format(name, body)


def _point(src: str, label: str = "<text>Two</text>", inner: str = "", id_: str = "p2") -> str:
    return (
        f'<navPoint id="{id_}" playOrder="2"><navLabel>{label}</navLabel><content src="{src}"/>'
        f"{inner}</navPoint>"
    )


LANGUAGES: Mapping[str, Oddity] = {
    f"language {tag or 'empty'}": {"language": tag}
    for tag in (
        *("en_US", "en_us", "EN-us", "eng", "English", "german", "Deutsch", "pt_BR", "zh_CN"),
        *("zh_Hant_TW", "x-none", "en-GB-oed", "i-klingon", "UND", "en US", "en-", "fr, en", "e"),
        *("englisch (US)", "ru-RU.UTF-8", "Français", "русский", "日本語", "--"),
    )
}
METADATA: Mapping[str, Oddity] = {
    name: {"metadata": text}
    for name, text in {
        "schema types": '<dc:source xsi:type="dcterms:URI">http://a.org/</dc:source>',
        "language of an element": '<dc:creator xml:lang="en_US">Ann</dc:creator>',
        "empty language of an element": '<dc:creator xml:lang="">Ann</dc:creator>',
        "second title": '<dc:title id="t2">Other</dc:title><dc:title xml:lang="fr_FR">Autre</dc:title>',
        "role and sort name": '<dc:creator id="a" opf:role="aut" opf:file-as="Vos, P">P Vos</dc:creator>',
        "empty role": '<dc:creator opf:role="" opf:file-as="">P Vos</dc:creator>',
        "role unknown": '<dc:creator opf:role="oth.x">P Vos</dc:creator>',
        "empty creator": '<dc:creator id="a" opf:role="aut"/>',
        "contributor": '<dc:contributor opf:role="bkp">calibre (3.4) [http://a.org]</dc:contributor>',
        "identifiers": '<dc:identifier opf:scheme="ISBN">9780306406157</dc:identifier>'
        '<dc:identifier opf:scheme="calibre">1</dc:identifier><dc:identifier>urn:x</dc:identifier>',
        "events": '<dc:date opf:event="creation">2010</dc:date>'
        '<dc:date opf:event="publication">2011-03-15</dc:date>'
        '<dc:date opf:event="modification">2012-03-15T10:00:00+00:00</dc:date>',
        "two dates": "<dc:date>2011</dc:date><dc:date>2012-03</dc:date>",
        "date of words": "<dc:date>March 2011</dc:date>",
        "date of year 101": "<dc:date>0101-01-01T00:00:00+00:00</dc:date>",
        "cover by id": '<meta name="cover" content="pic"/>',
        "cover by href": '<meta name="cover" content="img/front.png"/>',
        "cover by nothing": '<meta name="cover" content="gone"/>',
        "cover is a page": '<meta name="cover" content="c1"/>',
        "two covers": '<meta name="cover" content="pic"/><meta content="c1" name="cover"/>',
        "meta with scheme": '<meta name="x" content="y" scheme="z"/>',
        "meta without content": '<meta name="x" content=""/>',
        "calibre metas": '<meta name="calibre:series" content="S"/>'
        '<meta name="calibre:series_index" content="1.0"/>'
        '<meta name="calibre:user_metadata:#a" content="{&quot;a&quot;: 1}"/>',
        "fixed layout": '<meta name="fixed-layout" content="true"/>',
        "markup in description": "<dc:description>&lt;p&gt;Fog &amp;amp; bell&lt;/p&gt;</dc:description>",
        "all elements": "".join(
            f"<dc:{name}>text</dc:{name}>"
            for name in ("coverage", "format", "relation", "rights", "source", "type", "publisher")
        ),
        "empty elements": "<dc:description/><dc:rights> </dc:rights><dc:publisher/>",
        "comments": "<!-- a -- comment -->".replace(" -- ", " ") + "<?pi pi?>",
        "foreign elements": '<foo:bar xmlns:foo="http://foo">x</foo:bar>',
        "dcterms": "<dcterms:modified>2011-03-15T10:00:00Z</dcterms:modified>",
        "second language": "<dc:language>fr_FR</dc:language><dc:language>en</dc:language>",
        "same language again": "<dc:language>en</dc:language>",
    }.items()
}
PACKAGE: Mapping[str, Oddity] = {
    "page template": {
        "manifest": '<item id="xpgt" href="p.xpgt" '
        'media-type="application/vnd.adobe-page-template+xml"/>',
        "head": '<link rel="stylesheet" href="p.xpgt" '
        'type="application/vnd.adobe-page-template+xml"/>',
        "p.xpgt": '<ade:template xmlns:ade="http://ns.adobe.com/2006/ade"/>',
    },
    "old page template": {
        "manifest": '<item id="xpgt" href="p.xpgt" media-type="application/adobe-page-template+xml"/>',
        "head": '<link rel="stylesheet" href="p.xpgt" type="application/adobe-page-template+xml"/>',
        "p.xpgt": '<ade:template xmlns:ade="http://ns.adobe.com/2006/ade"/>',
    },
    "page map": {
        "spine_attributes": ' page-map="map"',
        "manifest": '<item id="map" href="map.xml" media-type="application/oebps-page-map+xml"/>',
        "map.xml": '<page-map xmlns="http://www.idpf.org/2007/opf"><page name="1" href="c1.xhtml"/>'
        "</page-map>",
    },
    "required modules": {
        "manifest": '<item id="isl" href="isl.xml" media-type="application/x-isl+xml" '
        'required-namespace="http://foo" fallback="c2"/>',
        "isl.xml": '<a xmlns="http://foo"/>',
    },
    "tours": {
        "tours": '<tours><tour id="t" title="T"><site title="S" href="c1.xhtml"/></tour></tours>'
    },
    "all not linear": {
        "spine": '<itemref idref="c3" linear="no"/>',
        "manifest": f'<item id="c3" href="c3.xhtml" {_XHTML}/>',
        "c3.xhtml": _page("Three"),
    },
    "unlisted document": {
        "manifest": f'<item id="c3" href="c3.xhtml" {_XHTML}/>',
        "c3.xhtml": _page("Three"),
    },
    "linked document outside the spine": {
        "manifest": f'<item id="c3" href="c3.xhtml" {_XHTML}/>',
        "c3.xhtml": _page("Three"),
        "body": '<p><a href="c3.xhtml">three</a></p>',
    },
    "contents outside the spine": {
        "manifest": f'<item id="c3" href="c3.xhtml" {_XHTML}/>',
        "c3.xhtml": _page("Three"),
        "points": _point("c3.xhtml"),
    },
    "spaces in names": {
        "manifest": f'<item id="c3" href="a%20b.xhtml" {_XHTML}/>',
        "a b.xhtml": _page("Three"),
        "spine": '<itemref idref="c3"/>',
        "points": _point("a%20b.xhtml"),
    },
    "accents in names": {
        "manifest": f'<item id="c3" href="caf%C3%A9.xhtml" {_XHTML}/>',
        "café.xhtml": _page("Three"),
        "spine": '<itemref idref="c3"/>',
        "points": _point("caf%C3%A9.xhtml"),
    },
    "font of its own type": {
        "manifest": '<item id="f" href="f.ttf" media-type="application/x-font-ttf"/>'
        '<item id="s" href="s.css" media-type="text/css"/>',
        "f.ttf": "x",
        "s.css": '@font-face { font-family: F; src: url("f.ttf") }',
        "head": '<link rel="stylesheet" type="text/css" href="s.css"/>',
    },
    "picture of a foreign type": {
        "manifest": '<item id="w" href="w.tif" media-type="image/tiff" fallback="pic"/>',
        "w.tif": "x",
        "body": '<p><img src="w.tif" alt="w"/></p>',
    },
    "picture in the spine": {
        "manifest": '<item id="w" href="img/w.png" media-type="image/png" fallback="c3"/>'
        f'<item id="c3" href="c3.xhtml" {_XHTML}/>',
        "c3.xhtml": _page("Three"),
        "spine": '<itemref idref="w"/>',
        "img/w.png": "x",
    },
    "drawing in the spine": {
        "manifest": '<item id="d" href="d.svg" media-type="image/svg+xml"/>',
        "spine": '<itemref idref="d"/>',
        "points": _point("d.svg#g"),
        "d.svg": '<svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="10" height="10">'
        '<g id="g"><text>Drawn</text></g></svg>',
    },
    "talking book": {
        "manifest": '<item id="d" href="d.xml" media-type="application/x-dtbook+xml"/>',
        "spine": '<itemref idref="d"/>',
        "points": _point("d.xml#h"),
        "d.xml": '<dtbook xmlns="http://www.daisy.org/z3986/2005/dtbook/" version="2005-2" '
        'xml:lang="en"><head><meta name="dtb:uid" content="x"/></head><book><bodymatter>'
        '<level1><h1 id="h">Talking</h1><p>Spoken words.</p></level1></bodymatter></book></dtbook>',
    },
    "document of the old type": {
        "manifest": '<item id="d" href="d.html" media-type="text/x-oeb1-document" fallback="c2"/>',
        "spine": '<itemref idref="d"/>',
        "d.html": _page("Old"),
    },
    "data of a shop": {
        "manifest": '<item id="pl" href="i.plist" media-type="text/xml"/>',
        "i.plist": "<plist/>",
    },
}
GUIDE: Mapping[str, Oddity] = {
    "cover page in the spine": {
        "manifest": f'<item id="cv" href="cv.xhtml" {_XHTML}/>',
        "cv.xhtml": _COVER,
        "first": '<itemref idref="cv"/>',
        "guide": '<reference type="cover" href="cv.xhtml"/>',
    },
    "cover page outside the spine": {
        "manifest": f'<item id="cv" href="cv.xhtml" {_XHTML}/>',
        "cv.xhtml": _COVER,
        "guide": '<reference type="cover" title="Cover" href="cv.xhtml"/>',
    },
    "cover page not linear": {
        "manifest": f'<item id="cv" href="cv.xhtml" {_XHTML}/>',
        "cv.xhtml": _COVER,
        "first": '<itemref idref="cv" linear="no"/>',
        "guide": '<reference type="Cover" title="" href="cv.xhtml"/>',
    },
    "cover page of a drawing": {
        "manifest": f'<item id="titlepage" href="cv.xhtml" {_XHTML}/>',
        "cv.xhtml": _page(
            "Cover",
            '<div><svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="100%" height="100%" '
            'xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 1 1" '
            'preserveAspectRatio="none"><image width="1" height="1" xlink:href="img/front.png"/>'
            "</svg></div>",
        ),
        "first": '<itemref idref="titlepage"/>',
        "guide": '<reference type="cover" href="cv.xhtml"/>',
    },
    "cover is a picture": {"guide": '<reference type="cover" title="C" href="img/front.png"/>'},
    "places within": {
        "guide": '<reference type="text" title="Start" href="c1.xhtml#start"/>'
        '<reference type="toc" title="T" href="c2.xhtml#start"/>',
    },
    "places that are nowhere": {"guide": '<reference type="text" title="S" href="c1.xhtml#gone"/>'},
    "kinds of its own": {
        "guide": '<reference type="other.intro" title="I" href="c1.xhtml"/>'
        '<reference type="coverimagestandard" title="I" href="c1.xhtml"/>'
        '<reference type="title-page" title="T" href="c1.xhtml"/>'
        '<reference type="copyright-page" title="T" href="c1.xhtml"/>'
        '<reference type="loi" title="T" href="c1.xhtml"/><reference type="notes" href="c2.xhtml"/>',
    },
    "the same kind twice": {
        "guide": '<reference type="text" href="c1.xhtml"/><reference type="start" href="c1.xhtml"/>',
    },
    "contents is the NCX": {"guide": '<reference type="toc" title="T" href="toc.ncx"/>'},
}
NCX: Mapping[str, Oddity] = {
    name: {"points": points, **rest}
    for name, points, rest in (
        ("fragment", _point("c2.xhtml#start"), {}),
        ("fragment that is nowhere", _point("c2.xhtml#gone"), {}),
        ("escaped fragment", _point("c1.xhtml#caf%C3%A9"), {"body": '<p id="café">x</p>'}),
        ("plain accents", _point("c1.xhtml#café"), {"body": '<p id="café">x</p>'}),
        ("empty fragment", _point("c2.xhtml#"), {}),
        ("empty label", _point("c2.xhtml", "<text/>"), {}),
        (
            "empty label above",
            _point("c2.xhtml", "<text/>", _point("c2.xhtml#start", id_="p3")),
            {},
        ),
        ("nested", _point("c2.xhtml", inner=_point("c2.xhtml#start", id_="p3")), {}),
        ("picture in label", _point("c2.xhtml", '<text>T</text><img src="img/front.png"/>'), {}),
        (
            "two labels",
            '<navPoint id="p2" playOrder="2"><navLabel xml:lang="en"><text>Two</text>'
            '</navLabel><navLabel xml:lang="fr"><text>Deux</text></navLabel>'
            '<content src="c2.xhtml"/></navPoint>',
            {},
        ),
        (
            "class and language",
            '<navPoint class="x" id="p2" playOrder="9"><navLabel xml:lang="en_US">'
            '<text>Two</text></navLabel><content id="z" src="c2.xhtml"/></navPoint>',
            {},
        ),
        ("to a picture", _point("img/front.png"), {}),
        ("dotted path", _point("./c2.xhtml"), {}),
        ("out of order", _point("c1.xhtml#start"), {}),
    )
} | {
    name: {"lists": lists}
    for name, lists in {
        "pages": '<pageList><pageTarget id="g1" type="normal" value="1" playOrder="3"><navLabel>'
        '<text>1</text></navLabel><content src="c1.xhtml#start"/></pageTarget></pageList>',
        "pages without labels": '<pageList><pageTarget id="g1" type="normal" playOrder="3"><navLabel>'
        '<text/></navLabel><content src="c1.xhtml#start"/></pageTarget></pageList>',
        "list of pictures": '<navList class="illustrations" id="l"><navLabel><text>Pictures</text>'
        '</navLabel><navTarget id="n1" playOrder="3"><navLabel><text>Front</text></navLabel>'
        '<content src="c1.xhtml#start"/></navTarget></navList>',
    }.items()
}
ODDITIES: Mapping[str, Oddity] = {
    f"{kind}: {name}": oddity
    for kind, oddities in (
        ("language", LANGUAGES),
        ("metadata", METADATA),
        ("package", PACKAGE),
        ("guide", GUIDE),
        ("ncx", NCX),
        ("body", BODY),
        ("head", HEAD),
        ("document", DOCUMENT),
    )
    for name, oddity in oddities.items()
}
