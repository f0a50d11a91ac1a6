"""Secrets of the house by what they are for: made once, kept only as the vault wrapped them."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.database.license_tables import house_key as table
from ebook_pipeline.resources.key_vault import KeyVault

PERSONAL = "personal"
"""What persons' fields are sealed with."""

Transaction = Callable[[], AbstractContextManager[Connection]]


def house_secret(begin: Transaction, vault: KeyVault, name: str) -> Secret:
    """The secret called `name`, 32 bytes, made when there is none; racers all get the same."""
    context = house_key_context(name)
    query = select(table.c.wrapped).where(table.c.name == name)
    with begin() as connection:
        wrapped = connection.execute(query).scalar()
    if wrapped is None:
        row = {"name": name, "wrapped": vault.new_data_key(context).wrapped}
        with begin() as connection:
            connection.execute(insert(table).values(row).on_conflict_do_nothing())
            wrapped = connection.execute(query).scalar_one()
    return vault.unwrap(bytes(wrapped), context)


def house_key_context(name: str) -> dict[str, str]:
    """What binds the wrapped secret to its name."""
    return {"house_key": name}
