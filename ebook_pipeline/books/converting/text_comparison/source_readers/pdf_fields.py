"""What was filled into the forms of a PDF. ISO 32000-2 §12.7"""

from collections.abc import Iterator

from ebook_pipeline.books.formats.pdf import objects

_HIDDEN, _OTHER_BUTTONS, _PASSWORD = 1 << 1 | 1 << 5, 1 << 15 | 1 << 16, 1 << 13
"""Flags of annotations that are not shown, of buttons that are no boxes to check, of passwords."""
_CHECKED = "\u2611"


def filled_values(page: object) -> Iterator[str]:
    """What was entered into the fields of a page that readers show."""
    for widget in objects.array_items(objects.entry(page, "/Annots")):
        shown = objects.number(objects.entry(widget, "/F")) or 0
        if objects.name(objects.entry(widget, "/Subtype")) != "Widget" or int(shown) & _HIDDEN:
            continue
        value = objects.inherited(widget, "/V")
        kind = objects.name(objects.inherited(widget, "/FT"))
        flags = int(objects.number(objects.inherited(widget, "/Ff")) or 0)
        if kind == "Btn":
            state = objects.name(objects.entry(widget, "/AS")) or objects.name(value)
            yield _CHECKED if state not in ("", "Off") and not flags & _OTHER_BUTTONS else ""
        elif kind == "Ch" or (kind == "Tx" and not flags & _PASSWORD):
            chosen = objects.array_items(value) or [value]
            names = dict(_options(widget))
            told = (objects.text(choice) for choice in chosen)
            yield ", ".join(names.get(text, text) for text in told)


def _options(widget: object) -> Iterator[tuple[str, str]]:
    """Choices of a field that show by another name than their value (§12.7.5.4)."""
    for option in objects.array_items(objects.inherited(widget, "/Opt")):
        pair = objects.array_items(option)
        if len(pair) == 2:
            yield objects.text(pair[0]), objects.text(pair[1])
