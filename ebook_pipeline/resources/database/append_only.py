"""Tables that only grow, and who may take something away from them all the same.

The database itself refuses to change or delete a row of the audit (migration 0141), whoever asks.
Erasures, purges and retention say in their transaction that this is what they do.
"""

from sqlalchemy import Connection


def allow_taking_away(connection: Connection) -> None:
    """Let this transaction, and no other, change rows of tables that only grow."""
    connection.exec_driver_sql("SET LOCAL ebooks.taking_away = 'on'")
