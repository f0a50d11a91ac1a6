"""What a client asks a person for, checked before anybody is asked: RFC 6749 §4.1.1, RFC 7636."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.desk.hardening import CONTENT_POLICY
from ebook_pipeline.desk.oauth.parameters import Parameters
from ebook_pipeline.desk.oauth.refusals import OAuthError, Refused
from ebook_pipeline.desk.oauth.tokens import requested_scopes
from ebook_pipeline.services.authorizing import clients, families
from ebook_pipeline.services.authorizing.clients import Client
from ebook_pipeline.services.authorizing.families import Consent

ASKED = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
)
"""Parameters that the page carries along; what else a client sends is not looked at."""


@dataclass(frozen=True)
class Asking:
    """A client that exists, and an address of its own: whither refusals may be sent."""

    client: Client
    redirect_uri: str
    sent: Parameters

    def consent(self, login: str) -> Consent:
        """What `login` lets the client do, if they do. Raises `Refused`.

        PKCE by S256 is needed of every client: `plain`, or none, proves nothing.
        """
        if self.sent.get("response_type") != "code":
            raise Refused(OAuthError.UNSUPPORTED_RESPONSE_TYPE, "ask for a code")
        challenge = self.sent.get("code_challenge", "")
        method = self.sent.get("code_challenge_method")
        if method != "S256" or not families.is_challenge(challenge):
            raise Refused(OAuthError.INVALID_REQUEST, "PKCE by S256 is needed")
        return Consent(
            client=self.client.id,
            person=login,
            scopes=requested_scopes(self.client, self.sent),
            redirect_uri=self.redirect_uri,
            challenge=challenge,
        )

    @property
    def fields(self) -> dict[str, str]:
        """What the page's form sends once more."""
        return {name: self.sent[name] for name in ASKED if name in self.sent}

    @property
    def content_policy(self) -> str:
        """The page's policy: browsers judge by `form-action` whither the form's answer leads."""
        parts = urlsplit(self.redirect_uri)
        own = f"form-action 'self' {parts.scheme}://{parts.netloc}"
        return CONTENT_POLICY.replace("form-action 'self'", own)


def asking(context: DeskContext, sent: Parameters) -> Asking | None:
    """Who asks; None where the client is unknown, or the address none of its own.

    Then nobody is sent anywhere: the address may be a thief's.
    """
    with context.database.begin() as connection:
        client = clients.active(connection, sent.get("client_id", ""))
    uri = sent.get("redirect_uri", "")
    if client is None or not clients.accepts_redirect(client, uri):
        return None
    return Asking(client, uri, sent)
