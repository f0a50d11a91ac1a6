"""What hangs together in a picture of yes and no, by the runs of its rows."""

import numpy as np
import numpy.typing as npt

Run = tuple[int, int, int]
"""Start and end in a row, and the label of what it is part of."""
Corners = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def connected_boxes(mask: npt.NDArray[np.bool_]) -> list[Corners]:
    """The bounding boxes of what hangs together in `mask`, in no order."""
    parents: list[int] = []
    boxes: list[list[int]] = []
    above: list[Run] = []
    for y, row in enumerate(mask):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(np.int8), [0]))))
        here: list[Run] = []
        for left, right in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            touching = {
                _root(parents, label) for start, end, label in above if start < right and end > left
            }
            label = min(touching, default=len(parents))
            if not touching:
                parents.append(label)
                boxes.append([left, y, right, y + 1])
            for other in touching - {label}:
                parents[other] = label
                boxes[label] = _around(boxes[label], boxes[other])
            boxes[label] = _around(boxes[label], [left, y, right, y + 1])
            here.append((left, right, label))
        above = here
    return [
        (box[0], box[1], box[2], box[3])
        for label, box in enumerate(boxes)
        if parents[label] == label
    ]


def _root(parents: list[int], label: int) -> int:
    while parents[label] != label:
        parents[label] = parents[parents[label]]
        label = parents[label]
    return label


def _around(box: list[int], other: list[int]) -> list[int]:
    return [
        min(box[0], other[0]),
        min(box[1], other[1]),
        max(box[2], other[2]),
        max(box[3], other[3]),
    ]
