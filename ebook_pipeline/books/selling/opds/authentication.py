"""How a reading system signs in: Authentication for OPDS 1.0.

https://drafts.opds.io/authentication-for-opds-1.0
"""

from ebook_pipeline.books.selling.opds.vocabulary import Json, without_empty

AUTHENTICATION = "application/opds-authentication+json"
DOCUMENT = "http://opds-spec.org/auth/document"
"""The relation of the document's address."""
_BASIC = "http://opds-spec.org/auth/basic"


def authentication_document(
    href: str, title: str, description: str, *, help_href: str = ""
) -> Json:
    """The Authentication Document (§2.3), whose address `href` is its id: Basic (§3.3) alone.

    Every reading system knows Basic; the flows of OAuth that the draft has are those that OAuth
    2.1 has dropped (implicit, and the owner's password).
    """
    links = [{"rel": "help", "href": help_href, "type": "text/html"}] if help_href else []
    return without_empty(
        {
            "id": href,
            "title": title,
            "description": description,
            "links": links,
            "authentication": [
                {
                    "type": _BASIC,
                    "labels": {"login": "Login", "password": "The app's password"},
                }
            ],
        }
    )
