"""The page of all events, made from the code: `python -m ebook_pipeline.events_doc`."""

import sys

from ebook_pipeline.foundation.events import EVENT_TYPES, EventType

_HEAD = """# Events, type by type

What stands in the field `data` of each. How they are told, in which order: [events.md](events.md).

| type | told when | data |
|---|---|---|
"""


def events_table() -> str:
    """The whole page, in Markdown."""
    return _HEAD + "".join(_row(name, kind) for name, kind in EVENT_TYPES.items())


def _row(name: str, kind: EventType) -> str:
    version = f" v{kind.version}" if kind.version > 1 else ""
    data = "<br>".join(f"`{field}`: {said}" for field, said in kind.data.items())
    return f"| `{name}`{version} | {kind.when} | {data} |\n"


if __name__ == "__main__":
    sys.stdout.write(events_table())
