"""Programs of partners over the API: their keys, and clients that get tokens."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.books.owning.rights import Resource, accounts_of
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.services.authorizing import api_keys, clients
from ebook_pipeline.services.authorizing.programs import ProgramRights, ProgramRole

router = APIRouter(tags=["programs"])
_EXAMPLE: JsonDict = {
    "name": "A shop",
    "account": HOUSE,
    "role": "client",
    "scopes": ["license:issue"],
}


class ProgramIn(BaseModel):
    """A program to be made; nobody gives it more than they may themselves."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    name: str = Field(min_length=1, max_length=200)
    account: str = Field(HOUSE, pattern=r"^[0-9a-z-]{1,63}$", description="Whose program it is.")
    role: ProgramRole = Field(
        ProgramRole.CLIENT, description="What it is there; `client`: a shop or partner."
    )
    scopes: list[str] = Field(min_length=1, max_length=100, description="As `book:read`.")

    def rights(self) -> ProgramRights:
        """As the services take them."""
        given = self.model_dump(include={"name", "account", "role", "scopes"})
        return ProgramRights.model_validate({**given, "scopes": tuple(self.scopes)})


class KeyIn(ProgramIn):
    """A key to be made."""

    ends_at: AwareDatetime | None = Field(None, description="It opens nothing any more then.")


class ClientIn(ProgramIn):
    """A client to be made; a public one has no secret, and addresses where people come back."""

    redirect_uris: list[str] = Field(default_factory=list, max_length=10)
    public: bool = False


class ProgramOut(BaseModel):
    """A program; `person` made it, and it ends with them."""

    id: str
    name: str
    account: str
    role: ProgramRole
    scopes: list[str]
    person: str
    at: datetime
    ended_at: datetime | None = None


class KeyOut(ProgramOut):
    """A key, without what opens anything."""

    last_used_at: datetime | None = None
    ends_at: datetime | None = None


class NewKeyOut(KeyOut):
    """A key that was made; `text` is told this once."""

    text: str


class ClientOut(ProgramOut):
    """A client, without its secret."""

    redirect_uris: list[str]
    is_public: bool


class NewClientOut(ClientOut):
    """A client that was made; `secret` is told this once."""

    secret: str | None


@router.get("/keys")
def list_keys(access: Annotated[Access, Depends(allow("key", "read"))]) -> list[KeyOut]:
    """API keys of the accounts where you may see them, the newest first."""
    accounts = accounts_of(access.actor, access.action, access.kind)
    found = api_keys.list_keys(access.context.database, accounts)
    return [KeyOut.model_validate(key.model_dump()) for key in found]


@router.post("/keys", status_code=HTTPStatus.CREATED)
def create_key(
    wanted: KeyIn, access: Annotated[Access, Depends(allow("key", "create"))]
) -> NewKeyOut:
    """A key for a program; its text is told this once."""
    access.require(Resource(kind="key", account=wanted.account))
    made = api_keys.add(
        access.context.database, wanted.rights(), maker=access.actor, ends_at=wanted.ends_at
    )
    return NewKeyOut.model_validate({**made.key.model_dump(), "text": made.text})


@router.delete("/keys/{key}")
def delete_key(key: str, access: Annotated[Access, Depends(allow("key", "delete"))]) -> KeyOut:
    """The key opens nothing any more."""
    gone = api_keys.end(access.context.database, key, actor=access.actor.name)
    return KeyOut.model_validate(gone.model_dump())


@router.get("/clients")
def list_clients(access: Annotated[Access, Depends(allow("client", "read"))]) -> list[ClientOut]:
    """OAuth clients, the newest first."""
    accounts = accounts_of(access.actor, access.action, access.kind)
    found = clients.list_clients(access.context.database, accounts)
    return [ClientOut.model_validate(client.model_dump()) for client in found]


@router.post("/clients", status_code=HTTPStatus.CREATED)
def create_client(
    wanted: ClientIn, access: Annotated[Access, Depends(allow("client", "create"))]
) -> NewClientOut:
    """A client that gets tokens by OAuth; its secret is told this once."""
    access.require(Resource(kind="client", account=wanted.account))
    made = clients.add(
        access.context.database,
        wanted.rights(),
        maker=access.actor,
        redirect_uris=wanted.redirect_uris,
        public=wanted.public,
    )
    return NewClientOut.model_validate({**made.client.model_dump(), "secret": made.secret})


@router.delete("/clients/{client}")
def delete_client(
    client: str, access: Annotated[Access, Depends(allow("client", "delete"))]
) -> ClientOut:
    """The client ends, with all tokens that it was given."""
    gone = clients.end(access.context.database, client, actor=access.actor.name)
    return ClientOut.model_validate(gone.model_dump())
