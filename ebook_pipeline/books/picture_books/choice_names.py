"""What forms call what a brief may name, in both languages."""

from ebook_pipeline.books.picture_books.brief import Language
from ebook_pipeline.books.picture_books.drawing.places import PLACES
from ebook_pipeline.books.picture_books.drawing.props import props
from ebook_pipeline.books.picture_books.story.cast import GERMAN_SPECIES

_THEMES = {
    "lost": ("Something is lost: looking, asking, sharing", "Etwas ist verloren: suchen, teilen"),
    "brave": ("In the dark: fear and courage", "Im Dunkeln: Angst und Mut"),
    "patience": ("A tree is planted: waiting and growing", "Ein Baum: warten und wachsen"),
    "quarrel": ("A quarrel: anger, saying sorry", "Ein Streit: Wut und Vertragen"),
}
_GERMAN = {
    "jumper": "Pullover", "scarf": "Schal", "dungarees": "Latzhose", "dress": "Kleid",
    "cape": "Umhang", "bow": "Fliege", "hat": "Mütze", "glasses": "Brille", "apron": "Schürze",
    "nothing": "nichts", "blue": "blau", "red": "rot", "yellow": "gelb", "green": "grün",
    "purple": "lila", "orange": "orange", "pink": "rosa", "turquoise": "türkis",
    "honey": "honigfarben", "grey": "grau", "chestnut": "kastanienbraun", "silver": "silbern",
    "white": "weiß", "brown": "braun", "ginger": "rötlich", "black": "schwarz", "tan": "hellbraun",
    "tawny": "gelbbraun", "lime": "hellgrün", "teal": "blaugrün", "night": "nachtblau",
    "golden": "golden", "sand": "sandfarben", "spotted": "gefleckt", "rose": "rosenfarben",
}  # fmt: skip
_ENGLISH = {"bow": "bow tie"}


def name_of(kind: str, value: str, language: Language) -> str:
    """The words for a `value` of a `kind`: theme, species, setting, thing, garment or colour."""
    german = language == "de"
    match kind:
        case "theme" if value in _THEMES:
            return _THEMES[value][german]
        case "species" if german:
            return GERMAN_SPECIES[value][0]
        case "setting":
            place = PLACES[value]
            return place.german if german else place.english
        case "thing":
            prop = props()[value]
            return prop.german if german else prop.english
        case _:
            return _GERMAN.get(value, value) if german else _ENGLISH.get(value, value)
