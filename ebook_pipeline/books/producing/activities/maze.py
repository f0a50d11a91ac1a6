"""Mazes with exactly one way from the upper left to the lower right."""

from collections import deque
from dataclasses import dataclass
from random import Random

from ebook_pipeline.books.picture_books.trim_sizes import Area
from ebook_pipeline.books.producing.activities.drawing import Point, line

Cell = tuple[int, int]
Passage = tuple[Cell, Cell]
"""Two cells side by side without a wall between, the smaller first."""

_STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))
_WALL = 2.2
"""Points."""


@dataclass(frozen=True)
class Maze:
    """Cells are (column, row); in at the upper left, out at the lower right."""

    columns: int
    rows: int
    passages: frozenset[Passage]

    def open_between(self, first: Cell, second: Cell) -> bool:
        return (min(first, second), max(first, second)) in self.passages

    @property
    def goal(self) -> Cell:
        return self.columns - 1, self.rows - 1


def make_maze(seed: int, columns: int, rows: int) -> Maze:
    """Walk at random into cells that were not seen, back where there is none: a tree of ways."""
    random = Random(f"maze {seed} {columns} {rows}")  # noqa: S311
    seen: set[Cell] = {(0, 0)}
    way: list[Cell] = [(0, 0)]
    passages: set[Passage] = set()
    while way:
        here = way[-1]
        fresh = [cell for cell in _beside(here, columns, rows) if cell not in seen]
        if not fresh:
            way.pop()
            continue
        there = random.choice(fresh)
        passages.add((min(here, there), max(here, there)))
        seen.add(there)
        way.append(there)
    return Maze(columns, rows, frozenset(passages))


def solve_maze(maze: Maze) -> tuple[Cell, ...]:
    """The shortest way through, by breadth first; empty where there is none."""
    before: dict[Cell, Cell] = {}
    waiting = deque([(0, 0)])
    while waiting:
        here = waiting.popleft()
        for there in _beside(here, maze.columns, maze.rows):
            if there not in before and there != (0, 0) and maze.open_between(here, there):
                before[there] = here
                waiting.append(there)
    return _way_to(maze.goal, before)


def draw_maze(maze: Maze, area: Area, way: tuple[Cell, ...] = ()) -> list[str]:
    """The walls, and the way where it is given."""
    side = min(area.width / maze.columns, area.height / maze.rows)
    left = area.x + (area.width - side * maze.columns) / 2
    parts = [line(wall, _WALL) for wall in _walls(maze, left, area.y, side)]
    middles = [(left + (x + 0.5) * side, area.y + (y + 0.5) * side) for x, y in way]
    return [*parts, line(middles, side / 4, "#999999")] if way else parts


def _way_to(goal: Cell, before: dict[Cell, Cell]) -> tuple[Cell, ...]:
    if goal not in before:
        return ()
    way = [goal]
    while way[-1] != (0, 0):
        way.append(before[way[-1]])
    return tuple(reversed(way))


def _beside(cell: Cell, columns: int, rows: int) -> list[Cell]:
    around = [(cell[0] + dx, cell[1] + dy) for dx, dy in _STEPS]
    return [(x, y) for x, y in around if 0 <= x < columns and 0 <= y < rows]


def _walls(maze: Maze, left: float, top: float, side: float) -> list[list[Point]]:
    """Walls at the left and above of each cell, and the outer ones; in and out are open."""
    right, bottom = left + side * maze.columns, top + side * maze.rows
    walls: list[list[Point]] = [
        [(left, top + side), (left, bottom), (right, bottom)],
        [(left, top), (right, top), (right, bottom - side)],
    ]
    for x in range(maze.columns):
        for y in range(maze.rows):
            cx, cy = left + x * side, top + y * side
            if x and not maze.open_between((x - 1, y), (x, y)):
                walls.append([(cx, cy), (cx, cy + side)])
            if y and not maze.open_between((x, y - 1), (x, y)):
                walls.append([(cx, cy), (cx + side, cy)])
    return walls
