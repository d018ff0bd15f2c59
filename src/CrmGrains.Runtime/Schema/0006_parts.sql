-- An event may be one of several that a delivery told of: its id isn't the delivery's then.
ALTER TABLE event ADD COLUMN part_of uuid;
CREATE INDEX event_by_delivery ON event (part_of) WHERE part_of IS NOT NULL;
