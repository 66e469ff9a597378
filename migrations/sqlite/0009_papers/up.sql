CREATE TABLE notice_delivery (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    visit_id BLOB NOT NULL REFERENCES visit (id),
    for_day TEXT NOT NULL,
    channel TEXT NOT NULL,
    delivered_at TEXT NOT NULL,
    receiver TEXT NOT NULL,
    note TEXT NOT NULL,
    reason TEXT NOT NULL,
    in_time INTEGER NOT NULL,
    user_id BLOB NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT notice_delivery_visit_id_for_day_key UNIQUE (visit_id, for_day)
) STRICT;
CREATE TABLE dispatch_digest (
    region TEXT NOT NULL,
    day TEXT NOT NULL,
    until TEXT NOT NULL,
    visits INTEGER NOT NULL,
    mails INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (region, day)
) STRICT;
CREATE INDEX visit_region_state_dispatched_at_idx ON visit (region, state, dispatched_at);
