-- A key is bound to one workspace, or to none and then reaches all. What a role may do is in the program, so a key with a role has no scopes
-- here: a process of the version before, which knows neither roles nor bounds, finds nothing that it may do.
ALTER TABLE api_key
    ADD COLUMN id           uuid NOT NULL DEFAULT gen_random_uuid(),
    -- The key's first characters, by which its owner knows it again; too few to guess the rest by.
    ADD COLUMN prefix       text NOT NULL DEFAULT '',
    ADD COLUMN role         text,
    ADD COLUMN workspace    text,
    ADD COLUMN created_by   text,
    -- To the minute.
    ADD COLUMN last_used_at timestamptz,
    ADD CONSTRAINT api_key_id_is_unique UNIQUE (id),
    ADD CONSTRAINT api_key_has_a_role_or_scopes CHECK (role IS NULL OR cardinality(scopes) = 0),
    ADD CONSTRAINT api_key_role_is_known CHECK (role IN ('viewer', 'reviewer', 'operator', 'admin')),
    -- For the same reason: a key that is bound goes by a role, or by scopes that the version before doesn't read.
    ADD COLUMN bound_scopes text[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT bound_keys_have_bound_scopes CHECK (workspace IS NULL OR cardinality(scopes) = 0);
