"""Clients, keys and the people who make them, for tests of what programs may do."""

import base64
import hashlib
from collections.abc import Sequence

from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Role
from ebook_pipeline.books.owning.rights import Actor
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.authorizing import clients, families
from ebook_pipeline.services.authorizing.clients import NewClient
from ebook_pipeline.services.authorizing.families import CodeProof, Consent
from ebook_pipeline.services.authorizing.programs import ProgramRights, ProgramRole
from ebook_pipeline.services.owning import accounts, people

OPERATOR = Actor(
    login="ann", memberships=(Membership(account=HOUSE, role=Role.OPERATOR),), door="cli"
)
CALLBACK = "https://shop.example/callback"
VERIFIER = "v" * 43
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)


def rights(*scopes: str, role: str = "client", account: str = HOUSE) -> ProgramRights:
    """What a program of tests is to be; without scopes it may read books."""
    return ProgramRights(
        name="A shop",
        account=account,
        role=ProgramRole(role),
        scopes=tuple(scopes or ("book:read",)),
    )


def publisher_of_press(database: Database) -> Actor:
    """Una, publisher of an account called press."""
    accounts.add(database, "press", actor="ann")
    membership = Membership(account="press", role=Role.PUBLISHER)
    people.add(database, "una", membership, actor="ann")
    return Actor(login="una", memberships=(membership,))


def web_client(database: Database, *scopes: str, uris: Sequence[str] = (CALLBACK,)) -> NewClient:
    """A client with a secret, in which people sign in."""
    return clients.add(database, rights(*scopes), maker=OPERATOR, redirect_uris=uris)


def code_for(database: Database, client: str, *scopes: str, person: str = "eve") -> str:
    """The code that takes the person's consent to the client."""
    consent = Consent(
        client=client,
        person=person,
        scopes=tuple(scopes or ("book:read",)),
        redirect_uri=CALLBACK,
        challenge=CHALLENGE,
    )
    return families.give_code(database, consent, actor=f"desk:{person}")


def proof(client: str, **other: str) -> CodeProof:
    """What the client shows beside its code."""
    facts = {"client": client, "redirect_uri": CALLBACK, "verifier": VERIFIER} | other
    return CodeProof.model_validate(facts)
