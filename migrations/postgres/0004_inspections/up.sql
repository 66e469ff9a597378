CREATE TABLE numbering (
    region TEXT COLLATE "C" NOT NULL REFERENCES region (code),
    series TEXT COLLATE "C" NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (region, series)
);
CREATE TABLE inspection (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL REFERENCES region (code),
    department_id UUID NOT NULL REFERENCES department (id),
    number TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    filter TEXT NOT NULL,
    quota TEXT NOT NULL,
    window_from DATE NOT NULL,
    window_to DATE NOT NULL,
    people_per_department INTEGER NOT NULL,
    notice TEXT COLLATE "C" NOT NULL,
    draw_rules TEXT NOT NULL,
    overlap TEXT NOT NULL,
    abort_reason TEXT COLLATE "C" NOT NULL,
    created_by UUID NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT inspection_region_number_key UNIQUE (region, number)
);
CREATE INDEX inspection_region_state_idx ON inspection (region, state);
CREATE INDEX inspection_department_id_state_idx ON inspection (department_id, state);
CREATE TABLE inspection_item (
    inspection_id UUID NOT NULL REFERENCES inspection (id),
    department_id UUID NOT NULL REFERENCES department (id),
    item_id UUID NOT NULL REFERENCES item (id),
    region TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (inspection_id, item_id, department_id)
);
CREATE TABLE participant (
    inspection_id UUID NOT NULL REFERENCES inspection (id),
    department_id UUID NOT NULL REFERENCES department (id),
    region TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    people INTEGER NOT NULL,
    PRIMARY KEY (inspection_id, department_id)
);
CREATE INDEX participant_department_id_idx ON participant (department_id);
CREATE TABLE participant_person (
    inspection_id UUID NOT NULL REFERENCES inspection (id),
    inspector_id UUID NOT NULL REFERENCES inspector (id),
    department_id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (inspection_id, inspector_id)
);
CREATE TABLE invitation (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    inspection_id UUID NOT NULL REFERENCES inspection (id),
    department_id UUID NOT NULL REFERENCES department (id),
    state TEXT COLLATE "C" NOT NULL,
    sent_at TIMESTAMPTZ NOT NULL,
    due_day DATE NOT NULL,
    reminders INTEGER NOT NULL,
    escalated_at TIMESTAMPTZ,
    answered_at TIMESTAMPTZ,
    answered_by UUID,
    reason TEXT COLLATE "C" NOT NULL,
    proposed_from DATE,
    proposed_to DATE,
    people INTEGER NOT NULL,
    required BOOLEAN NOT NULL,
    wildcard BOOLEAN NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT invitation_inspection_id_department_id_key UNIQUE (inspection_id, department_id)
);
CREATE INDEX invitation_department_id_state_idx ON invitation (department_id, state);
CREATE INDEX invitation_state_due_day_idx ON invitation (state, due_day);
CREATE TABLE draw_pool (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    inspection_id UUID NOT NULL REFERENCES inspection (id),
    place INTEGER NOT NULL,
    as_of TIMESTAMPTZ NOT NULL,
    content BYTEA NOT NULL,
    size BIGINT NOT NULL,
    excluded BIGINT NOT NULL,
    root TEXT COLLATE "C" NOT NULL,
    created_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    released_at TIMESTAMPTZ,
    PRIMARY KEY (id),
    CONSTRAINT draw_pool_inspection_id_place_key UNIQUE (inspection_id, place)
);
CREATE TABLE draw (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    inspection_id UUID NOT NULL REFERENCES inspection (id),
    attempt INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    round INTEGER NOT NULL,
    pool_id UUID,
    previous_id UUID,
    purpose TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    list_token TEXT COLLATE "C" NOT NULL,
    draw_id TEXT COLLATE "C" NOT NULL,
    policy TEXT COLLATE "C" NOT NULL,
    public BYTEA NOT NULL,
    private BYTEA NOT NULL,
    pool_size BIGINT NOT NULL,
    drawn BIGINT NOT NULL,
    not_before TIMESTAMPTZ NOT NULL,
    deadline TIMESTAMPTZ NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    operator_id UUID NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT draw_inspection_id_purpose_attempt_key UNIQUE (inspection_id, purpose, attempt)
);
CREATE INDEX draw_draw_id_idx ON draw (draw_id);
CREATE TABLE draw_witness (
    draw_id UUID NOT NULL REFERENCES draw (id),
    user_id UUID NOT NULL REFERENCES user_account (id),
    token TEXT COLLATE "C" NOT NULL,
    commitment TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
    committed_at TIMESTAMPTZ,
    revealed_at TIMESTAMPTZ,
    region TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (draw_id, user_id)
);
CREATE TABLE drawn_subject (
    draw_id UUID NOT NULL REFERENCES draw (id),
    subject_id UUID NOT NULL REFERENCES subject (id),
    inspection_id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    round INTEGER NOT NULL,
    place BIGINT NOT NULL,
    stratum TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (draw_id, subject_id)
);
CREATE INDEX drawn_subject_inspection_id_idx ON drawn_subject (inspection_id);
CREATE TABLE task (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    inspection_id UUID REFERENCES inspection (id),
    code TEXT COLLATE "C" NOT NULL,
    department_id UUID NOT NULL REFERENCES department (id),
    item_id UUID NOT NULL REFERENCES item (id),
    subject_id UUID NOT NULL REFERENCES subject (id),
    earliest DATE NOT NULL,
    latest DATE NOT NULL,
    minutes INTEGER NOT NULL,
    mode TEXT COLLATE "C" NOT NULL,
    notice TEXT COLLATE "C" NOT NULL,
    priority INTEGER NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    planning_id UUID,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT task_region_code_key UNIQUE (region, code)
);
CREATE INDEX task_inspection_id_state_idx ON task (inspection_id, state);
CREATE INDEX task_subject_id_state_idx ON task (subject_id, state);
CREATE INDEX task_department_id_state_idx ON task (department_id, state);
