CREATE TABLE journal_event (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    actor_id UUID,
    department_id UUID,
    act TEXT COLLATE "C" NOT NULL,
    object_kind TEXT COLLATE "C" NOT NULL,
    object_id UUID,
    request_id TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    leaf BYTEA NOT NULL,
    private_salt BYTEA,
    private_body BYTEA,
    seq BIGINT,
    PRIMARY KEY (id),
    CONSTRAINT journal_event_seq_key UNIQUE (seq)
);
CREATE INDEX journal_event_region_at_idx ON journal_event (region, at);
CREATE INDEX journal_event_object_id_idx ON journal_event (object_id);
CREATE INDEX journal_event_region_act_idx ON journal_event (region, act);
CREATE INDEX journal_event_unsealed_idx ON journal_event (at, id) WHERE seq IS NULL;
CREATE TABLE journal_tile (
    level INTEGER NOT NULL,
    place BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (level, place)
);
CREATE TABLE journal_checkpoint (
    size BIGINT NOT NULL,
    root TEXT COLLATE "C" NOT NULL,
    note TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (size)
);
CREATE TABLE sequencer (
    name TEXT COLLATE "C" NOT NULL,
    epoch BIGINT NOT NULL,
    holder TEXT COLLATE "C" NOT NULL,
    until TIMESTAMPTZ NOT NULL,
    size BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE outbox (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    recipient TEXT COLLATE "C" NOT NULL,
    user_id UUID,
    subject TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    message_id TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    attempts INTEGER NOT NULL,
    next_at TIMESTAMPTZ NOT NULL,
    sent_at TIMESTAMPTZ,
    last_error TEXT COLLATE "C" NOT NULL,
    object_id UUID,
    dedupe TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT outbox_dedupe_key UNIQUE (dedupe)
);
CREATE INDEX outbox_state_next_at_idx ON outbox (state, next_at);
CREATE TABLE job (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    user_id UUID NOT NULL,
    object_id UUID,
    title TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    step TEXT COLLATE "C" NOT NULL,
    input TEXT NOT NULL,
    output TEXT NOT NULL,
    error TEXT COLLATE "C" NOT NULL,
    stop BOOLEAN NOT NULL,
    holder TEXT COLLATE "C" NOT NULL,
    attempts INTEGER NOT NULL,
    run_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX job_state_run_at_idx ON job (state, run_at);
CREATE INDEX job_user_id_state_idx ON job (user_id, state);
CREATE TABLE upload (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    user_id UUID NOT NULL,
    department_id UUID,
    kind TEXT COLLATE "C" NOT NULL,
    file_name TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    content BYTEA NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    report TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX upload_region_kind_idx ON upload (region, kind);
