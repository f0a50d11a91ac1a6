"""What is measured of a PDF, and how a person reads it. Nothing here needs a PDF library."""

from dataclasses import dataclass, field

MOST_PAGES = 20_000
"""More than these are no book; their contents are not looked at."""


@dataclass(frozen=True)
class DocumentInfo:
    """What the file says of itself: title, language, and the program that made it."""

    title: str = ""
    language: str = ""
    producer: str = ""
    creator_tool: str = ""


@dataclass(frozen=True)
class ConformanceClaims:
    """Standards that the file claims to meet: ``2b``, ``1``, ``PDF/X-4``; empty for none."""

    pdfa: str = ""
    pdfua: str = ""
    pdfx: str = ""


@dataclass(frozen=True)
class Tags:
    """The logical structure. `marked` is the file's word for being tagged, `elements` the proof."""

    marked: bool = False
    suspect: bool = False
    elements: int = 0
    figures: int = 0
    figures_without_text: int = 0
    headings: int = 0
    headings_skip: bool = False
    shows_title: bool = False

    @property
    def tagged(self) -> bool:
        return self.marked and self.elements > 0


@dataclass(frozen=True)
class PageSample:
    """A sample of the pages as readers show them; `words` is estimated for the whole book.

    `scanned` pages are pictures without text, `recognised` ones have it invisibly behind them;
    `lowest_dpi` is that of pictures an inch wide and high or larger.
    """

    sampled: int = 0
    with_text: int = 0
    scanned: int = 0
    recognised: int = 0
    blank: int = 0
    words: int = 0
    lowest_dpi: int | None = None

    @property
    def text_layer(self) -> bool:
        """Whether any of the pages has a letter that can be read out."""
        return self.with_text > 0


@dataclass(frozen=True)
class Encryption:
    """Revision, version and key length as §7.6.4 has them; `denied` by pikepdf's names."""

    revision: int
    version: int
    bits: int
    denied: frozenset[str] = frozenset()

    def may(self, permission: str) -> bool:
        """Whether readers without the owner's password may: ``extract``, ``print_highres``, …"""
        return permission not in self.denied


@dataclass(frozen=True)
class Damage:
    """`faults` were mended by reading leniently; `lost` are streams that can not be decoded."""

    faults: int = 0
    lost: int = 0
    decoded_bytes: int = 0


@dataclass(frozen=True)
class Boxes:
    """Page sizes as a reader shows them, upright; `size` is that of most: ``A5 (148 x 210 mm)``.

    `trimmed` pages say where they are cut, the sign of a file for print.
    """

    size: str = ""
    kinds: int = 0
    rotated: int = 0
    trimmed: int = 0


@dataclass(frozen=True)
class Fonts:
    """The fonts of the pages, each counted once."""

    total: int = 0
    embedded: int = 0
    subset: int = 0
    type3: int = 0
    unreadable: int = 0
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Actions:
    """How often each kind occurs; `opens` says that something happens when the file is opened."""

    scripts: int = 0
    launches: int = 0
    outside: int = 0
    media: int = 0
    opens: bool = False


@dataclass(frozen=True)
class Annotations:
    """Annotations by kind; `comments` are proofreaders'; `attached` are names of attached files."""

    kinds: tuple[tuple[str, int], ...] = ()
    comments: int = 0
    links: int = 0
    broken_links: int = 0
    attached: tuple[str, ...] = ()


@dataclass(frozen=True)
class InteractiveForm:
    """An interactive form; `fields` are those that take a value."""

    fields: int = 0
    signatures: int = 0
    xfa: bool = False


@dataclass(frozen=True)
class Outline:
    """Its entries, its levels, and how many entries lead to no page of the file."""

    entries: int = 0
    levels: int = 0
    broken: int = 0


@dataclass(frozen=True)
class PdfFacts:
    """What was measured of a PDF; the defaults are those of a file that says nothing."""

    version: str = ""
    pages: int = 0
    needs_password: bool = False
    encryption: Encryption | None = None
    info: DocumentInfo = field(default_factory=DocumentInfo)
    claims: ConformanceClaims = field(default_factory=ConformanceClaims)
    boxes: Boxes = field(default_factory=Boxes)
    fonts: Fonts = field(default_factory=Fonts)
    actions: Actions = field(default_factory=Actions)
    annotations: Annotations = field(default_factory=Annotations)
    form: InteractiveForm | None = None
    attachments: tuple[str, ...] = ()
    outline: Outline = field(default_factory=Outline)
    tags: Tags = field(default_factory=Tags)
    sample: PageSample = field(default_factory=PageSample)
    damage: Damage = field(default_factory=Damage)
    reader: str = ""
    """The program that read it, with its version."""

    @property
    def encrypted(self) -> bool:
        return self.needs_password or self.encryption is not None

    def shown(self) -> dict[str, bool | int | float | str]:
        """What a person wants to know of the file, by names that need no explanation."""
        if not self.pages:
            return {"opens with a password only": True} if self.needs_password else {}
        return {**self._made(), **self._drawn(), **self._carried(), **self._accessible()}

    def _made(self) -> dict[str, bool | int | float | str]:
        told = {
            "title": self.info.title,
            "made with": self.info.creator_tool or self.info.producer,
            "claims PDF/A": self.claims.pdfa,
            "claims PDF/UA": self.claims.pdfua,
            "claims PDF/X": self.claims.pdfx,
        }
        faults = {"damaged places": self.damage.faults} if self.damage.faults else {}
        return {"pages": self.pages, **_stated(told), **faults, "encrypted": self.encrypted}

    def _drawn(self) -> dict[str, bool | int | float | str]:
        facts: dict[str, bool | int | float | str] = {
            "page size": self.boxes.size,
            "page sizes": self.boxes.kinds,
            "pages looked at": self.sample.sampled,
            "of these with text": self.sample.with_text,
            "of these scans": self.sample.scanned + self.sample.recognised,
            "words (estimate)": self.sample.words,
            "fonts": self.fonts.total,
            "fonts embedded": self.fonts.embedded,
        }
        if self.sample.lowest_dpi is not None:
            facts["lowest resolution of a picture (dpi)"] = self.sample.lowest_dpi
        return facts

    def _carried(self) -> dict[str, bool | int | float | str]:
        counts = {
            "scripts": self.actions.scripts,
            "attached files": len(self.attachments),
            "form fields": self.form.fields if self.form else 0,
            "comments": self.annotations.comments,
            "links": self.annotations.links,
        }
        return {"bookmarks": self.outline.entries, **{k: n for k, n in counts.items() if n}}

    def _accessible(self) -> dict[str, bool | int | float | str]:
        figures = {"figures": self.tags.figures} if self.tags.figures else {}
        language = _stated({"language": self.info.language})
        return {"tagged": self.tags.tagged, **language, **figures}


def _stated(told: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in told.items() if value}
