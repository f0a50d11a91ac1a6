"""The animals that figures can be: what their heads, ears, tails and coats are like.

Measures are those of `figure`: a standing animal is about 220 high.
"""

from typing import Literal, NamedTuple

Ears = Literal["round", "long", "pointed", "floppy", "tufts", "eyes", "fans", "none"]
Muzzle = Literal["oval", "mask", "beak", "bill", "snout", "trunk", "wide", "small"]
Tail = Literal["bushy", "puff", "long", "curl", "none"]


class Coat(NamedTuple):
    """Fur, belly and muzzle, and a third colour: spines, mane, inside of ears."""

    fur: str
    belly: str
    third: str


class Species(NamedTuple):
    head: tuple[float, float]
    """Half width and half height of the head."""
    ears: Ears
    muzzle: Muzzle
    tail: Tail
    coats: dict[str, Coat]
    """By the name of a colour; the first is the usual one."""
    extra: Literal["", "spines", "mane", "stripes", "patches", "whiskers", "wings", "spots"] = ""
    body: tuple[float, float] = (47, 55)


SPECIES: dict[str, Species] = {
    "hedgehog": Species((62, 54), "round", "oval", "none", {
        "honey": Coat("#f3bd80", "#ffe8cb", "#7a5240"),
        "grey": Coat("#e3cdb4", "#fbf0e0", "#6f6a70"),
        "chestnut": Coat("#e8a46c", "#fbdcb8", "#8d4b34"),
    }, "spines"),
    "fox": Species((64, 52), "pointed", "mask", "bushy", {
        "orange": Coat("#ee8a3f", "#fff3e3", "#7a3b1e"),
        "red": Coat("#d9623b", "#fdeee2", "#6b2f1f"),
        "silver": Coat("#a9b3bd", "#f4f6f8", "#5a646e"),
    }),
    "rabbit": Species((58, 53), "long", "small", "puff", {
        "grey": Coat("#cfc6bd", "#f8f3ec", "#f3b3b0"),
        "white": Coat("#f4efe8", "#ffffff", "#f6bcbc"),
        "brown": Coat("#c79a70", "#f5e2c8", "#eeb0a2"),
    }, "whiskers"),
    "bear": Species((64, 56), "round", "oval", "none", {
        "brown": Coat("#a9714b", "#e8c7a0", "#e8c7a0"),
        "honey": Coat("#d9a05b", "#f8e2b8", "#f8e2b8"),
        "white": Coat("#f1efe9", "#ffffff", "#d9dfe4"),
    }, "", (51, 57)),
    "mouse": Species((56, 50), "fans", "small", "long", {
        "grey": Coat("#b5b2bb", "#ece9ef", "#f2b4b8"),
        "brown": Coat("#c29b7c", "#f1dfca", "#f0aca6"),
        "white": Coat("#f0eef2", "#ffffff", "#f4bcc4"),
    }, "whiskers", (42, 52)),
    "cat": Species((62, 52), "pointed", "small", "long", {
        "ginger": Coat("#f0a458", "#fff0d8", "#d97f35"),
        "grey": Coat("#a8aebb", "#eceff4", "#878d9c"),
        "black": Coat("#5a5560", "#d9d4dc", "#77707e"),
    }, "whiskers"),
    "dog": Species((61, 54), "floppy", "oval", "long", {
        "tan": Coat("#e0b27a", "#fbeed6", "#a9713f"),
        "brown": Coat("#b07b52", "#f0d8b8", "#6f462e"),
        "white": Coat("#f5f0e6", "#ffffff", "#c49a6c"),
    }),
    "owl": Species((62, 56), "tufts", "beak", "none", {
        "brown": Coat("#a87f5d", "#f2deb9", "#7c5a40"),
        "grey": Coat("#9aa0ab", "#e9ebee", "#727985"),
        "tawny": Coat("#cf9556", "#fbe6bd", "#9a6530"),
    }, "wings", (52, 58)),
    "frog": Species((66, 46), "eyes", "wide", "none", {
        "green": Coat("#86c05a", "#e5f2bb", "#5f9a3f"),
        "lime": Coat("#b2cf4f", "#f2f5c4", "#86a331"),
        "teal": Coat("#5fb7a0", "#d8f1e4", "#3f8f7c"),
    }, "spots"),
    "badger": Species((61, 54), "round", "oval", "none", {
        "grey": Coat("#8f939c", "#f6f4ef", "#4a4a52"),
        "brown": Coat("#a2917f", "#faf5ea", "#5a463a"),
        "silver": Coat("#b9bfc8", "#ffffff", "#565c66"),
    }, "stripes", (50, 56)),
    "squirrel": Species((57, 50), "tufts", "small", "bushy", {
        "red": Coat("#d4733f", "#ffeeda", "#a44f28"),
        "grey": Coat("#a5a9ae", "#f2f2f0", "#7d8288"),
        "brown": Coat("#a3714e", "#f3dfc6", "#774c33"),
    }, "", (42, 52)),
    "penguin": Species((58, 52), "none", "beak", "none", {
        "blue": Coat("#4d6a92", "#ffffff", "#f5ad42"),
        "grey": Coat("#7b8794", "#fbfbf6", "#f5ad42"),
        "night": Coat("#4a4e63", "#ffffff", "#f2a03a"),
    }, "wings", (50, 58)),
    "elephant": Species((61, 54), "fans", "trunk", "none", {
        "grey": Coat("#a9b4c2", "#d3dbe4", "#e8b9bd"),
        "blue": Coat("#8fb2d4", "#cfe0ef", "#efbcc4"),
        "pink": Coat("#e0adb8", "#f5d8de", "#c98a9a"),
    }, "", (53, 57)),
    "lion": Species((59, 53), "round", "oval", "long", {
        "golden": Coat("#f0bd62", "#fdebc4", "#b9692f"),
        "sand": Coat("#e6cb98", "#fbf1da", "#a57845"),
        "red": Coat("#e2975a", "#fbe0c2", "#8d4226"),
    }, "mane"),
    "duck": Species((58, 52), "none", "bill", "none", {
        "yellow": Coat("#f8d65c", "#fff3bf", "#f0913a"),
        "white": Coat("#f7f4ee", "#ffffff", "#f0a03a"),
        "brown": Coat("#b58d68", "#eddcc4", "#e3953c"),
    }, "wings", (50, 55)),
    "pig": Species((62, 54), "floppy", "snout", "curl", {
        "pink": Coat("#f5b5b5", "#fcdcd8", "#ea9297"),
        "spotted": Coat("#eec3b0", "#fae6da", "#c98f78"),
        "rose": Coat("#eb9fa9", "#f9d3d6", "#d97887"),
    }, "", (52, 56)),
    "panda": Species((65, 56), "round", "small", "none", {
        "black": Coat("#fbf9f4", "#ffffff", "#4c4a52"),
        "brown": Coat("#fbf5e8", "#ffffff", "#7d5a45"),
        "blue": Coat("#f6f8fb", "#ffffff", "#4d5f80"),
    }, "patches", (51, 56)),
}  # fmt: skip
