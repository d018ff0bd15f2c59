namespace CrmGrains.Benchmarks.Baselines;

/// <summary>The tables of the plain handlers: what the product keeps of an event, without what it needs for its mailboxes.</summary>
internal static class BaselineSchema
{
    public const int Partitions = 64;

    public const string Sql = """
        CREATE TABLE raw_event (
            event_id    uuid        PRIMARY KEY,
            delivery_id text        NOT NULL UNIQUE,
            received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            headers     text        NOT NULL,
            body        bytea       NOT NULL,
            body_hash   bytea       NOT NULL
        );
        CREATE TABLE event (
            event_id        uuid        PRIMARY KEY,
            idempotency_key text        NOT NULL UNIQUE,
            event_type      text        NOT NULL,
            occurred_at     timestamptz NOT NULL,
            body            text        NOT NULL
        );
        CREATE TABLE customer (
            customer  text   PRIMARY KEY,
            version   bigint NOT NULL,
            state     text   NOT NULL
        ) WITH (fillfactor = 80);
        CREATE TABLE ledger_head (
            partition int    PRIMARY KEY,
            position  bigint NOT NULL DEFAULT 0,
            hash      bytea  NOT NULL DEFAULT decode(repeat('00', 32), 'hex')
        ) WITH (fillfactor = 40);
        INSERT INTO ledger_head (partition) SELECT generate_series(0, 63);
        CREATE TABLE ledger (
            partition   int         NOT NULL,
            position    bigint      NOT NULL,
            customer    text        NOT NULL,
            version     bigint      NOT NULL,
            kind        text        NOT NULL,
            event_id    uuid        NOT NULL,
            written_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
            detail      text        NOT NULL,
            hash        bytea       NOT NULL,
            PRIMARY KEY (partition, position)
        );
        CREATE INDEX ledger_by_event ON ledger (event_id);
        CREATE TABLE command (
            id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            account    text        NOT NULL,
            effect_key text        NOT NULL UNIQUE,
            event_id   uuid        NOT NULL,
            body       text        NOT NULL,
            state      text        NOT NULL DEFAULT 'waiting',
            created_at timestamptz NOT NULL DEFAULT now()
        ) WITH (fillfactor = 70);
        CREATE INDEX command_waiting ON command (account, id) WHERE state = 'waiting';
        CREATE INDEX command_by_event ON command (event_id);

        CREATE FUNCTION accept(
            p_event_id uuid, p_delivery_id text, p_headers text, p_body bytea, p_body_hash bytea, p_event_type text,
            p_occurred_at timestamptz, p_normalized text, p_partition int, p_customer text, p_name text, p_profile text, p_command text)
        RETURNS uuid LANGUAGE plpgsql AS $$
        DECLARE
            v_first    uuid;
            v_version  bigint;
            v_state    text;
            v_head     ledger_head%ROWTYPE;
            v_detail   text;
            v_hash     bytea;
        BEGIN
            INSERT INTO raw_event (event_id, delivery_id, headers, body, body_hash)
            VALUES (p_event_id, p_delivery_id, p_headers, p_body, p_body_hash)
            ON CONFLICT (delivery_id) DO NOTHING;
            IF NOT FOUND THEN
                SELECT event_id INTO v_first FROM raw_event WHERE delivery_id = p_delivery_id;
                RETURN v_first;
            END IF;

            INSERT INTO event (event_id, idempotency_key, event_type, occurred_at, body)
            VALUES (p_event_id, 'bench:' || p_event_type || ':' || p_delivery_id, p_event_type, p_occurred_at, p_normalized);

            SELECT version, state INTO v_version, v_state FROM customer WHERE customer = p_customer FOR UPDATE;
            IF NOT FOUND THEN
                INSERT INTO customer (customer, version, state) VALUES (p_customer, 0, '{"events":0,"last":[]}') ON CONFLICT (customer) DO NOTHING;
                SELECT version, state INTO v_version, v_state FROM customer WHERE customer = p_customer FOR UPDATE;
            END IF;
            UPDATE customer SET version = v_version + 1, state = jsonb_build_object(
                'events', (v_state::jsonb ->> 'events')::bigint + 1,
                'last', jsonb_path_query_array(jsonb_build_array(p_event_id) || (v_state::jsonb -> 'last'), '$[0 to 9]'),
                'email', p_customer, 'name', p_name, 'profile', p_profile)::text
            WHERE customer = p_customer;

            SELECT * INTO v_head FROM ledger_head WHERE partition = p_partition FOR UPDATE;
            v_detail := jsonb_build_object('event', p_event_id, 'outcome', 'update', 'effects', jsonb_build_array('write_note'))::text;
            v_hash := sha256(v_head.hash || int8send(v_head.position + 1) || uuid_send(p_event_id) || sha256(convert_to(v_detail, 'UTF8')));
            INSERT INTO ledger (partition, position, customer, version, kind, event_id, detail, hash)
            VALUES (p_partition, v_head.position + 1, p_customer, v_version + 1, 'event_received', p_event_id, v_detail, v_hash);
            UPDATE ledger_head SET position = v_head.position + 1, hash = v_hash WHERE partition = p_partition;

            INSERT INTO command (account, effect_key, event_id, body)
            VALUES ('bench/main', p_event_id || '/5/note/create', p_event_id, p_command);
            RETURN p_event_id;
        END
        $$;
        """;
}
