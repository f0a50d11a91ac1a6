"""Secrets of the house by what they are for: made once, kept only as the vault wrapped them."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.license_tables import house_key as table
from ebook_pipeline.resources.key_vault import KeyVault

MARKING = "marking"
"""What the marks of buyers' copies are made with."""


def named_secret(database: Database, vault: KeyVault, name: str) -> Secret:
    """The secret called `name`, 32 bytes, made when there is none; racers all get the same."""
    context = named_secret_context(name)
    query = select(table.c.wrapped).where(table.c.name == name)
    with database.begin() as connection:
        wrapped = connection.execute(query).scalar()
    if wrapped is None:
        row = {"name": name, "wrapped": vault.new_data_key(context).wrapped}
        with database.begin() as connection:
            connection.execute(insert(table).values(row).on_conflict_do_nothing())
            wrapped = connection.execute(query).scalar_one()
    return vault.unwrap(bytes(wrapped), context)


def named_secret_context(name: str) -> dict[str, str]:
    """What binds the wrapped secret to its name."""
    return {"house_key": name}
