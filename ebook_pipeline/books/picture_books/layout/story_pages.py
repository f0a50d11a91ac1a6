"""The pages of a story: a frame for each, no two spreads alike, its picture in both forms."""

from random import Random
from typing import NamedTuple

from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.picture_books.drawing.colours import INK, contrast
from ebook_pipeline.books.picture_books.drawing.light import Weather
from ebook_pipeline.books.picture_books.drawing.places import PLACES, Indoors
from ebook_pipeline.books.picture_books.drawing.svg import colour_svg, line_svg
from ebook_pipeline.books.picture_books.finished_book import Page, PageKind, TextBlock
from ebook_pipeline.books.picture_books.layout.alt_text import alt_text
from ebook_pipeline.books.picture_books.layout.frames import Frame, FrameKind, frame
from ebook_pipeline.books.picture_books.layout.picture import Picture, picture
from ebook_pipeline.books.picture_books.story.scene import Scene, Story, StoryPage
from ebook_pipeline.books.picture_books.trim_sizes import Area, bleed_box

FIRST = 3
"""Title and credits come before the opening page."""
_DEEP = "#fffaf0"


class Composition(NamedTuple):
    """How a page was put together, for proofs: the finished page holds less."""

    number: int
    frame: Frame
    picture: Picture
    scene: Scene
    paragraphs: tuple[str, ...]


def compose(brief: Brief, story: Story) -> list[Composition]:
    """Every story page composed, each by a seed of its own: one made again changes no other."""
    kinds = frame_kinds(brief, story)
    return [compose_page(brief, story, index, kind) for index, kind in enumerate(kinds)]


def compose_page(
    brief: Brief, story: Story, index: int, kind: FrameKind, attempt: int = 0
) -> Composition:
    """One page; another `attempt` composes the same scene anew."""
    told = story.pages[index]
    number = FIRST + index
    random = Random(f"page {brief.seed} {number} {attempt}")
    cast = story.by_role
    page = bleed_box(brief.trim)
    shaped = frame(kind, page, told.paragraphs, brief.age_group, verso=number % 2 == 0)
    made = picture(told.scene, cast, shaped, random)
    return Composition(number, shaped, made, told.scene, told.paragraphs)


def finished(composition: Composition, story: Story, brief: Brief) -> Page:
    """The page as print and EPUB take it."""
    page = bleed_box(brief.trim)
    cast = story.by_role
    return Page(
        number=composition.number,
        kind=PageKind.STORY,
        blocks=(words(composition.paragraphs, composition.frame, composition.picture.ground),),
        colour=colour_svg(composition.picture.graph, page),
        line_art=line_svg(composition.picture.graph, page),
        alt=alt_text(composition.scene, cast, brief.language),
    )


def words(paragraphs: tuple[str, ...], shaped: Frame, ground: str) -> TextBlock:
    """The words of a page in an ink that is read on what they lie on."""
    ink = INK if contrast(INK, ground) >= contrast(_DEEP, ground) else _DEEP
    return TextBlock(
        paragraphs=paragraphs,
        area=_exact(shaped.words),
        size=shaped.style.size,
        leading=shaped.style.leading,
        family=shaped.style.family,
        ink=ink,
        align="left" if shaped.kind is FrameKind.COLUMN else "center",
    )


def _exact(area: Area) -> Area:
    return Area(
        x=round(area.x, 2),
        y=round(area.y, 2),
        width=round(area.width, 2),
        height=round(area.height, 2),
    )


def frame_kinds(brief: Brief, story: Story) -> list[FrameKind]:
    """A frame for each page; neighbours differ, and a pair comes again only after three spreads."""
    random = Random(f"frames {brief.seed}")
    kinds: list[FrameKind] = []
    pairs: list[tuple[FrameKind, ...]] = []
    for index, told in enumerate(story.pages):
        allowed = _allowed(told, brief)
        verso = (FIRST + index) % 2 == 0
        fresh = [kind for kind in allowed if kind not in kinds[-1:]]
        if not verso:
            fresh = [kind for kind in fresh if (*kinds[-1:], kind) not in pairs[-4:]] or fresh
        kind = random.choice(fresh or allowed)
        if not verso:
            pairs.append((*kinds[-1:], kind))
        kinds.append(kind)
    return kinds


def _allowed(told: StoryPage, brief: Brief) -> list[FrameKind]:
    scene = told.scene
    short = sum(map(len, told.paragraphs)) < 130
    place = PLACES[scene.place]
    inside = isinstance(place, Indoors)
    kinds = [FrameKind.BAND, FrameKind.TOP_BAND]
    if (
        not isinstance(place, Indoors)
        and not place.old_tree
        and scene.weather in (Weather.CLEAR, Weather.CLOUDY, Weather.WIND)
        and scene.shot != "close"
    ):
        kinds += [FrameKind.SKY, FrameKind.SKY]
    if scene.shot != "wide":
        kinds += [FrameKind.VIGNETTE, FrameKind.VIGNETTE_LOW]
    if inside:
        kinds.append(FrameKind.CARD)
    roomy = brief.trim.width >= brief.trim.height
    if (
        scene.shot == "close"
        and len(scene.actors) == 1
        and roomy
        and (short or brief.trim.width > 580)
    ):
        kinds.append(FrameKind.COLUMN)
    return kinds
