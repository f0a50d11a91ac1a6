"""A partition taken out of Dagster's own storage, which has no way to do so.

Dagster can delete a dynamic partition's name, and neither wipe its materializations nor its checks
(#14749). It touches Dagster's tables, as `dagster_events` touches its records.
"""

import json
from collections.abc import Mapping

import dagster as dg
from sqlalchemy import Connection, text

_ROWS = (
    "DELETE FROM asset_event_tags WHERE event_id IN"
    " (SELECT id FROM event_logs WHERE partition = :key OR event LIKE :quoted)",
    "DELETE FROM asset_check_executions WHERE partition = :key OR evaluation_event LIKE :quoted",
    "DELETE FROM event_logs WHERE partition = :key OR event LIKE :quoted",
    "UPDATE asset_keys SET last_materialization = NULL, cached_status_data = NULL"
    " WHERE last_materialization LIKE :quoted OR cached_status_data LIKE :quoted",
    "DELETE FROM bulk_actions WHERE body LIKE :quoted",
)
_RUNS = text("SELECT run_id, run_body FROM runs WHERE run_body LIKE :quoted")
_RUN = text("UPDATE runs SET run_body = :body WHERE run_id = :run")
_TAGS = text("UPDATE run_tags SET value = :gone WHERE value = :key")
_GONE = "purged"


def forget_partition(instance: dg.DagsterInstance, name: str, key: str) -> None:
    """Leave nothing of the partition `key` of the dynamic partitions `name`; again, nothing.

    Events that name it go, in runs of many partitions too; runs stay, with another word for it.
    """
    if instance.has_dynamic_partition(name, key):
        instance.delete_dynamic_partition(name, key)
    asked = {"key": key, "quoted": f'%"{_escaped(key)}"%'}
    with instance.event_log_storage.index_connection() as connection:  # type: ignore[attr-defined]
        for statement in _ROWS:
            connection.execute(text(statement), asked)
    with instance.run_storage.connect() as connection:  # type: ignore[attr-defined]
        _rename_in_runs(connection, asked, key)


_TEXTS = (
    ("event_logs", "event", "index_connection"),
    ("asset_check_executions", "evaluation_event", "index_connection"),
    ("runs", "run_body", "connect"),
    ("bulk_actions", "body", "connect"),
)


def rename_texts(instance: dg.DagsterInstance, names: Mapping[str, str]) -> None:
    """Let other texts stand where Dagster keeps `names` as wholes: in tags, configs, events."""
    for table, column, how in _TEXTS:
        storage = instance.event_log_storage if how == "index_connection" else instance.run_storage
        statement = text(
            f"UPDATE {table} SET {column} = replace({column}, :quoted, :other)"  # noqa: S608
            f" WHERE {column} LIKE :wanted"
        )
        with getattr(storage, how)() as connection:
            for name, other in names.items():
                quoted = json.dumps(name)
                values = {"quoted": quoted, "other": json.dumps(other)}
                connection.execute(statement, values | {"wanted": f"%{_escaped(quoted)}%"})
    with instance.run_storage.connect() as connection:  # type: ignore[attr-defined]
        for name, other in names.items():
            connection.execute(_TAGS, {"gone": other, "key": name})


def _rename_in_runs(connection: Connection, asked: dict[str, str], key: str) -> None:
    for row in connection.execute(_RUNS, asked).all():
        body = row.run_body.replace(json.dumps(key), json.dumps(_GONE))
        connection.execute(_RUN, {"body": body, "run": row.run_id})
    connection.execute(_TAGS, {"gone": _GONE, "key": key})


def _escaped(key: str) -> str:
    """For LIKE: in a key of ours nothing but a backslash, percent or underscore would mean more."""
    return key.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
