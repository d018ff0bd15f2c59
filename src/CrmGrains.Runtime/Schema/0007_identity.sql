-- Which customer was merged into which. While a merge stands, the absorbed one's identifiers are the survivor's.
CREATE TABLE customer_merge (
    id        uuid        PRIMARY KEY,
    workspace text        NOT NULL,
    -- Keys of customer grains.
    absorbed  text        NOT NULL,
    survivor  text        NOT NULL,
    reason    text        NOT NULL,
    -- The event that told of it; null where a person asked for it.
    event_id  uuid,
    merged_at timestamptz NOT NULL DEFAULT now(),
    undone_at timestamptz,
    CONSTRAINT two_customers CHECK (absorbed <> survivor)
);
CREATE UNIQUE INDEX one_standing_merge_a_customer ON customer_merge (workspace, absorbed) WHERE undone_at IS NULL;

-- The identifiers that a merge moved, so that undoing it moves them back and no others.
CREATE TABLE identity_move (
    merge_id  uuid NOT NULL,
    workspace text NOT NULL,
    kind      text NOT NULL,
    value     text NOT NULL,
    PRIMARY KEY (merge_id, kind, value)
);

-- Whose contact a record of the CRM is: asked when the CRM has merged two.
CREATE INDEX crm_link_of_contact ON crm_link (account, crm_id) WHERE object = 'contact' AND crm_id IS NOT NULL;
