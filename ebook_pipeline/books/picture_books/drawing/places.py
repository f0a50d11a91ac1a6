"""Where stories happen: a score of places outdoors and indoors, by what stands in them."""

from typing import Literal, NamedTuple

Horizon = Literal["hills", "mountains", "sea", "trees", "roofs", "dunes", "none"]


class Outdoors(NamedTuple):
    """`behind` stands on the horizon, `beside` left and right of the stage, `scattered` around."""

    english: str
    german: str
    horizon: Horizon
    grass: str
    behind: tuple[str, ...]
    beside: tuple[str, ...]
    scattered: tuple[str, ...]
    water: Literal["", "pond", "sea", "river"] = ""
    fenced: bool = False
    path: bool = False
    old_tree: bool = False
    """One great tree with roots to sit between rises beside the stage."""


class Indoors(NamedTuple):
    """`furniture` stands at the wall from left to right, `hung` above it."""

    english: str
    german: str
    wall: str
    pattern: Literal["stripes", "dots", "plain", "stone", "boards"]
    floor: str
    furniture: tuple[str, ...]
    hung: tuple[str, ...]
    rug: str = ""


Place = Outdoors | Indoors

PLACES: dict[str, Place] = {
    "meadow": Outdoors("in the meadow", "auf der Wiese", "hills", "#8fcb6b", ("round", "bush"), ("bush",), ("flower", "flower", "flower", "clover")),
    "forest": Outdoors("in the forest", "im Wald", "trees", "#79b35d", ("pine", "round", "pine", "birch"), ("pine", "round"), ("mushroom", "herb", "flower", "leaf")),
    "garden": Outdoors("in the garden", "im Garten", "hills", "#93cc6a", ("house", "round"), ("sunflower", "berries"), ("tulip", "flower", "hyacinth"), "", True, True),
    "pond": Outdoors("by the pond", "am Teich", "hills", "#86c46c", ("birch", "bush", "round"), ("reeds", "reeds"), ("flower", "flower", "herb"), "pond"),
    "river": Outdoors("by the river", "am Fluss", "trees", "#83c167", ("birch", "round"), ("boulder", "reeds"), ("flower", "rock"), "river"),
    "beach": Outdoors("on the beach", "am Strand", "sea", "#f5dc9f", ("sailboat",), ("palm", "beachumbrella"), ("shell", "starfish", "shell", "rock"), "sea"),
    "harbour": Outdoors("at the harbour", "am Hafen", "sea", "#d9c3a0", ("ship", "sailboat"), ("anchor", "house"), ("fish", "rope", "basket"), "sea"),
    "mountain": Outdoors("on the mountain", "auf dem Berg", "mountains", "#9ac67a", ("pine",), ("boulder", "pine"), ("rock", "flower", "herb")),
    "village": Outdoors("in the village", "im Dorf", "roofs", "#a8cf84", ("house", "round", "house"), ("mailbox", "house"), ("flower", "daisy", "goose"), "", False, True),
    "market": Outdoors("at the market", "auf dem Markt", "roofs", "#e6d3ae", ("house", "fountain", "house"), ("basket", "potplant"), ("apple", "carrot", "corn", "pear")),
    "orchard": Outdoors("in the orchard", "im Obstgarten", "hills", "#97cd68", ("appletree", "appletree"), ("appletree", "ladder"), ("apple", "daisy", "flower")),
    "farm": Outdoors("on the farm", "auf dem Bauernhof", "hills", "#a6cf72", ("barn", "round"), ("rooster", "berries"), ("chick", "corn", "chick"), "", True, True),
    "snow": Outdoors("in the snow", "im Schnee", "mountains", "#f2f8fd", ("snowpine", "snowpine"), ("snowpine", "snowman"), ("rock", "sled")),
    "hill": Outdoors("on the hill", "auf dem Hügel", "hills", "#8cca72", ("round",), ("flower", "bush"), ("flower", "daisy", "clover")),
    "oldtree": Outdoors("under the old tree", "unter dem alten Baum", "hills", "#8cc86c", ("bush", "round"), ("bush",), ("flower", "daisy", "clover"), old_tree=True),
    "playground": Outdoors("at the playground", "auf dem Spielplatz", "trees", "#b5d67f", ("slide", "round", "carousel"), ("bush", "bicycle"), ("ball", "bucket", "flower")),
    "desert": Outdoors("in the dunes", "in den Dünen", "dunes", "#f1cf8d", ("cactus", "cactus"), ("cactus", "boulder"), ("rock", "rock", "turtle")),
    "camp": Outdoors("at the camp", "am Lagerplatz", "trees", "#7fb562", ("tent", "pine", "round"), ("pine", "wood"), ("mushroom", "wood", "flower")),
    "bedroom": Indoors("in the bedroom", "im Schlafzimmer", "#cfe0ef", "dots", "#d8b48c", ("bookcase", "chair"), ("picture", "window"), "#f3b7ae"),
    "kitchen": Indoors("in the kitchen", "in der Küche", "#fbe7b8", "stripes", "#e0b285", ("bookcase", "chair"), ("clock", "window"), "#9ccbb0"),
    "parlour": Indoors("in the living room", "im Wohnzimmer", "#f4d3c2", "stripes", "#b98a63", ("couch", "potplant"), ("picture", "window"), "#88a9cf"),
    "attic": Indoors("in the attic", "auf dem Dachboden", "#e3c9a2", "boards", "#b78d62", ("bookcase", "basket", "globe"), ("window",), ""),
    "cave": Indoors("in the cave", "in der Höhle", "#8d8790", "stone", "#a39a8f", ("boulder", "boulder"), (), ""),
    "classroom": Indoors("at school", "in der Schule", "#d9ead0", "plain", "#d6ae82", ("bookcase", "globe"), ("map", "window"), "#f1c869"),
}  # fmt: skip
