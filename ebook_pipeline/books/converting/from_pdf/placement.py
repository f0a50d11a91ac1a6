"""Pictures and notes put where they belong among the blocks of the text."""

from collections.abc import Sequence

from ebook_pipeline.books.converting.from_pdf.blocks import Block, BlockKind
from ebook_pipeline.books.converting.from_pdf.pictures import PlacedPicture


def place_pictures(blocks: Sequence[Block], shown: Sequence[PlacedPicture]) -> list[Block]:
    """Pictures where a tag says they are, the others before what begins below their middle."""
    left = _claimed(blocks, shown)
    waiting = sorted(left, key=lambda picture: (-picture.page, _middle(picture)))
    result: list[Block] = []
    for block in blocks:
        while block.kind is not BlockKind.NOTE and waiting and _before(waiting[-1], block):
            result.append(_block(waiting.pop()))
        result.append(block)
    return [*result, *map(_block, reversed(waiting))]


def place_footnotes(blocks: Sequence[Block]) -> list[Block]:
    """Numbered notes behind the block that refers to them."""
    numbered = {block.note: block for block in blocks if block.note >= 0}
    result: list[Block] = []
    for block in blocks:
        if block.note >= 0:
            continue
        result.append(block)
        inner = [*block.content, *(inline for cell in block.cells for inline in cell.content)]
        result += [numbered.pop(inline.note) for inline in inner if inline.note in numbered]
    return [*result, *numbered.values()]


def _claimed(blocks: Sequence[Block], shown: Sequence[PlacedPicture]) -> list[PlacedPicture]:
    """Give tagged figures the pictures that stand where their content is; what is left."""
    by_page: dict[int, list[PlacedPicture]] = {}
    for picture in shown:
        by_page.setdefault(picture.page, []).append(picture)
    for block in blocks:
        if block.kind is BlockKind.PICTURE and not block.picture:
            _claim(block, by_page.get(block.page, []))
    return [picture for here in by_page.values() for picture in here]


def _claim(block: Block, here: list[PlacedPicture]) -> None:
    if here:
        best = min(here, key=lambda picture: _away(picture, block))
        block.picture, block.top = best.name, best.rect[3]
        block.label = block.label or best.label
        here.remove(best)
    elif block.lines:
        block.kind = BlockKind.PARAGRAPH


def _away(picture: PlacedPicture, block: Block) -> float:
    """How far the picture is from the figure's content; the highest where it has none."""
    return abs(picture.rect[3] - block.top) if block.top else -picture.rect[3]


def _before(picture: PlacedPicture, block: Block) -> bool:
    return block.page > picture.page or (
        block.page == picture.page and block.top < _middle(picture)
    )


def _middle(picture: PlacedPicture) -> float:
    return (picture.rect[1] + picture.rect[3]) / 2


def _block(picture: PlacedPicture) -> Block:
    return Block(
        BlockKind.PICTURE,
        [],
        picture.page,
        picture.rect[3],
        picture=picture.name,
        label=picture.label,
    )
