-- Finding what was said later about an event: its edits, its withdrawal.
CREATE INDEX event_ref ON event (room, ref) WHERE ref IS NOT NULL;
