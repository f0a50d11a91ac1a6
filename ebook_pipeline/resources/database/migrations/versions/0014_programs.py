"""Programs: clients, API keys, their tokens and what signs them; identities at other providers."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE oauth_client (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    account TEXT NOT NULL,
    role TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    person TEXT NOT NULL,
    redirect_uris TEXT[] DEFAULT '{}' NOT NULL,
    secret TEXT,
    at timestamptz DEFAULT now() NOT NULL,
    ended_at timestamptz,
    CONSTRAINT oauth_client_pkey PRIMARY KEY (id),
    CONSTRAINT oauth_client_account_fkey FOREIGN KEY (account) REFERENCES account (id),
    CONSTRAINT oauth_client_person_fkey FOREIGN KEY (person) REFERENCES person (login),
    CONSTRAINT oauth_client_role_check
        CHECK (role IN ('author', 'editor', 'publisher', 'reader', 'operator', 'client')),
    CONSTRAINT oauth_client_operator_check CHECK (role <> 'operator' OR account = 'house'),
    CONSTRAINT oauth_client_name_check CHECK (name <> ''),
    CONSTRAINT oauth_client_secret_check CHECK (secret IS NOT NULL OR redirect_uris <> '{}')
);
CREATE INDEX oauth_client_person_idx ON oauth_client (person);
COMMENT ON TABLE oauth_client IS 'secret: SHA-256; without one it is a program on people''s own'
    ' machines, which signs in in their name alone. person: who made it, with whom it ends.';

CREATE TABLE api_key (
    id TEXT NOT NULL,
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    account TEXT NOT NULL,
    role TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    person TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    last_used_at timestamptz,
    ends_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT api_key_pkey PRIMARY KEY (id),
    CONSTRAINT api_key_account_fkey FOREIGN KEY (account) REFERENCES account (id),
    CONSTRAINT api_key_person_fkey FOREIGN KEY (person) REFERENCES person (login),
    CONSTRAINT api_key_role_check
        CHECK (role IN ('author', 'editor', 'publisher', 'reader', 'operator', 'client')),
    CONSTRAINT api_key_operator_check CHECK (role <> 'operator' OR account = 'house'),
    CONSTRAINT api_key_name_check CHECK (name <> ''),
    CONSTRAINT api_key_digest_check CHECK (digest ~ '^[0-9a-f]{64}$')
);
CREATE INDEX api_key_person_idx ON api_key (person);
COMMENT ON TABLE api_key IS 'id: what the key begins with, by which it is found; digest: SHA-256 of'
    ' the whole. person: who made it, with whom it ends.';

CREATE TABLE token_family (
    id TEXT NOT NULL,
    client TEXT NOT NULL,
    person TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    ended_at timestamptz,
    why TEXT DEFAULT '' NOT NULL,
    CONSTRAINT token_family_pkey PRIMARY KEY (id),
    CONSTRAINT token_family_client_fkey FOREIGN KEY (client) REFERENCES oauth_client (id),
    CONSTRAINT token_family_person_fkey FOREIGN KEY (person) REFERENCES person (login)
);
CREATE INDEX token_family_person_idx ON token_family (person);
COMMENT ON TABLE token_family IS 'What a person let a client do: all tokens that came of one'
    ' consent end together.';

CREATE TABLE authorization_code (
    digest TEXT NOT NULL,
    family TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,
    ends_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT authorization_code_pkey PRIMARY KEY (digest),
    CONSTRAINT authorization_code_family_fkey FOREIGN KEY (family) REFERENCES token_family (id),
    CONSTRAINT authorization_code_digest_check CHECK (digest ~ '^[0-9a-f]{64}$')
);
CREATE INDEX authorization_code_ends_at_idx ON authorization_code (ends_at);
COMMENT ON TABLE authorization_code IS 'challenge: of PKCE (RFC 7636), by S256.';

CREATE TABLE refresh_token (
    digest TEXT NOT NULL,
    family TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    ends_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT refresh_token_pkey PRIMARY KEY (digest),
    CONSTRAINT refresh_token_family_fkey FOREIGN KEY (family) REFERENCES token_family (id),
    CONSTRAINT refresh_token_digest_check CHECK (digest ~ '^[0-9a-f]{64}$')
);
CREATE INDEX refresh_token_family_idx ON refresh_token (family);
CREATE INDEX refresh_token_ends_at_idx ON refresh_token (ends_at);
COMMENT ON TABLE refresh_token IS 'One that comes again after used_at was stolen, or copied: it'
    ' ends the family.';

CREATE TABLE revoked_token (
    jti TEXT NOT NULL,
    ends_at timestamptz NOT NULL,
    CONSTRAINT revoked_token_pkey PRIMARY KEY (jti)
);
COMMENT ON TABLE revoked_token IS
    'Access tokens that were taken back before they ended by themselves.';

CREATE TABLE signing_key (
    kid TEXT NOT NULL,
    public JSONB NOT NULL,
    sealed BYTEA NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    retired_at timestamptz,
    CONSTRAINT signing_key_pkey PRIMARY KEY (kid)
);
COMMENT ON TABLE signing_key IS 'public: a JWK (RFC 7517); sealed: the private one, as the vault'
    ' sealed it. retired_at: it signs no more, and checks as long as its last token lives.';

CREATE TABLE identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    person TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT identity_pkey PRIMARY KEY (issuer, subject),
    CONSTRAINT identity_person_fkey FOREIGN KEY (person) REFERENCES person (login)
);
CREATE INDEX identity_person_idx ON identity (person);
COMMENT ON TABLE identity IS
    'Who signs in by OpenID Connect as whom: a subject is one person for ever.';

CREATE INDEX audit_at_idx ON audit (at, id);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
