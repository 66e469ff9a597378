CREATE TABLE numbering (
    region TEXT NOT NULL REFERENCES region (code),
    series TEXT NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (region, series)
) STRICT;
CREATE TABLE inspection (
    id BLOB NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    department_id BLOB NOT NULL REFERENCES department (id),
    number TEXT NOT NULL,
    name TEXT NOT NULL,
    field TEXT NOT NULL,
    state TEXT NOT NULL,
    filter TEXT NOT NULL,
    quota TEXT NOT NULL,
    window_from TEXT NOT NULL,
    window_to TEXT NOT NULL,
    people_per_department INTEGER NOT NULL,
    notice TEXT NOT NULL,
    draw_rules TEXT NOT NULL,
    overlap TEXT NOT NULL,
    abort_reason TEXT NOT NULL,
    created_by BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT inspection_region_number_key UNIQUE (region, number)
) STRICT;
CREATE INDEX inspection_region_state_idx ON inspection (region, state);
CREATE INDEX inspection_department_id_state_idx ON inspection (department_id, state);
CREATE TABLE inspection_item (
    inspection_id BLOB NOT NULL REFERENCES inspection (id),
    department_id BLOB NOT NULL REFERENCES department (id),
    item_id BLOB NOT NULL REFERENCES item (id),
    region TEXT NOT NULL,
    PRIMARY KEY (inspection_id, item_id, department_id)
) STRICT;
CREATE TABLE participant (
    inspection_id BLOB NOT NULL REFERENCES inspection (id),
    department_id BLOB NOT NULL REFERENCES department (id),
    region TEXT NOT NULL,
    role TEXT NOT NULL,
    people INTEGER NOT NULL,
    PRIMARY KEY (inspection_id, department_id)
) STRICT;
CREATE INDEX participant_department_id_idx ON participant (department_id);
CREATE TABLE participant_person (
    inspection_id BLOB NOT NULL REFERENCES inspection (id),
    inspector_id BLOB NOT NULL REFERENCES inspector (id),
    department_id BLOB NOT NULL,
    region TEXT NOT NULL,
    PRIMARY KEY (inspection_id, inspector_id)
) STRICT;
CREATE TABLE invitation (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    inspection_id BLOB NOT NULL REFERENCES inspection (id),
    department_id BLOB NOT NULL REFERENCES department (id),
    state TEXT NOT NULL,
    sent_at TEXT NOT NULL,
    due_day TEXT NOT NULL,
    reminders INTEGER NOT NULL,
    escalated_at TEXT,
    answered_at TEXT,
    answered_by BLOB,
    reason TEXT NOT NULL,
    proposed_from TEXT,
    proposed_to TEXT,
    people INTEGER NOT NULL,
    required INTEGER NOT NULL,
    wildcard INTEGER NOT NULL,
    message TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT invitation_inspection_id_department_id_key UNIQUE (inspection_id, department_id)
) STRICT;
CREATE INDEX invitation_department_id_state_idx ON invitation (department_id, state);
CREATE INDEX invitation_state_due_day_idx ON invitation (state, due_day);
CREATE TABLE draw_pool (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    inspection_id BLOB NOT NULL REFERENCES inspection (id),
    place INTEGER NOT NULL,
    as_of TEXT NOT NULL,
    content BLOB NOT NULL,
    size INTEGER NOT NULL,
    excluded INTEGER NOT NULL,
    root TEXT NOT NULL,
    created_by BLOB NOT NULL,
    created_at TEXT NOT NULL,
    released_at TEXT,
    PRIMARY KEY (id),
    CONSTRAINT draw_pool_inspection_id_place_key UNIQUE (inspection_id, place)
) STRICT;
CREATE TABLE draw (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    inspection_id BLOB NOT NULL REFERENCES inspection (id),
    attempt INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    round INTEGER NOT NULL,
    pool_id BLOB,
    previous_id BLOB,
    purpose TEXT NOT NULL,
    state TEXT NOT NULL,
    list_token TEXT NOT NULL,
    draw_id TEXT NOT NULL,
    policy TEXT NOT NULL,
    public BLOB NOT NULL,
    private BLOB NOT NULL,
    pool_size INTEGER NOT NULL,
    drawn INTEGER NOT NULL,
    not_before TEXT NOT NULL,
    deadline TEXT NOT NULL,
    reason TEXT NOT NULL,
    operator_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT draw_inspection_id_purpose_attempt_key UNIQUE (inspection_id, purpose, attempt)
) STRICT;
CREATE INDEX draw_draw_id_idx ON draw (draw_id);
CREATE TABLE draw_witness (
    draw_id BLOB NOT NULL REFERENCES draw (id),
    user_id BLOB NOT NULL REFERENCES user_account (id),
    token TEXT NOT NULL,
    commitment TEXT NOT NULL,
    sealed BLOB NOT NULL,
    committed_at TEXT,
    revealed_at TEXT,
    region TEXT NOT NULL,
    PRIMARY KEY (draw_id, user_id)
) STRICT;
CREATE TABLE drawn_subject (
    draw_id BLOB NOT NULL REFERENCES draw (id),
    subject_id BLOB NOT NULL REFERENCES subject (id),
    inspection_id BLOB NOT NULL,
    region TEXT NOT NULL,
    round INTEGER NOT NULL,
    place INTEGER NOT NULL,
    stratum TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (draw_id, subject_id)
) STRICT;
CREATE INDEX drawn_subject_inspection_id_idx ON drawn_subject (inspection_id);
CREATE TABLE task (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    inspection_id BLOB REFERENCES inspection (id),
    code TEXT NOT NULL,
    department_id BLOB NOT NULL REFERENCES department (id),
    item_id BLOB NOT NULL REFERENCES item (id),
    subject_id BLOB NOT NULL REFERENCES subject (id),
    earliest TEXT NOT NULL,
    latest TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    mode TEXT NOT NULL,
    notice TEXT NOT NULL,
    priority INTEGER NOT NULL,
    state TEXT NOT NULL,
    planning_id BLOB,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT task_region_code_key UNIQUE (region, code)
) STRICT;
CREATE INDEX task_inspection_id_state_idx ON task (inspection_id, state);
CREATE INDEX task_subject_id_state_idx ON task (subject_id, state);
CREATE INDEX task_department_id_state_idx ON task (department_id, state);
