"""Books against EPUB Accessibility 1.1: each rule on a tiny book that breaks it alone."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from ebook_pipeline.books.records import ConformanceStatus
from ebook_pipeline.books.validating.accessibility.checking import (
    AccessibilityResult,
    check,
    unchecked,
)
from ebook_pipeline.books.validating.accessibility.rules import RULES
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from tests.support.books.epub import METADATA, NAV, epub, package, page
from tests.support.corpus import CORPUS, named, needs_corpus

ACCESS = """<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessModeSufficient">textual,visual</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
<meta property="schema:accessibilitySummary">Text only.</meta>"""
CLAIM = """<meta property="dcterms:conformsTo" id="claim">{}</meta>
<meta property="a11y:certifiedBy" refines="#claim">Ann Auditor</meta>"""
STANDARD = "EPUB Accessibility 1.1 - WCAG 2.2 Level AA"
LANDMARKS = (
    '<nav epub:type="landmarks" role="doc-toc" hidden="hidden"><ol><li>'
    '<a epub:type="bodymatter" href="one.xhtml">Begin</a></li></ol></nav>'
)
GOOD_NAV = NAV.replace("<nav ", '<nav role="doc-toc" ') + LANDMARKS


def book(
    folder: Path,
    body: str = "<h1>One</h1><p>Once upon a time.</p>",
    metadata: str = ACCESS,
    files: Mapping[str, str] | None = None,
) -> Path:
    """A book without any fault, in which `body`, `metadata` or `files` may put some."""
    return epub(
        folder / "b.epub",
        {
            "EPUB/package.opf": package(METADATA + metadata),
            "EPUB/nav.xhtml": GOOD_NAV,
            "EPUB/one.xhtml": body,
            **(files or {}),
        },
    )


def rules(checked: AccessibilityResult) -> list[str]:
    assert all(one.rule.startswith("accessibility.") for one in checked.findings)
    return [one.rule.removeprefix("accessibility.") for one in checked.findings]


def test_a_sound_book_has_no_finding_and_no_claim(tmp_path: Path) -> None:
    checked = check(book(tmp_path))
    assert rules(checked) == []
    assert checked.conformance.status is ConformanceStatus.NOT_CLAIMED
    assert "does not say" in checked.conformance.statement
    assert checked.conformance.unmet == ()


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<h1>A</h1><h3>B</h3>", "heading-order"),
        ("<h1> </h1>", "empty-heading"),
        ('<p><img src="a.png"/></p>', "image-alt"),
        ('<p><img src="a.png" alt="a.png"/></p>', "image-alt-name"),
        ('<p><img src="a.png" alt="Image 3"/></p>', "image-alt-name"),
        ('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>', "svg-img-alt"),
        ('<div role="img"/>', "role-img-alt"),
        ('<map name="m"><area href="nav.xhtml"/></map>', "area-alt"),
        ('<object data="a.xyz"/>', "object-alt"),
        ('<form><input type="image" src="a.png"/></form>', "input-image-alt"),
        ('<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math>', "math-alt"),
        ('<p><a href="nav.xhtml"></a></p>', "link-name"),
        ("<p><button></button></p>", "button-name"),
        ('<form><input type="text"/></form>', "label"),
        ('<iframe src="nav.xhtml"></iframe>', "frame-title"),
        (f"<table>{'<tr><td>a</td><td>b</td><td>c</td></tr>' * 3}</table>", "td-has-header"),
        ('<table><tr><th id="h">a</th><td headers="x">b</td></tr></table>', "td-headers-attr"),
        ('<table><tr><th scope="all">a</th><td>b</td></tr></table>', "scope-attr-valid"),
        ("<table><tr><th/><td>b</td></tr></table>", "empty-table-header"),
        ('<p role="chapter">x</p>', "aria-roles"),
        ('<section epub:type="chapter"><h1>A</h1></section>', "epub-type-has-matching-role"),
        ("<nav><p>a</p></nav><nav><p>b</p></nav>", "landmark-unique"),
        ('<p tabindex="2">x</p>', "tabindex"),
        ('<p><audio src="a.mp3" autoplay="autoplay" aria-details="x"/></p>', "no-autoplay-audio"),
        ('<p><video src="a.mp4"/></p>', "video-caption"),
        ('<p><audio src="a.mp3"/></p>', "audio-caption"),
        ('<p><span lang="xx">x</span></p>', "valid-lang"),
        ('<p style="color: #aaa">faint</p>', "color-contrast"),
    ],
)
def test_a_fault_of_a_document_is_one_finding(tmp_path: Path, body: str, rule: str) -> None:
    checked = check(book(tmp_path, body))
    assert rules(checked) == [rule]
    (finding,) = checked.findings
    assert finding.place.startswith("EPUB/one.xhtml:")
    assert finding.severity == RULES[rule].severity


@pytest.mark.parametrize(
    "body",
    [
        '<p><img src="a.png" alt=""/><img src="b.png" role="presentation"/></p>',
        '<p><img src="a.png" alt="The door of number 7"/></p>',
        '<svg xmlns="http://www.w3.org/2000/svg"><title>A door</title><path d="M0 0"/></svg>',
        '<p aria-hidden="true"><img src="a.png"/><a href="nav.xhtml"></a></p>',
        '<p><a href="nav.xhtml"><img src="a.png" alt="Contents, drawn"/></a></p>',
        f"<table>{'<tr><th>a</th><td>b</td><td>c</td></tr>' * 3}</table>",
        f'<table role="presentation">{"<tr><td>a</td><td>b</td><td>c</td></tr>" * 3}</table>',
        '<form><label>Name <input type="text"/></label></form>',
        '<section epub:type="chapter" role="doc-chapter"><h1>A</h1></section>',
        '<nav aria-label="a"><p>a</p></nav><nav aria-label="b"><p>b</p></nav>',
        '<p><span lang="x-local">Ordog</span> <i lang="zh-Hant-TW">x</i></p>',
        '<p style="color:#767676">x</p><h1 style="color:#949494">Large</h1>',
        '<p style="color:#aaa;background:url(a.png)">on a picture: people have to look</p>',
        '<p style="color:#fff"></p>',
    ],
)
def test_what_is_right_is_not_blamed(tmp_path: Path, body: str) -> None:
    assert rules(check(book(tmp_path, body))) == []


@pytest.mark.parametrize(
    ("head", "rule"),
    [
        ('<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title>', "html-has-lang"),
        ('<html xmlns="http://www.w3.org/1999/xhtml" lang="e"><head><title>T</title>', "html-l"),
        ('<html xmlns="http://www.w3.org/1999/xhtml" lang="fr"><head><title>T</title>', "languag"),
        ('<html xmlns="http://www.w3.org/1999/xhtml" lang="en"><head><title> </title>', "document"),
        (
            '<html xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="de"><head>'
            "<title>T</title>",
            "html-xml-lang-mismatch",
        ),
        (
            '<html xmlns="http://www.w3.org/1999/xhtml" lang="en"><head><title>T</title>'
            '<meta name="viewport" content="user-scalable=no"/>',
            "meta-viewport",
        ),
        (
            '<html xmlns="http://www.w3.org/1999/xhtml" lang="en"><head><title>T</title>'
            '<meta http-equiv="refresh" content="3"/>',
            "meta-refresh",
        ),
    ],
)
def test_languages_titles_and_heads(tmp_path: Path, head: str, rule: str) -> None:
    (found,) = rules(check(book(tmp_path, f"{head}</head><body><p>x</p></body></html>")))
    assert found.startswith(rule)


@pytest.mark.parametrize(
    ("metadata", "rule"),
    [
        (ACCESS.replace("textual", "text", 1), "metadata-accessmode-invalid"),
        (ACCESS.replace(">tableOf", ">table"), "metadata-accessibilityfeature-invalid"),
        (ACCESS.replace(">none<", ">safe<"), "metadata-accessibilityhazard-invalid"),
        (
            ACCESS + '<meta property="schema:accessibilityHazard">flashing</meta>',
            "metadata-accessibilityhazard-invalid",
        ),
        (ACCESS + CLAIM.format("EPUB Accessibility 1.1 - AA"), "metadata-conformsto-invalid"),
        (
            ACCESS + f'<meta property="dcterms:conformsTo">{STANDARD}</meta>',
            "metadata-certifiedby",
        ),
        (ACCESS.replace("tableOfContents", "MathML"), "claim-contradicted"),
        (ACCESS.replace("tableOfContents", "alternativeText"), "claim-contradicted"),
        (
            ACCESS.replace("tableOfContents", "pageNavigation"),
            "metadata-accessibilityfeature-printpagenumbers-nopagelist",
        ),
        (ACCESS + '<meta property="pageBreakSource">urn:isbn:1</meta>', "epub-pagelist-missing"),
    ],
)
def test_a_fault_of_the_metadata_is_one_finding(tmp_path: Path, metadata: str, rule: str) -> None:
    assert rules(check(book(tmp_path, metadata=metadata))) == [rule]


def test_text_is_not_enough_where_images_are_not_described(tmp_path: Path) -> None:
    metadata = ACCESS.replace("textual,visual", "textual")
    assert rules(check(book(tmp_path, metadata=metadata))) == []
    checked = check(book(tmp_path, '<p>x<img src="a.png"/></p>' * 3, metadata))
    assert rules(checked) == ["claim-contradicted", "image-alt"]
    assert "3 images have no description" in checked.findings[0].message


def test_missing_metadata_are_told_one_by_one(tmp_path: Path) -> None:
    checked = check(book(tmp_path, metadata=""))
    assert rules(checked) == [
        "metadata-accessibilityfeature",
        "metadata-accessibilityhazard",
        "metadata-accessmode",
        "metadata-accessibilitysummary",
        "metadata-accessmodesufficient",
    ]
    assert checked.conformance.status is ConformanceStatus.INCOMPLETE_METADATA


def paged(pages: str) -> dict[str, str]:
    return {
        "EPUB/nav.xhtml": GOOD_NAV
        + f'<nav epub:type="page-list" role="doc-pagelist" hidden="hidden"><ol>{pages}</ol></nav>'
    }


SOURCED = ACCESS + '<meta property="pageBreakSource">urn:isbn:9780141439600</meta>'
BREAK = '<p>x<span epub:type="pagebreak" role="doc-pagebreak" id="p1" aria-label="1"/></p>'
LISTED = '<li><a href="one.xhtml#p1">1</a></li>'


def test_a_page_list_with_its_source_and_all_breaks_is_right(tmp_path: Path) -> None:
    assert rules(check(book(tmp_path, BREAK, SOURCED, paged(LISTED)))) == []


@pytest.mark.parametrize(
    ("body", "metadata", "pages", "rule"),
    [
        (BREAK, ACCESS, LISTED, "epub-pagesource"),
        (BREAK + BREAK.replace("p1", "p2"), SOURCED, LISTED, "epub-pagelist-missing-pagebreak"),
        (BREAK.replace(' aria-label="1"', ""), SOURCED, LISTED, "pagebreak-label"),
        ('<p id="p1">x</p>', SOURCED, LISTED, "epub-pagelist-broken"),
    ],
)
def test_a_fault_of_the_pages_is_one_finding(
    tmp_path: Path, body: str, metadata: str, pages: str, rule: str
) -> None:
    assert rules(check(book(tmp_path, body, metadata, paged(pages)))) == [rule]


def test_contents_out_of_order_are_told_once(tmp_path: Path) -> None:
    nav = GOOD_NAV.replace(
        '<li><a href="one.xhtml">One</a></li>',
        '<li><a href="one.xhtml#b">B</a></li><li><a href="one.xhtml#a">A</a></li>',
    )
    body = '<h1 id="a">A</h1><h1 id="b">B</h1>'
    assert rules(check(book(tmp_path, body, files={"EPUB/nav.xhtml": nav}))) == ["epub-toc-order"]


def test_many_places_are_one_finding_with_their_count(tmp_path: Path) -> None:
    body = "\n".join('<p><img src="a.png"/></p>' for _ in range(40))
    (finding,) = check(book(tmp_path, body)).findings
    assert "40 times" in finding.message
    assert "and 35 more" in finding.message
    assert finding.place == "EPUB/one.xhtml:3"
    assert finding.message.count("EPUB/one.xhtml:") == 4
    assert len(finding.message) < 400


def test_a_claim_is_told_as_the_publishers_with_who_evaluated_it(tmp_path: Path) -> None:
    claimed = check(book(tmp_path, metadata=ACCESS + CLAIM.format(STANDARD))).conformance
    assert claimed.status is ConformanceStatus.CLAIMED
    assert claimed.claimed == (STANDARD,)
    assert f"The publisher says that this book meets {STANDARD}" in claimed.statement
    assert "evaluated by Ann Auditor" in claimed.statement
    assert "found no fault" in claimed.statement
    assert "conforms" not in claimed.statement


@pytest.mark.parametrize(
    ("hazards", "said"),
    [
        ("none", "there are no hazards"),
        ("unknown", "is not known"),
        ("flashing", "warns of flashing"),
        ("noSoundHazard", "no sound hazard"),
        ("unknownSoundHazard", "hazards are not known"),
    ],
)
def test_hazards_are_told_as_the_publisher_says_them(
    tmp_path: Path, hazards: str, said: str
) -> None:
    metadata = ACCESS.replace(">none<", f">{hazards}<")
    assert said in check(book(tmp_path, metadata=metadata)).conformance.statement


def test_a_claim_with_faults_names_the_criteria(tmp_path: Path) -> None:
    metadata = ACCESS + CLAIM.format(STANDARD)
    found = check(book(tmp_path, '<p>x<img src="a.png"/></p>', metadata)).conformance
    assert found.status is ConformanceStatus.FAULTS_FOUND
    assert "WCAG 1.1.1 Non-text content (A)" in found.unmet
    assert "1.1.1" in found.statement


def test_good_practice_alone_is_no_fault_against_the_standard(tmp_path: Path) -> None:
    checked = check(book(tmp_path, "<h1>A</h1><h3>B</h3>"))
    assert [one.severity for one in checked.findings] == [Severity.INFO]
    assert checked.conformance.status is ConformanceStatus.NOT_CLAIMED


def test_nothing_is_worse_than_a_warning_and_every_rule_says_what_to_do() -> None:
    assert {rule.severity for rule in RULES.values()} == {Severity.WARNING, Severity.INFO}
    assert all(
        rule.remedy.endswith(".") and not rule.message.endswith(".") for rule in RULES.values()
    )


def test_a_document_that_is_missing_or_no_xml_is_no_end(tmp_path: Path) -> None:
    checked = check(book(tmp_path, files={"EPUB/one.xhtml": page("<p>x</b>")}))
    assert rules(checked) == []
    (tmp_path / "b.epub").unlink()
    opf = package(METADATA + ACCESS, spine='<itemref idref="one"/><itemref idref="two"/>')
    opf = opf.replace(
        "</manifest>",
        '<item id="two" href="two.xhtml" media-type="application/xhtml+xml"/></manifest>',
    )
    checked = check(book(tmp_path, files={"EPUB/package.opf": opf}))
    assert rules(checked) == ["unchecked"]
    assert checked.conformance.status is ConformanceStatus.NOT_FULLY_CHECKED


def test_a_check_that_gave_up_is_said_without_blame() -> None:
    error = BookError("sandbox.time", "It took more than 60 seconds.")
    assert unchecked(error.finding).severity is Severity.INFO
    assert isinstance(unchecked(error.finding), Finding)


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("childrens-literature", {"color-contrast": "84 times", "epub-pagesource": ""}),
        ("israelsailing", {"meta-viewport": "10 times", "html-has-lang": "", "epub-lang": ""}),
        ("sous-le-vent", {"html-has-lang": "13 times"}),
        ("wasteland-otf-obf", {"epub-type-has-matching-role": "53 times"}),
    ],
)
def test_ace_by_daisy_counts_the_same(name: str, expected: dict[str, str]) -> None:
    """The figures are those of Ace 1.4.6 on the same files."""
    found = {one.rule: one.message for one in check(named(f"samples/{name}.epub")).findings}
    for rule, count in expected.items():
        assert count in found[f"accessibility.{rule}"]


@needs_corpus
@pytest.mark.corpus
def test_a_novel_that_claims_conformance_is_found_without_fault() -> None:
    found = check(CORPUS / "novels" / "mary-shelley_frankenstein.epub")
    assert found.conformance.status is ConformanceStatus.CLAIMED
    assert "Standard Ebooks" in found.conformance.statement
