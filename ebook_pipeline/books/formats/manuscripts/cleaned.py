"""What cleaning a manuscript gives: the file without what acts or reaches out, and its metadata."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from ebook_pipeline.books.formats.epub.ocf import Container
from ebook_pipeline.foundation.findings import Finding, Severity

_NOBODY_NAMES = (
    "user|users|admin|administrator|owner|author|unknown|anonymous|home|pc|microsoft|"
    "microsoft office user|office user|windows user|python-docx|libreoffice|default"
)
_NOBODY = frozenset(_NOBODY_NAMES.split("|"))
_NO_TITLE_NAMES = (
    "untitled|document|document1|document 1|dokument1|new document|no title|title|template|"
    "normal|normal.dotm|word document|powerpoint presentation|microsoft word"
)
_NO_TITLE = frozenset(_NO_TITLE_NAMES.split("|"))


@dataclass(frozen=True)
class ManuscriptMetadata:
    """What the manuscript says of itself; empty where it says nothing.

    `language` is a BCP 47 tag, `assumed` says that the program chose it rather than the author.
    `direction` is ``rtl`` or ``ltr`` where the author names one; `date` is of publication,
    ``YYYY[-MM[-DD]]``. `contributors` are (MARC relator, name), `series` is (name, number in it).
    """

    title: str = ""
    authors: tuple[str, ...] = ()
    language: str = ""
    assumed: bool = False
    subtitle: str = ""
    direction: str = ""
    date: str = ""
    publisher: str = ""
    rights: str = ""
    description: str = ""
    isbn: str = ""
    subjects: tuple[str, ...] = ()
    contributors: tuple[tuple[str, str], ...] = ()
    series: tuple[str, str] = ("", "")

    def completed(self, other: "ManuscriptMetadata") -> "ManuscriptMetadata":
        """This, with what only `other` says; a language that was assumed gives way."""
        assumed = self.assumed and bool(other.language)
        first = replace(self, language="", assumed=False) if assumed else self
        names = [known.name for known in fields(self) if known.name != "assumed"]
        empty = [name for name in names if not any(getattr(first, name))]
        taken = replace(first, **{name: getattr(other, name) for name in empty})
        return replace(taken, assumed=other.assumed) if "language" in empty else taken


@dataclass(frozen=True)
class CleanedManuscript:
    """`parts` are the files of the cleaned manuscript by name; a text has one without a name.

    Parts without bytes are to be copied from the container. `alts` are descriptions of pictures by
    their part's name, `stated` what the text's own language says of it, in Markdown.
    """

    findings: tuple[Finding, ...]
    parts: Mapping[str, bytes | None] = field(default_factory=dict)
    metadata: ManuscriptMetadata = ManuscriptMetadata()
    alts: Mapping[str, str] = field(default_factory=dict)
    container: Container | None = None
    stated: Mapping[str, str | list[str]] = field(default_factory=dict)

    @property
    def may_be_read(self) -> bool:
        """Whether nothing forbids to give the manuscript to a converter."""
        return not any(finding.severity >= Severity.FATAL for finding in self.findings)


def manuscript_metadata(
    title: str | None, authors: list[str], language: str | None, assumed: bool
) -> ManuscriptMetadata:
    """The metadata that a program wrote, without the titles and names that programs make up."""
    named = " ".join((title or "").split())
    if named.lower() in _NO_TITLE or named.lower().startswith("microsoft word - "):
        named = ""
    people = (" ".join(name.split()) for author in authors for name in author.split(";"))
    known = tuple(dict.fromkeys(name for name in people if name and name.lower() not in _NOBODY))
    return ManuscriptMetadata(named[:300], known[:20], language_tag(language or ""), assumed)


def language_tag(text: str) -> str:
    """`text` where it looks like a BCP 47 tag (``en-GB``), else nothing."""
    parts = text.strip().replace("_", "-").split("-")
    primary = parts[0].lower()
    fine = all(part.isascii() and part.isalnum() and len(part) <= 8 for part in parts)
    if not fine or not primary.isalpha() or not 2 <= len(primary) <= 3:
        return ""
    return "-".join([primary, *parts[1:4]])
