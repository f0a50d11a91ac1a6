"""Pictures and notes put where they belong among the blocks of the text."""

from collections.abc import Sequence

from ebook_pipeline.books.converting.from_pdf.blocks import Block, Kind
from ebook_pipeline.books.converting.from_pdf.pictures import Shown


def pictures_placed(blocks: Sequence[Block], shown: Sequence[Shown]) -> list[Block]:
    """Pictures where a tag says they are, the others before what begins below their middle."""
    left = _claimed(blocks, shown)
    waiting = sorted(left, key=lambda one: (-one.page, _middle(one)))
    result: list[Block] = []
    for block in blocks:
        while block.kind is not Kind.NOTE and waiting and _before(waiting[-1], block):
            result.append(_block(waiting.pop()))
        result.append(block)
    return [*result, *map(_block, reversed(waiting))]


def notes_placed(blocks: Sequence[Block]) -> list[Block]:
    """Numbered notes behind the block that refers to them."""
    numbered = {block.note: block for block in blocks if block.note >= 0}
    result: list[Block] = []
    for block in blocks:
        if block.note >= 0:
            continue
        result.append(block)
        inner = [*block.content, *(one for cell in block.cells for one in cell.content)]
        result += [numbered.pop(one.note) for one in inner if one.note in numbered]
    return [*result, *numbered.values()]


def _claimed(blocks: Sequence[Block], shown: Sequence[Shown]) -> list[Shown]:
    """Give tagged figures the pictures that stand where their content is; what is left."""
    by_page: dict[int, list[Shown]] = {}
    for one in shown:
        by_page.setdefault(one.page, []).append(one)
    for block in blocks:
        if block.kind is Kind.PICTURE and not block.picture:
            _claim(block, by_page.get(block.page, []))
    return [one for here in by_page.values() for one in here]


def _claim(block: Block, here: list[Shown]) -> None:
    if here:
        best = min(here, key=lambda one: _away(one, block))
        block.picture, block.top = best.name, best.rect[3]
        block.label = block.label or best.label
        here.remove(best)
    elif block.lines:
        block.kind = Kind.PARAGRAPH


def _away(one: Shown, block: Block) -> float:
    """How far the picture is from the figure's content; the highest where it has none."""
    return abs(one.rect[3] - block.top) if block.top else -one.rect[3]


def _before(one: Shown, block: Block) -> bool:
    return block.page > one.page or (block.page == one.page and block.top < _middle(one))


def _middle(one: Shown) -> float:
    return (one.rect[1] + one.rect[3]) / 2


def _block(one: Shown) -> Block:
    return Block(Kind.PICTURE, [], one.page, one.rect[3], picture=one.name, label=one.label)
