CREATE TABLE notice_delivery (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    visit_id UUID NOT NULL REFERENCES visit (id),
    for_day DATE NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    delivered_at TIMESTAMPTZ NOT NULL,
    receiver TEXT NOT NULL,
    note TEXT NOT NULL,
    reason TEXT NOT NULL,
    in_time BOOLEAN NOT NULL,
    user_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT notice_delivery_visit_id_for_day_key UNIQUE (visit_id, for_day)
);
CREATE TABLE dispatch_digest (
    region TEXT COLLATE "C" NOT NULL,
    day DATE NOT NULL,
    until TIMESTAMPTZ NOT NULL,
    visits BIGINT NOT NULL,
    mails BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (region, day)
);
CREATE INDEX visit_region_state_dispatched_at_idx ON visit (region, state, dispatched_at);
