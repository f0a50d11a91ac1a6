"""What a client is told where it gets nothing: RFC 6749 §5.2, with §4.1.2.1's way back."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.responses import JSONResponse, RedirectResponse, Response

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class OAuthError(StrEnum):
    """Codes of RFC 6749 §4.1.2.1 and §5.2."""

    INVALID_REQUEST = "invalid_request"
    INVALID_CLIENT = "invalid_client"
    INVALID_GRANT = "invalid_grant"
    INVALID_SCOPE = "invalid_scope"
    UNAUTHORIZED_CLIENT = "unauthorized_client"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"
    ACCESS_DENIED = "access_denied"


class Refused(Exception):
    """A request of a client that is refused; the message is for who wrote the client."""

    def __init__(self, error: OAuthError, why: str) -> None:
        super().__init__(why)
        self.error = error

    def response(self) -> Response:
        """The answer of an endpoint that programs call."""
        status, headers = HTTPStatus.BAD_REQUEST, dict(NO_STORE)
        if self.error is OAuthError.INVALID_CLIENT:
            status = HTTPStatus.UNAUTHORIZED
            headers["WWW-Authenticate"] = 'Basic realm="ebooks"'
        body = {"error": self.error.value, "error_description": str(self)}
        return JSONResponse(body, status, headers)


def way_back(uri: str, issuer: str, state: str | None, **said: str) -> Response:
    """Send the browser to the client's address, which has been checked, with what is said.

    `iss` says whose answer it is (RFC 9207).
    """
    values: Mapping[str, str] = said | ({} if state is None else {"state": state})
    query = urlencode({**values, "iss": issuer})
    separator = "&" if "?" in uri else "?"
    return RedirectResponse(f"{uri}{separator}{query}", HTTPStatus.SEE_OTHER, NO_STORE)
