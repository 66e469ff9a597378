CREATE TABLE conduct (
    visit_id BLOB NOT NULL REFERENCES visit (id),
    region TEXT NOT NULL,
    code TEXT NOT NULL,
    began_at TEXT,
    ended_at TEXT,
    end_day TEXT,
    obstacle TEXT NOT NULL,
    obstacle_note TEXT NOT NULL,
    statement TEXT NOT NULL,
    signer TEXT NOT NULL,
    signed TEXT NOT NULL,
    signed_at TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (visit_id),
    CONSTRAINT conduct_region_code_key UNIQUE (region, code)
) STRICT;
CREATE TABLE check_in (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    visit_id BLOB NOT NULL REFERENCES visit (id),
    inspector_id BLOB NOT NULL REFERENCES inspector (id),
    user_id BLOB NOT NULL,
    method TEXT NOT NULL,
    place TEXT NOT NULL,
    lon REAL,
    lat REAL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT check_in_visit_id_inspector_id_key UNIQUE (visit_id, inspector_id)
) STRICT;
CREATE TABLE result (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    visit_id BLOB NOT NULL REFERENCES visit (id),
    task_id BLOB NOT NULL REFERENCES task (id),
    item_id BLOB NOT NULL REFERENCES item (id),
    subject_id BLOB NOT NULL REFERENCES subject (id),
    department_id BLOB NOT NULL REFERENCES department (id),
    inspection_id BLOB,
    outcomes TEXT NOT NULL,
    methods TEXT NOT NULL,
    law TEXT NOT NULL,
    other TEXT NOT NULL,
    follow_up TEXT NOT NULL,
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    entered_by BLOB,
    entered_at TEXT,
    confirmed_by BLOB,
    confirmed_at TEXT,
    reviewed_by BLOB,
    reviewed_at TEXT,
    review_note TEXT NOT NULL,
    approved_by BLOB,
    approved_at TEXT,
    published_at TEXT,
    revision INTEGER NOT NULL,
    current INTEGER NOT NULL,
    previous_id BLOB,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT result_task_id_revision_key UNIQUE (task_id, revision)
) STRICT;
CREATE INDEX result_visit_id_idx ON result (visit_id);
CREATE INDEX result_department_id_state_idx ON result (department_id, state);
CREATE INDEX result_region_published_at_idx ON result (region, published_at);
CREATE INDEX result_inspection_id_idx ON result (inspection_id);
CREATE INDEX result_subject_id_idx ON result (subject_id);
CREATE TABLE evidence (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    visit_id BLOB NOT NULL REFERENCES visit (id),
    task_id BLOB,
    department_id BLOB NOT NULL REFERENCES department (id),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    user_id BLOB NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX evidence_visit_id_idx ON evidence (visit_id);
CREATE INDEX evidence_sha256_idx ON evidence (sha256);
CREATE TABLE publication (
    visit_id BLOB NOT NULL REFERENCES visit (id),
    department_id BLOB NOT NULL REFERENCES department (id),
    region TEXT NOT NULL,
    end_day TEXT NOT NULL,
    due_day TEXT NOT NULL,
    reminders INTEGER NOT NULL,
    card TEXT NOT NULL,
    done_at TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (visit_id, department_id)
) STRICT;
CREATE INDEX publication_region_done_at_due_day_idx ON publication (region, done_at, due_day);
