"""What a character is and wears, the same on every page; and how it stands and feels on one."""

from enum import StrEnum
from typing import Literal, NamedTuple

from ebook_pipeline.books.picture_books.drawing.species import SPECIES, Coat, Species
from ebook_pipeline.foundation.record import Record


class Garment(StrEnum):
    SCARF = "scarf"
    JUMPER = "jumper"
    DUNGAREES = "dungarees"
    DRESS = "dress"
    CAPE = "cape"
    BOW = "bow"
    HAT = "hat"
    GLASSES = "glasses"
    APRON = "apron"
    NOTHING = "nothing"


GARMENT_COLOURS = {
    "blue": "#3f7cc4",
    "red": "#d9473f",
    "yellow": "#f4c342",
    "green": "#4f9d5b",
    "purple": "#8a63b5",
    "orange": "#ef8a3c",
    "pink": "#ec86a6",
    "turquoise": "#3aa9a5",
}


class Looks(Record):
    """A character sheet in four words; `colour` is a coat of the species."""

    species: str
    colour: str
    garment: Garment
    garment_colour: str

    @property
    def kind(self) -> Species:
        return SPECIES[self.species]

    @property
    def coat(self) -> Coat:
        return self.kind.coats[self.colour]

    @property
    def cloth(self) -> str:
        return GARMENT_COLOURS[self.garment_colour]


class Mood(StrEnum):
    HAPPY = "happy"
    PROUD = "proud"
    SAD = "sad"
    SCARED = "scared"
    CROSS = "cross"
    SURPRISED = "surprised"
    SLEEPY = "sleepy"
    CURIOUS = "curious"
    THOUGHTFUL = "thoughtful"
    SHY = "shy"
    DETERMINED = "determined"


class Pose(StrEnum):
    STAND = "stand"
    WAVE = "wave"
    CHEER = "cheer"
    WALK = "walk"
    RUN = "run"
    JUMP = "jump"
    SIT = "sit"
    CRADLE = "cradle"
    SLEEP = "sleep"
    HOLD = "hold"
    SHOW = "show"
    POINT = "point"
    THINK = "think"
    HUG = "hug"
    HIDE = "hide"
    REACH = "reach"


class Arm(NamedTuple):
    """`lift` in degrees: 0 hangs, 90 points outwards, 180 up; `bend` bows the arm outwards."""

    lift: float
    bend: float = 8


class Stance(NamedTuple):
    """What a pose is: arms (left on the page first), lean and legs."""

    left: Arm
    right: Arm
    lean: float = 0
    stride: float = 0
    legs: Literal["standing", "sitting", "flying"] = "standing"
    rise: float = 0


STANCES = {
    Pose.STAND: Stance(Arm(22), Arm(22)),
    Pose.WAVE: Stance(Arm(24), Arm(128, -10), 2),
    Pose.CHEER: Stance(Arm(132, -10), Arm(132, -10)),
    Pose.WALK: Stance(Arm(48), Arm(12), 4, 16),
    Pose.RUN: Stance(Arm(80), Arm(40, 16), 11, 30, "flying", 12),
    Pose.JUMP: Stance(Arm(128, -8), Arm(128, -8), 0, 12, "flying", 34),
    Pose.SIT: Stance(Arm(26), Arm(26), 0, 0, "sitting"),
    Pose.CRADLE: Stance(Arm(-24, 30), Arm(60, 14), 0, 0, "sitting"),
    Pose.SLEEP: Stance(Arm(30), Arm(18), 0, 0, "sitting"),
    Pose.HOLD: Stance(Arm(24), Arm(74, 14)),
    Pose.SHOW: Stance(Arm(24), Arm(112, 4), -2),
    Pose.POINT: Stance(Arm(20), Arm(98, 0), 3),
    Pose.THINK: Stance(Arm(20), Arm(-34, 34), -2),
    Pose.HUG: Stance(Arm(70, 22), Arm(70, 22), 7),
    Pose.HIDE: Stance(Arm(-28, 34), Arm(-28, 34), 0, 0, "sitting"),
    Pose.REACH: Stance(Arm(18), Arm(140, -8), 5),
}
