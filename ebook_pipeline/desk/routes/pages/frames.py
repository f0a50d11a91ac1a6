"""Documents of a stranger's that a page of ours shows in a frame: sandboxed twice over.

The frame has ``sandbox``, and so has the document's own policy, whoever opens it: no script runs,
no form is sent, and its origin is nobody's.
"""

from starlette.responses import HTMLResponse

POLICY = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)
FRAMED = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "SAMEORIGIN",
    "Cache-Control": "private, no-cache",
}
"""The headers of whatever a frame shows."""


def framed(document: bytes | str) -> HTMLResponse:
    """The document, to be shown in a frame of one of our pages and nowhere else."""
    return HTMLResponse(document, headers=dict(FRAMED))
