CREATE TABLE card (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    department_id UUID NOT NULL REFERENCES department (id),
    kind TEXT COLLATE "C" NOT NULL,
    object_id UUID NOT NULL,
    color TEXT COLLATE "C" NOT NULL,
    reason TEXT NOT NULL,
    due_day DATE NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    acknowledged_by UUID,
    acknowledged_at TIMESTAMPTZ,
    note TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT card_kind_object_id_department_id_color_key UNIQUE (kind, object_id, department_id, color)
);
CREATE INDEX card_region_state_idx ON card (region, state);
CREATE INDEX card_department_id_idx ON card (department_id);
CREATE TABLE plan_base (
    plan_id UUID NOT NULL REFERENCES plan_entry (id),
    region TEXT COLLATE "C" NOT NULL,
    on_day DATE NOT NULL,
    subjects BIGINT NOT NULL,
    classes TEXT NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (plan_id)
);
CREATE TABLE scorecard (
    region TEXT COLLATE "C" NOT NULL,
    year INTEGER NOT NULL,
    weights TEXT NOT NULL,
    version BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (region, year)
);
CREATE TABLE score_evidence (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    year INTEGER NOT NULL,
    department_id UUID NOT NULL REFERENCES department (id),
    indicator INTEGER NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT COLLATE "C" NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    user_id UUID NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    decided_by UUID,
    decided_at TIMESTAMPTZ,
    note TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT score_evidence_department_id_year_indicator_sha256_key UNIQUE (department_id, year, indicator, sha256)
);
CREATE INDEX score_evidence_region_year_idx ON score_evidence (region, year);
CREATE INDEX conduct_region_end_day_idx ON conduct (region, end_day);
CREATE INDEX publication_region_end_day_idx ON publication (region, end_day);
CREATE INDEX publication_region_card_idx ON publication (region, card);
CREATE INDEX result_visit_id_figures_idx ON result (visit_id, current, state, department_id, outcomes);
