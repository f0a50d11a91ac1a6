"""From a brief to the finished book: story, composition, the pages around it, cover, credits.

Pure and deterministic: the same brief gives the same bytes.
"""

from random import Random

from ebook_pipeline.books.picture_books.brief import BookKind, Brief
from ebook_pipeline.books.picture_books.drawing.colours import PAPER
from ebook_pipeline.books.picture_books.drawing.graph import group
from ebook_pipeline.books.picture_books.drawing.paths import plain, rectangle
from ebook_pipeline.books.picture_books.drawing.svg import colour_svg, line_svg
from ebook_pipeline.books.picture_books.finished_book import (
    CoverArt,
    Credit,
    Page,
    PageKind,
    PictureBook,
    TextBlock,
)
from ebook_pipeline.books.picture_books.layout.alt_text import alt_text
from ebook_pipeline.books.picture_books.layout.frame_pages import FrameMaker
from ebook_pipeline.books.picture_books.layout.frames import MARGIN, FrameKind, frame
from ebook_pipeline.books.picture_books.layout.picture import picture
from ebook_pipeline.books.picture_books.layout.story_pages import (
    compose_page,
    finished,
    frame_kinds,
)
from ebook_pipeline.books.picture_books.story.planner import write_story
from ebook_pipeline.books.picture_books.story.scene import Story, StoryPage
from ebook_pipeline.books.picture_books.text_fitting import TextStyle, balanced, height
from ebook_pipeline.books.picture_books.trim_sizes import Area, bleed_box
from ebook_pipeline.books.picture_books.typefaces import TEXT_FAMILY
from ebook_pipeline.books.picture_books.wording_of_books import said


def make_book(brief: Brief, story: Story | None = None, model: str = "") -> PictureBook:
    """The whole book of a brief; `story` is another's than the planner's, `model` who wrote it."""
    told = story or write_story(brief)
    colouring = brief.kind is BookKind.COLOURING
    inside = colouring_pages(brief, told) if colouring else story_pages(brief, told)
    return assembled(brief, told, inside, model)


def assembled(
    brief: Brief,
    told: Story,
    inside: list[Page],
    model: str = "",
    others: tuple[Credit | None, ...] = (None,),
) -> PictureBook:
    """The book around pages that are drawn already; `others` says whose each picture is."""
    credits = make_credits(brief, model, others)
    maker = FrameMaker(brief, told, credit_lines(brief, credits))
    pages = (maker.title(), maker.credits(), *inside, maker.ending(brief.pages))
    return PictureBook(
        title=told.title,
        subtitle=maker.subtitle,
        author=maker.author,
        language=brief.language,
        kind=brief.kind,
        age_group=brief.age_group,
        trim=brief.trim,
        paper=brief.paper,
        pages=pages,
        cover=CoverArt(
            front=maker.front(),
            back=maker.back(),
            spine_colour=maker.accent,
            spine_ink="#ffffff",
            spine_text=told.title,
        ),
        credits=credits,
        description=told.blurb,
        keywords=told.keywords,
        dedication=brief.dedication,
        series=brief.series,
        volume=brief.volume,
        seed=brief.seed,
    )  # fmt: skip


def story_pages(brief: Brief, story: Story, attempts: dict[int, int] | None = None) -> list[Page]:
    """The pages between credits and ending; `attempts` by page number composes one anew."""
    kinds = frame_kinds(brief, story)
    tried = attempts or {}
    return [
        finished(compose_page(brief, story, index, kind, tried.get(index + 3, 0)), story, brief)
        for index, kind in enumerate(kinds)
    ]


def colouring_pages(
    brief: Brief, story: Story, attempts: dict[int, int] | None = None
) -> list[Page]:
    """A picture on each recto, its sentence on the back of the one before it."""
    tried = attempts or {}
    scenes = [told for told in story.pages if told.scene.actors]
    count = (brief.pages - 2) // 2
    chosen = [scenes[round(index * (len(scenes) - 1) / (count - 1))] for index in range(count)]
    pages: list[Page] = []
    for index, told in enumerate(chosen):
        number = 3 + 2 * index
        pages.append(_colouring(brief, story, told, (number, tried.get(number, 0))))
        if number + 1 < brief.pages:
            following = chosen[index + 1] if index + 1 < count else told
            pages.append(_verse(brief, following, number + 1))
    return pages


def make_credits(
    brief: Brief, model: str = "", others: tuple[Credit | None, ...] = (None,)
) -> tuple[Credit, ...]:
    """Who made what, as the credits page and KDP's form say it; None stands for our drawings."""
    text = (
        said("text_model", brief.language, model=model) if model else said("text", brief.language)
    )
    ours = Credit(part="pictures", maker=said("pictures", brief.language))
    pictures = dict.fromkeys(credit or ours for credit in others)
    return (
        Credit(part="text", maker=text, model=model, ai="generated" if model else "none"),
        *pictures,
    )


def credit_lines(brief: Brief, credits: tuple[Credit, ...]) -> tuple[str, ...]:
    makers = tuple(credit.maker for credit in credits)
    return (*makers, said("props", brief.language), said("faces", brief.language))


def _colouring(brief: Brief, story: Story, told: StoryPage, which: tuple[int, int]) -> Page:
    """The page of this number, at this attempt."""
    number, attempt = which
    cast = story.by_role
    page = bleed_box(brief.trim)
    shaped = frame(FrameKind.BARE, page, (), brief.age_group, verso=False)
    near = told.scene.model_copy(
        update={"shot": "medium" if told.scene.shot == "wide" else "close"}
    )
    made = picture(near, cast, shaped, Random(f"colouring {brief.seed} {number} {attempt}"))
    return Page(
        number=number,
        kind=PageKind.COLOURING,
        colour=colour_svg(made.graph, page),
        line_art=line_svg(made.graph, page),
        alt=alt_text(near, cast, brief.language),
    )


def _verse(brief: Brief, told: StoryPage, number: int) -> Page:
    """The back of a picture: the words of the next one, large, so that nothing shines through."""
    page = bleed_box(brief.trim)
    style = TextStyle(family=TEXT_FAMILY, size=26)
    measure = page.width - 2 * MARGIN - 40
    tall = height(told.paragraphs, style, measure) + 4
    measure = balanced(told.paragraphs, style, measure)
    area = Area(
        x=round((page.width - measure) / 2, 2),
        y=round((page.height - tall) / 2, 2),
        width=round(measure, 2),
        height=round(tall, 2),
    )
    block = TextBlock(
        paragraphs=told.paragraphs,
        area=area,
        size=style.size,
        leading=style.leading,
        family=TEXT_FAMILY,
    )
    paper = group(plain(rectangle(-9, -9, page.width + 18, page.height + 18), PAPER))
    return Page(
        number=number,
        kind=PageKind.BACK,
        blocks=(block,),
        colour=colour_svg(paper, page),
        line_art=line_svg(group(), page),
    )
