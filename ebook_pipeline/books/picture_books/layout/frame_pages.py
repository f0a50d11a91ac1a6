"""Pages around a story: title, credits, ending, front and back cover."""

from random import Random

from ebook_pipeline.books.picture_books.brief import BookKind, Brief
from ebook_pipeline.books.picture_books.drawing import props
from ebook_pipeline.books.picture_books.drawing.colours import INK, PAPER, contrast, darker
from ebook_pipeline.books.picture_books.drawing.graph import Group, group, move
from ebook_pipeline.books.picture_books.drawing.light import Time, Weather
from ebook_pipeline.books.picture_books.drawing.looks import Mood, Pose
from ebook_pipeline.books.picture_books.drawing.paths import area, plain, rectangle
from ebook_pipeline.books.picture_books.drawing.svg import colour_svg, line_svg
from ebook_pipeline.books.picture_books.finished_book import Page, PageKind, TextBlock
from ebook_pipeline.books.picture_books.layout.alt_text import alt_text, thing_in_words
from ebook_pipeline.books.picture_books.layout.frames import (
    MARGIN,
    Frame,
    FrameKind,
    frame,
    round_picture,
)
from ebook_pipeline.books.picture_books.layout.picture import Picture, picture
from ebook_pipeline.books.picture_books.story.scene import Actor, Scene, Story
from ebook_pipeline.books.picture_books.text_fitting import (
    TextStyle,
    balanced,
    height,
    lines,
    widest,
)
from ebook_pipeline.books.picture_books.trim_sizes import Area, bleed_box
from ebook_pipeline.books.picture_books.typefaces import TEXT_FAMILY, TITLE_FAMILY
from ebook_pipeline.books.picture_books.wording_of_books import dedicated, in_series, said

BARCODE = (2 * 72.0, 1.2 * 72.0)
"""Width and height that KDP prints the barcode on, lower right of the back cover."""


class FrameMaker:
    """Makes the pages around one story."""

    def __init__(self, brief: Brief, story: Story, credits: tuple[str, ...]) -> None:
        self._brief, self._story, self._credits = brief, story, credits
        self._page = bleed_box(brief.trim)
        self._cast = story.by_role
        self._home = story.pages[0].scene.place
        self.accent = darker(story.cast[0].looks.cloth, 0.28)

    def title(self) -> Page:
        """The title above the hero in a round picture."""
        title = self._title(self._page.width - 2 * MARGIN, 0.24, 54)
        author = self._line(said("by", self._brief.language, author=self.author), 17)
        top = MARGIN + 6
        blocks = [self._block((self._story.title,), title, top, self.accent)]
        y = blocks[0].area.bottom + 4
        under = self._under_title()
        blocks.append(self._block(under, self._shortest(under, 15), y, INK))
        y = blocks[-1].area.bottom
        foot = self._page.height - MARGIN - author.leading - 2
        blocks.append(
            self._block((said("by", self._brief.language, author=self.author),), author, foot, INK)
        )
        words = Area(x=MARGIN, y=MARGIN, width=self._page.width - 2 * MARGIN, height=y - MARGIN)
        opening = self._frame(FrameKind.VIGNETTE_LOW, words, foot)
        scene = self._scene(Pose.WAVE, Mood.HAPPY, ("hero",), "close")
        return self._paged(1, PageKind.TITLE, scene, opening, tuple(blocks))

    def credits(self) -> Page:
        """Dedication, who made what, and a small thing of the story."""
        language = self._brief.language
        style = TextStyle(family=TEXT_FAMILY, size=12.5)
        page = self._page
        blocks = []
        if self._brief.dedication:
            dedication = dedicated(self._brief.dedication, language)
            words = self._line(dedication, 20)
            blocks.append(self._block((dedication,), words, page.height * 0.2, self.accent))
        paragraphs = (self._story.title, said("by", language, author=self.author), *self._credits)
        tall = height(paragraphs, style, page.width - 2 * MARGIN) + 4
        blocks.append(self._block(paragraphs, style, page.height - MARGIN - tall, INK))
        thing = props.standing(self._story.thing, 120)
        graph = group(self._paper(), group(thing, at=move(page.width / 2, page.height * 0.5)))
        alt = thing_in_words(self._story.thing, language)
        return self._page_of(2, PageKind.CREDITS, graph, tuple(blocks), alt)

    def ending(self, number: int) -> Page:
        """The end, everybody together, and what to talk about."""
        language = self._brief.language
        colouring = self._brief.kind is BookKind.COLOURING
        end = said("end_colouring" if colouring else "end", language)
        style = self._line(end, 40, TITLE_FAMILY)
        blocks = [self._block((end,), style, MARGIN, self.accent)]
        questions = () if colouring else (said("talk", language), *self._story.questions)
        text = TextStyle(family=TEXT_FAMILY, size=15)
        tall = height(questions, text, self._page.width - 2 * MARGIN) + 4 if questions else 30
        foot = self._page.height - MARGIN - tall
        if questions:
            blocks.append(self._block(questions, text, foot, INK))
        words = blocks[0].area
        opening = self._frame(FrameKind.VIGNETTE_LOW, words, foot)
        scene = self._scene(Pose.CHEER, Mood.PROUD, tuple(self._cast), "medium")
        return self._paged(number, PageKind.ENDING, scene, opening, tuple(blocks))

    def front(self) -> Page:
        """The front cover: the hero with what the story is about, the title in the sky."""
        page = self._page
        title = self._title(page.width - 2 * MARGIN, 0.30, 66)
        blocks = [self._block((self._story.title,), title, MARGIN + 4, self._cover_ink())]
        under = self._under_title()
        y = blocks[0].area.bottom + 2
        blocks.append(self._block(under, self._shortest(under, 16), y, self._cover_ink()))
        words = Area(
            x=MARGIN, y=MARGIN, width=page.width - 2 * MARGIN, height=blocks[1].area.bottom - MARGIN
        )
        by = self.author
        foot = page.height - MARGIN - 26
        style = self._line(by, 20, TITLE_FAMILY)
        opening = self._open(words, page.height - foot + 8)
        scene = self._scene(Pose.HOLD, Mood.HAPPY, ("friend", "hero"), "close", holding=True)
        made = picture(scene, self._cast, opening, self._random("front"))
        band = plain(rectangle(-9, foot - 14, page.width + 18, page.height), self.accent)
        blocks.append(self._block((by,), style, foot - 2, "#ffffff"))
        alt = alt_text(scene, self._cast, self._brief.language)
        return self._page_of(1, PageKind.TITLE, group(made.graph, band), tuple(blocks), alt)

    def back(self) -> Page:
        """The back cover: the blurb on a card, hero and helper at home, room for the barcode."""
        page = self._page
        room = page.height - 2 * MARGIN - BARCODE[1] - 130
        measure = page.width - 2 * MARGIN - 24
        style = TextStyle(family=TEXT_FAMILY, size=19)
        while style.size > 10 and height((self._story.blurb,), style, measure) > room:
            style = TextStyle(family=TEXT_FAMILY, size=style.size - 0.5)
        tall = height((self._story.blurb,), style, measure) + 4
        box = Area(x=MARGIN - 8, y=MARGIN, width=page.width - 2 * MARGIN + 16, height=tall + 40)
        card = area(rectangle(box.x, box.y, box.width, box.height, 22), PAPER)
        block = self._block((self._story.blurb,), style, box.y + 20, INK, measure)
        under = box.bottom + 10
        width = page.width - 2 * MARGIN - BARCODE[0] - 10
        left = Area(x=MARGIN, y=under, width=width, height=page.height - MARGIN - under)
        actors = (Actor(role="hero", pose=Pose.WAVE), Actor(role="helper", pose=Pose.CHEER))
        waving = Scene(place=self._home, actors=actors, shot="close")
        shaped = Frame(FrameKind.CARD, page, left, box, style, group(card))
        made = picture(waving, self._cast, shaped, self._random("back"))
        return self._page_of(2, PageKind.BACK, made.graph, (block,), "")

    @property
    def author(self) -> str:
        return self._brief.author or said("by_nobody", self._brief.language)

    @property
    def subtitle(self) -> str:
        if self._brief.kind is BookKind.COLOURING:
            return said("colouring", self._brief.language)
        return self._story.subtitle

    def _under_title(self) -> tuple[str, ...]:
        """The subtitle, and the series."""
        brief = self._brief
        series = in_series(brief.series, brief.volume, brief.language)
        return (self.subtitle, series) if series else (self.subtitle,)

    def _shortest(self, texts: tuple[str, ...], largest: float) -> TextStyle:
        """The largest size at which each of `texts` is one line."""
        return min((self._line(text, largest) for text in texts), key=lambda style: style.size)

    def _title(self, measure: float, most: float, largest: float) -> TextStyle:
        """The largest size at which the title takes three lines at most and no word is broken."""
        size = largest
        while size > 18:
            style = TextStyle(family=TITLE_FAMILY, size=size, bold=True)
            broken = lines(self._story.title, style, measure)
            fits = widest((self._story.title,), style, measure) <= measure and len(broken) <= 3
            if fits and len(broken) * style.leading <= most * self._page.height:
                return style
            size -= 1
        return TextStyle(family=TITLE_FAMILY, size=size, bold=True)

    def _line(self, text: str, largest: float, family: str = TEXT_FAMILY) -> TextStyle:
        """The largest size at which `text` is one line."""
        measure = self._page.width - 2 * MARGIN
        size = largest
        while size > 9 and widest((text,), TextStyle(family=family, size=size), 1e9) > measure:
            size -= 0.5
        return TextStyle(family=family, size=size, bold=family == TITLE_FAMILY)

    def _block(
        self,
        paragraphs: tuple[str, ...],
        style: TextStyle,
        y: float,
        ink: str,
        measure: float = 0,
    ) -> TextBlock:
        width = measure or self._page.width - 2 * MARGIN
        leading = style.leading if style.family == TEXT_FAMILY else round(style.size * 1.15, 2)
        count = height(paragraphs, style, width) / style.leading
        width = balanced(paragraphs, style, width)
        x = (self._page.width - width) / 2
        tall = round(count * leading + 2, 2)
        return TextBlock(
            paragraphs=paragraphs,
            area=Area(x=round(x, 2), y=round(y, 2), width=round(width, 2), height=tall),
            size=style.size,
            leading=leading,
            family=style.family,
            bold=style.bold,
            ink=ink,
        )

    def _scene(
        self, pose: Pose, mood: Mood, roles: tuple[str, ...], shot: str, *, holding: bool = False
    ) -> Scene:
        actors = tuple(
            Actor(
                role=role,
                mood=mood,
                pose=pose if role == "hero" else Pose.WAVE,
                holding=self._story.thing if holding and role == "hero" else "",
            )
            for role in roles
        )
        near = "close" if shot == "close" else "medium"
        return Scene(
            place=self._home, time=Time.DAY, weather=Weather.CLEAR, actors=actors, shot=near
        )

    def _frame(self, kind: FrameKind, words: Area, foot: float) -> Frame:
        """A round picture between the words above and those below."""
        y = words.bottom + 14
        opening = Area(x=40, y=y, width=self._page.width - 80, height=foot - 16 - y)
        return round_picture(
            kind, self._page, opening, words, TextStyle(family=TEXT_FAMILY, size=12)
        )

    def _open(self, words: Area, below: float) -> Frame:
        blank = frame(FrameKind.BARE, self._page, (), self._brief.age_group, verso=False)
        top = words.bottom + 8
        stage_area = Area(
            x=blank.stage.x,
            y=top,
            width=blank.stage.width,
            height=self._page.height - below - 20 - top,
        )
        return blank._replace(kind=FrameKind.SKY, stage=stage_area, words=words)

    def _cover_ink(self) -> str:
        sky = "#bfe5f8"
        return self.accent if contrast(self.accent, sky) >= 4.5 else darker(self.accent, 0.45)

    def _paper(self) -> Group:
        return group(plain(rectangle(-9, -9, self._page.width + 18, self._page.height + 18), PAPER))

    def _random(self, name: str) -> Random:
        return Random(f"{name} {self._brief.seed}")

    def _paged(
        self,
        number: int,
        kind: PageKind,
        scene: Scene,
        shaped: Frame,
        blocks: tuple[TextBlock, ...],
    ) -> Page:
        made: Picture = picture(scene, self._cast, shaped, self._random(kind.value))
        alt = alt_text(scene, self._cast, self._brief.language)
        return self._page_of(number, kind, made.graph, blocks, alt)

    def _page_of(
        self, number: int, kind: PageKind, graph: Group, blocks: tuple[TextBlock, ...], alt: str
    ) -> Page:
        return Page(
            number=number,
            kind=kind,
            blocks=blocks,
            colour=colour_svg(graph, self._page),
            line_art=line_svg(graph, self._page),
            alt=alt,
        )
