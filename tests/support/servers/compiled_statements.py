"""What SQLAlchemy has compiled for a database is known to whoever opens that again.

It keeps compiled statements by engine, hence a test that opens a database of its own would compile
each statement anew: a fifth of what tests of services cost.
"""

from collections import OrderedDict

from sqlalchemy import Engine

from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.personal import attach
from ebook_pipeline.resources.key_vault import LocalKeyVault

_MOST = 8
"""Databases whose statements are kept: some MB of each."""
_known: OrderedDict[tuple[str, object], Engine] = OrderedDict()


def share(database: Database) -> Database:
    """The same, which has a vault, knows what others of its URL and vault have compiled.

    They share a dialect, hence a cipher. Those of another vault have a dialect of their own.
    """
    engine, vault = database.engine, database._vault
    url = engine.url.render_as_string(hide_password=False)
    key = (url, vault.folder.absolute() if isinstance(vault, LocalKeyVault) else vault)
    earlier = _known.pop(key, engine)
    if earlier.dialect.server_version_info is None:  # it has never been connected
        earlier = engine
    _known[key] = earlier
    while len(_known) > _MOST:
        _known.popitem(last=False)
    if earlier is not engine:
        engine.dialect, engine._compiled_cache = earlier.dialect, earlier._compiled_cache
        attach(engine, database.personal)
        database._single = engine.execution_options(isolation_level="AUTOCOMMIT")
    return database
