CREATE TABLE conduct (
    visit_id UUID NOT NULL REFERENCES visit (id),
    region TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    began_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    end_day DATE,
    obstacle TEXT COLLATE "C" NOT NULL,
    obstacle_note TEXT NOT NULL,
    statement TEXT NOT NULL,
    signer TEXT NOT NULL,
    signed TEXT COLLATE "C" NOT NULL,
    signed_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (visit_id),
    CONSTRAINT conduct_region_code_key UNIQUE (region, code)
);
CREATE TABLE check_in (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    visit_id UUID NOT NULL REFERENCES visit (id),
    inspector_id UUID NOT NULL REFERENCES inspector (id),
    user_id UUID NOT NULL,
    method TEXT COLLATE "C" NOT NULL,
    place TEXT NOT NULL,
    lon DOUBLE PRECISION,
    lat DOUBLE PRECISION,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT check_in_visit_id_inspector_id_key UNIQUE (visit_id, inspector_id)
);
CREATE TABLE result (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    visit_id UUID NOT NULL REFERENCES visit (id),
    task_id UUID NOT NULL REFERENCES task (id),
    item_id UUID NOT NULL REFERENCES item (id),
    subject_id UUID NOT NULL REFERENCES subject (id),
    department_id UUID NOT NULL REFERENCES department (id),
    inspection_id UUID,
    outcomes TEXT NOT NULL,
    methods TEXT NOT NULL,
    law TEXT NOT NULL,
    other TEXT NOT NULL,
    follow_up TEXT NOT NULL,
    note TEXT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    entered_by UUID,
    entered_at TIMESTAMPTZ,
    confirmed_by UUID,
    confirmed_at TIMESTAMPTZ,
    reviewed_by UUID,
    reviewed_at TIMESTAMPTZ,
    review_note TEXT NOT NULL,
    approved_by UUID,
    approved_at TIMESTAMPTZ,
    published_at TIMESTAMPTZ,
    revision INTEGER NOT NULL,
    current BOOLEAN NOT NULL,
    previous_id UUID,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT result_task_id_revision_key UNIQUE (task_id, revision)
);
CREATE INDEX result_visit_id_idx ON result (visit_id);
CREATE INDEX result_department_id_state_idx ON result (department_id, state);
CREATE INDEX result_region_published_at_idx ON result (region, published_at);
CREATE INDEX result_inspection_id_idx ON result (inspection_id);
CREATE INDEX result_subject_id_idx ON result (subject_id);
CREATE TABLE evidence (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    visit_id UUID NOT NULL REFERENCES visit (id),
    task_id UUID,
    department_id UUID NOT NULL REFERENCES department (id),
    name TEXT NOT NULL,
    media_type TEXT COLLATE "C" NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    user_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX evidence_visit_id_idx ON evidence (visit_id);
CREATE INDEX evidence_sha256_idx ON evidence (sha256);
CREATE TABLE publication (
    visit_id UUID NOT NULL REFERENCES visit (id),
    department_id UUID NOT NULL REFERENCES department (id),
    region TEXT COLLATE "C" NOT NULL,
    end_day DATE NOT NULL,
    due_day DATE NOT NULL,
    reminders INTEGER NOT NULL,
    card TEXT COLLATE "C" NOT NULL,
    done_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (visit_id, department_id)
);
CREATE INDEX publication_region_done_at_due_day_idx ON publication (region, done_at, due_day);
