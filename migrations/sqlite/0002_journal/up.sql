CREATE TABLE journal_event (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    at TEXT NOT NULL,
    actor_id BLOB,
    department_id BLOB,
    act TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id BLOB,
    request_id TEXT NOT NULL,
    address TEXT NOT NULL,
    leaf BLOB NOT NULL,
    private_salt BLOB,
    private_body BLOB,
    seq INTEGER,
    PRIMARY KEY (id),
    CONSTRAINT journal_event_seq_key UNIQUE (seq)
) STRICT;
CREATE INDEX journal_event_region_at_idx ON journal_event (region, at);
CREATE INDEX journal_event_object_id_idx ON journal_event (object_id);
CREATE INDEX journal_event_region_act_idx ON journal_event (region, act);
CREATE INDEX journal_event_unsealed_idx ON journal_event (at, id) WHERE seq IS NULL;
CREATE TABLE journal_tile (
    level INTEGER NOT NULL,
    place INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, place)
) STRICT;
CREATE TABLE journal_checkpoint (
    size INTEGER NOT NULL,
    root TEXT NOT NULL,
    note TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (size)
) STRICT;
CREATE TABLE sequencer (
    name TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    holder TEXT NOT NULL,
    until TEXT NOT NULL,
    size INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (name)
) STRICT;
CREATE TABLE outbox (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    user_id BLOB,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    message_id TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at TEXT NOT NULL,
    sent_at TEXT,
    last_error TEXT NOT NULL,
    object_id BLOB,
    dedupe TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT outbox_dedupe_key UNIQUE (dedupe)
) STRICT;
CREATE INDEX outbox_state_next_at_idx ON outbox (state, next_at);
CREATE TABLE job (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    kind TEXT NOT NULL,
    user_id BLOB NOT NULL,
    object_id BLOB,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    step TEXT NOT NULL,
    input TEXT NOT NULL,
    output TEXT NOT NULL,
    error TEXT NOT NULL,
    stop INTEGER NOT NULL,
    holder TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    run_at TEXT NOT NULL,
    started_at TEXT,
    ended_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX job_state_run_at_idx ON job (state, run_at);
CREATE INDEX job_user_id_state_idx ON job (user_id, state);
CREATE TABLE upload (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    user_id BLOB NOT NULL,
    department_id BLOB,
    kind TEXT NOT NULL,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    content BLOB NOT NULL,
    state TEXT NOT NULL,
    report TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX upload_region_kind_idx ON upload (region, kind);
