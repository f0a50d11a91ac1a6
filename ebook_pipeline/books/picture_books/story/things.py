"""What stories are about: things with an adjective, in both languages."""

from ebook_pipeline.books.picture_books.drawing.props import props
from ebook_pipeline.books.picture_books.story.german import Gender, Noun

_ADJECTIVES = {
    "teddy": ("old", "alt"), "ball": ("blue and white", "bunt"), "bell": ("golden", "golden"),
    "key": ("golden", "golden"), "lantern": ("little", "klein"), "drum": ("red", "rot"),
    "kite": ("bright", "bunt"), "compass": ("shiny", "blank"), "trumpet": ("shiny", "blank"),
    "book": ("thick", "dick"),
    "torch": ("little", "klein"), "candle": ("little", "klein"),
    "acorn": ("little", "klein"), "chestnut": ("shiny", "blank"),
    "cake": ("big", "groß"), "bouquet": ("fine", "schön"),
}  # fmt: skip
_GENDERS: dict[str, Gender] = {"m": "m", "f": "f", "n": "n", "p": "p"}


def german(thing: str, *, described: bool = False) -> Noun:
    prop = props()[thing]
    adjective = _ADJECTIVES.get(thing, ("", ""))[1] if described else ""
    return Noun(prop.german, _GENDERS[prop.gender], adjective=adjective)


def english(thing: str, *, described: bool = False) -> str:
    noun = props()[thing].english
    adjective = _ADJECTIVES.get(thing, ("", ""))[0] if described else ""
    return f"{adjective} {noun}".strip()


def with_article(words: str) -> str:
    """``an old teddy``: by the first letter, which is right for all words here."""
    return f"{'an' if words[0].lower() in 'aeiou' else 'a'} {words}"
