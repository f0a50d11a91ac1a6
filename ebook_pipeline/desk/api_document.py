"""The OpenAPI document: what FastAPI knows of the routes, and by what each may be asked.

Which credentials an operation takes follows from its rule (desk/access.py), so that the document
can't say otherwise than the desk does. https://spec.openapis.org/oas/v3.1.0#security-scheme-object
"""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from ebook_pipeline.books.owning.rights import NOBODY, grants
from ebook_pipeline.desk.access import Rule, rule_of
from ebook_pipeline.desk.csrf import HEADER, READING
from ebook_pipeline.desk.progress.messages import WatchMessage
from ebook_pipeline.services.authorizing.programs import all_scopes
from ebook_pipeline.services.signing_in.app_passwords import SCOPES as OF_APPS

_SCHEMES: dict[str, dict[str, str]] = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-ebooks-session",
        "description": "A person's browser, once signed in at `/sign-in`. Without TLS the cookie "
        "is called `ebooks-session-<port>`.",
    },
    "csrfToken": {
        "type": "apiKey",
        "in": "header",
        "name": HEADER,
        "description": "What a page of the desk hands its browser; who asks by `session` sends it "
        "with every change, from a page of the desk.",
    },
    "accessToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token (RFC 9068) from `/oauth/token`, within its scopes: "
        "`/.well-known/oauth-authorization-server` says where what is.",
    },
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "A partner's key, `ebk_…`, within its scopes.",
    },
    "appPassword": {
        "type": "http",
        "scheme": "basic",
        "description": "A login with the password that its person made for a reading app.",
    },
}


def api_document(app: FastAPI) -> dict[str, Any]:
    """The document of this app, made once."""
    made: dict[str, Any] = app.openapi()
    components = made.setdefault("components", {})
    if "securitySchemes" in components:
        return made
    rules = _rules(app)
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            rule = rules.get((path, method.upper()))
            operation["security"] = [] if rule is None else _security(rule, method.upper())
    components["securitySchemes"] = _SCHEMES
    components["schemas"] = _of_streams() | components.get("schemas", {})
    return made


def _of_streams() -> dict[str, Any]:
    """What no route returns, for it comes in streams (`desk/routes/watching.py` refers to it)."""
    whole = WatchMessage.model_json_schema(ref_template="#/components/schemas/{model}")
    parts: dict[str, Any] = whole.pop("$defs")
    return parts | {WatchMessage.__name__: whole}


def _rules(app: FastAPI) -> dict[tuple[str, str], Rule]:
    return {
        (route.path_format or "", method): rule
        for route in iter_route_contexts(app.routes)
        if (rule := rule_of(route.dependant)) is not None
        for method in route.methods or ()
    }


def _security(rule: Rule, method: str) -> list[dict[str, list[str]]]:
    """Any one of these; an empty one is nobody's credentials."""
    scope = f"{rule.kind}:{rule.action}"
    session: dict[str, list[str]] = {"session": []}
    ways = [session if method in READING else session | {"csrfToken": []}]
    if scope in all_scopes():
        ways += [{"accessToken": [scope]}, {"apiKey": [scope]}]
    if scope in OF_APPS:
        ways.append({"appPassword": []})
    if grants(NOBODY, rule.action, rule.kind):
        ways.append({})
    return ways
