-- Who may call the API. A key is kept as its hash only; whoever has lost it makes another one.
CREATE TABLE api_key (
    key_hash   bytea       PRIMARY KEY,
    name       text        NOT NULL,
    scopes     text[]      NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
