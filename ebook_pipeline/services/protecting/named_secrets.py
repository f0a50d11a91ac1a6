"""Secrets of the house that protecting needs, by what they are for."""

from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.house_keys import house_secret
from ebook_pipeline.resources.key_vault import KeyVault

MARKING = "marking"
"""What the marks of buyers' copies are made with."""


def named_secret(database: Database, vault: KeyVault, name: str) -> Secret:
    """The secret called `name`, 32 bytes, made when there is none; racers all get the same."""
    return house_secret(database.begin, vault, name)
