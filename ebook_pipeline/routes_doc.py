"""Every route and the right that it asks for: ``python -m ebook_pipeline.routes_doc`` prints it."""

from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.routing import APIRoute, iter_route_contexts

from ebook_pipeline.desk.access import Rule, rule_of
from ebook_pipeline.desk.routes import ROUTES

_HEAD = """# Routes and rights

Made by `make docs`. What a route asks for is a right of the table in [desk.md](desk.md); a route
with a thing in its path asks it of that thing, in its account and its states. What is everybody's
asks for none.

| method | path | may | what |
|---|---|---|---|
"""


def route_rules() -> Iterator[tuple[str, str, Rule | None]]:
    """Method, path and rule of every HTTP route, in the order of their paths."""
    whole = APIRouter()
    for each in ROUTES:
        whole.include_router(each.router, prefix=each.prefix)
    found = [
        (method, route.path or "", rule_of(route.dependant))
        for route in iter_route_contexts(whole.routes)
        if isinstance(route.original_route, APIRoute)
        for method in sorted(route.original_route.methods or ())
    ]
    yield from sorted(found, key=lambda one: (one[1], one[0]))


def routes_page() -> str:
    """The page, in Markdown."""
    return _HEAD + "".join(_row(*one) for one in route_rules())


def _row(method: str, path: str, rule: Rule | None) -> str:
    action, kind = (rule.action, rule.kind) if rule else ("", "everybody")
    return f"| {method} | `{path}` | {action} | {kind} |\n"


if __name__ == "__main__":
    print(routes_page(), end="")  # noqa: T201
