"""What makes a page transparent: presses want it flattened. ISO 32000-2 §11."""

from collections.abc import Iterator

from ebook_pipeline.books.formats.pdf import objects

_OPAQUE = frozenset({"", "Normal", "Compatible"})


def of_state(extended: object) -> Iterator[str]:
    """The reasons of a graphics state's dictionary (§8.4.5), in words."""
    for key in ("/ca", "/CA"):
        value = objects.number(objects.entry(extended, key))
        if value is not None and value < 1:
            yield f"an opacity of {value:.0%}"
    mask = objects.entry(extended, "/SMask")
    if mask is not None and objects.name(mask) != "None":
        yield "a soft mask"
    mode = objects.entry(extended, "/BM")
    modes = {objects.name(mode), *map(objects.name, objects.array_items(mode))}
    if not modes <= _OPAQUE:
        yield f"the blend mode {next(iter(sorted(modes - _OPAQUE)))}"


def of_image(image: object) -> Iterator[str]:
    """The reason of a picture, in words."""
    within = objects.number(objects.entry(image, "/SMaskInData"))
    if within or objects.entry(image, "/SMask") is not None:
        yield "a picture with an alpha channel"
