"""A character drawn: looks that never change, and a pose, a mood and a gaze that do.

Local coordinates: the ground between the feet is 0, 0; a standing figure is about 220 high.
"""

from typing import NamedTuple

from ebook_pipeline.books.picture_books.drawing import bodies, clothes, heads
from ebook_pipeline.books.picture_books.drawing.face import EXPRESSIONS, face
from ebook_pipeline.books.picture_books.drawing.graph import (
    Group,
    Node,
    Point,
    chain,
    group,
    move,
    turn,
)
from ebook_pipeline.books.picture_books.drawing.looks import STANCES, Looks, Mood, Pose

HEIGHT = 232.0
"""From the ground to the top of a round head; ears and hats come on top."""
HALF_WIDTH = 96.0
"""What is left free on each side for arms and tail."""
HEAD_Y = -152.0
_NECK = -104.0


class Acting(NamedTuple):
    """What a character does on one picture; `gaze` is -1 to 1 in x and y; `holding` is drawn."""

    mood: Mood
    pose: Pose = Pose.STAND
    gaze: Point = (0.0, 0.0)
    holding: Group | None = None


def figure(looks: Looks, acting: Acting) -> Group:
    """The whole animal; what it holds is in its right hand on the page, before the hand."""
    stance = STANCES[acting.pose]
    sitting = stance.legs == "sitting"
    left, _ = bodies.arm(looks, -1, stance.left)
    right, hand = bodies.arm(looks, 1, stance.right)
    body: list[Node] = [
        clothes.back_of(looks),
        bodies.behind(looks),
        *([] if sitting else [bodies.legs(looks, stance)]),
        bodies.trunk(looks),
        clothes.on_body(looks),
        *([bodies.legs(looks, stance)] if sitting else []),
    ]
    head = _head(looks, acting)
    arms: list[Node] = [left, right, *_held(acting.holding, hand)]
    neck = clothes.at_neck(looks)
    # Hands at the chin and what is held come before the head; other arms lie behind it.
    over = acting.pose in (Pose.THINK, Pose.HIDE)
    front = [neck, head, *arms] if over else [left, right, neck, head, *arms[2:]]
    sink = 16.0 if sitting else -stance.rise
    return group(group(*body, *front, at=chain(move(0, sink), turn(stance.lean))), label="figure")


def _held(holding: Group | None, hand: Point) -> list[Node]:
    return [] if holding is None else [group(holding, at=move(hand[0] + 8, hand[1] - 4))]


def _head(looks: Looks, acting: Acting) -> Group:
    look = EXPRESSIONS[acting.mood]
    x, y = acting.gaze
    shift = move(x * 11, y * 8)
    features = [heads.muzzle(looks), face(acting.mood, heads.face_plan(looks))]
    if looks.kind.muzzle == "trunk":  # the mouth is behind it
        features.reverse()
    nodes = (
        heads.behind(looks, look.ears),
        heads.skull(looks),
        group(*features, at=shift),
        clothes.on_head(looks),
    )
    tilt = look.tilt + x * 3
    return group(*nodes, at=chain(turn(tilt, 0, _NECK), move(0, HEAD_Y)), label="head")
