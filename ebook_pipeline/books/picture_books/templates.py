"""What a picture book can be made of: all that a brief may name, for forms and programs."""

from functools import cache

from ebook_pipeline.books.picture_books.brief import (
    AgeGroup,
    BookKind,
    EbookLayout,
    Paper,
)
from ebook_pipeline.books.picture_books.brief_check import PAGES
from ebook_pipeline.books.picture_books.drawing.looks import GARMENT_COLOURS, Garment
from ebook_pipeline.books.picture_books.drawing.species import SPECIES
from ebook_pipeline.books.picture_books.layout.frames import FrameKind
from ebook_pipeline.books.picture_books.story.plots import plots
from ebook_pipeline.books.picture_books.trim_sizes import TrimSize
from ebook_pipeline.books.picture_books.typefaces import TEXT_FAMILY, TITLE_FAMILY
from ebook_pipeline.foundation.record import Record


class PlotTemplate(Record):
    """A plot: what it is about, where it may begin, what it may be about."""

    name: str
    themes: tuple[str, ...]
    settings: tuple[str, ...]
    things: tuple[str, ...]
    tries: tuple[str, ...]


class SpeciesTemplate(Record):
    """An animal and its coats, each with three colours: fur, belly, and a third."""

    name: str
    colours: dict[str, tuple[str, str, str]]


class LayoutTemplate(Record):
    """A way in which a page shares its space between words and picture."""

    name: str
    says: str


class TypefaceTemplate(Record):
    """A typeface that the book is set in; its licence lies beside its file."""

    family: str
    used_for: str
    licence: str = "OFL-1.1"


class PictureBookTemplates(Record):
    """Everything there is, each list in the order in which forms show it."""

    plots: tuple[PlotTemplate, ...]
    species: tuple[SpeciesTemplate, ...]
    garments: tuple[str, ...]
    garment_colours: dict[str, str]
    layouts: tuple[LayoutTemplate, ...]
    typefaces: tuple[TypefaceTemplate, ...]
    trims: tuple[str, ...]
    papers: tuple[str, ...]
    age_groups: tuple[str, ...]
    kinds: tuple[str, ...]
    ebooks: tuple[str, ...]
    pages: tuple[int, ...]

    @property
    def settings(self) -> tuple[str, ...]:
        return tuple(sorted({home for plot in self.plots for home in plot.settings}))

    @property
    def things(self) -> tuple[str, ...]:
        return tuple(sorted({thing for plot in self.plots for thing in plot.things}))


@cache
def templates() -> PictureBookTemplates:
    """All of it."""
    return PictureBookTemplates(
        plots=_plots(),
        species=_species(),
        garments=tuple(garment.value for garment in Garment),
        garment_colours=dict(GARMENT_COLOURS),
        layouts=tuple(LayoutTemplate(name=one.name.lower(), says=one.value) for one in FrameKind),
        typefaces=(
            TypefaceTemplate(family=TEXT_FAMILY, used_for="text"),
            TypefaceTemplate(family=TITLE_FAMILY, used_for="titles"),
        ),
        trims=tuple(trim.value for trim in TrimSize),
        papers=tuple(paper.value for paper in Paper),
        age_groups=tuple(age.value for age in AgeGroup),
        kinds=tuple(kind.value for kind in BookKind),
        ebooks=tuple(layout.value for layout in EbookLayout),
        pages=tuple(PAGES),
    )


def _plots() -> tuple[PlotTemplate, ...]:
    return tuple(
        PlotTemplate(
            name=plot.name,
            themes=plot.themes,
            settings=plot.homes,
            things=plot.things,
            tries=tuple(plot.tries),
        )
        for plot in plots().values()
    )


def _species() -> tuple[SpeciesTemplate, ...]:
    return tuple(
        SpeciesTemplate(
            name=name, colours={colour: tuple(coat) for colour, coat in kind.coats.items()}
        )
        for name, kind in SPECIES.items()
    )
