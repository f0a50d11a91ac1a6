"""What a DOCX's styles hide, and what asking for it costs."""

import pytest
from lxml import etree

from ebook_pipeline.books.converting.text_comparison.source_readers import docx_styles
from ebook_pipeline.books.converting.text_comparison.source_readers.docx_styles import WordStyles

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STYLES = f"""<w:styles xmlns:w="{W}">
<w:style w:type="paragraph" w:default="1" w:styleId="N"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="H"><w:basedOn w:val="N"/><w:rPr><w:vanish/></w:rPr></w:style>
</w:styles>"""


def paragraphs(*inner: str) -> list[etree._Element]:
    body = "".join(f"<w:p>{one}</w:p>" for one in inner)
    return list(etree.fromstring(f'<w:body xmlns:w="{W}">{body}</w:body>'))


def hidden(styles: WordStyles, paragraph: etree._Element) -> list[bool]:
    return [styles.is_hidden(run) for run in paragraph.iterfind(f"{{{W}}}r")]


def test_runs_are_hidden_by_their_paragraphs_style_wherever_it_is_stated() -> None:
    styles = WordStyles(etree.fromstring(STYLES), None)
    stated = '<w:pPr><w:pStyle w:val="H"/></w:pPr>'
    shown = '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr></w:r>'
    first, last, plain = paragraphs(f"{stated}<w:r/>{shown}", f"<w:r/>{stated}", "<w:r/>")
    assert hidden(styles, first) == [True, False]
    assert hidden(styles, last) == [True]
    assert hidden(styles, plain) == [False]
    assert hidden(styles, first) == [True, False]


def test_a_paragraphs_style_is_looked_for_once_for_all_its_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    value = docx_styles._value

    def counted(element: etree._Element, path: str) -> str:
        asked.append(path)
        return value(element, path)

    monkeypatch.setattr(docx_styles, "_value", counted)
    (paragraph,) = paragraphs("<w:r/>" * 500)
    hidden(WordStyles(etree.fromstring(STYLES), None), paragraph)
    assert sum(path.startswith("pPr/") for path in asked) == 1
