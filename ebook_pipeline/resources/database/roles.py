"""The role that the application has in a database: rows, no tables, no superuser.

A superuser runs programs (``COPY … FROM PROGRAM``) and reads files of the server's machine. This
role does neither: who gets a statement past us gets no further than the rows.

https://www.postgresql.org/docs/current/ddl-priv.html
"""

from sqlalchemy import URL, Connection, NullPool, create_engine, text

APPLICATION = "ebooks_application"

_ROLE = f"""
    DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APPLICATION}') THEN
            CREATE ROLE {APPLICATION};
        END IF;
    END $$
"""
_PASSWORD = (
    f"ALTER ROLE {APPLICATION} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    " PASSWORD '{}'"
)
_ROWS = "SELECT, INSERT, UPDATE, DELETE"
_GRANTS = (
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    f"GRANT USAGE ON SCHEMA public TO {APPLICATION}",
    f"GRANT {_ROWS} ON ALL TABLES IN SCHEMA public TO {APPLICATION}",
    f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APPLICATION}",
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {_ROWS} ON TABLES TO {APPLICATION}",
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {APPLICATION}",
)
_TABLES = """
    DO $$ DECLARE found regclass; BEGIN
        FOR found IN SELECT oid::regclass FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
        LOOP EXECUTE format('ALTER TABLE %%s OWNER TO ebooks_application', found); END LOOP;
    END $$
"""
_MAKES_TABLES = (f"GRANT CREATE ON SCHEMA public TO {APPLICATION}", _TABLES)
_OTHERS_STAY_OUT = (
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    f"GRANT CONNECT, TEMPORARY ON DATABASE {{database}} TO {APPLICATION}",
)
"""Last of all: who has this right by name finds everything else done."""
_IS_ALLOWED = text("""
    SELECT EXISTS (
        SELECT FROM pg_database CROSS JOIN aclexplode(datacl) AS held
        JOIN pg_roles ON pg_roles.oid = held.grantee
        WHERE datname = current_database() AND rolname = current_user
    )
""")


def is_allowed(connection: Connection) -> bool:
    """Whether the role of this connection has been given its rights in the database."""
    return bool(connection.execute(_IS_ALLOWED).scalar_one())


def allow(owner: URL, password: str, *, makes_tables: bool) -> None:
    """Give the role its rights in the database of `owner`, a superuser there; as often as wanted.

    Where it `makes_tables` itself, those that are there become its own.
    """
    engine = create_engine(owner, poolclass=NullPool, hide_parameters=True)
    database = engine.dialect.identifier_preparer.quote_identifier(owner.database or "")
    statements = [_ROLE, _PASSWORD.format(password), *_GRANTS]
    statements += _MAKES_TABLES if makes_tables else ()
    statements += [statement.format(database=database) for statement in _OTHERS_STAY_OUT]
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def allow_taking_away(connection: Connection) -> None:
    """Let this transaction, and no other, change rows of tables that only grow.

    The database itself refuses that (migration 0141), whoever asks. Erasures, purges and retention
    say in their transaction that this is what they do.
    """
    connection.exec_driver_sql("SET LOCAL ebooks.taking_away = 'on'")
