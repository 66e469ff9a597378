CREATE TABLE card (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    department_id BLOB NOT NULL REFERENCES department (id),
    kind TEXT NOT NULL,
    object_id BLOB NOT NULL,
    color TEXT NOT NULL,
    reason TEXT NOT NULL,
    due_day TEXT NOT NULL,
    state TEXT NOT NULL,
    acknowledged_by BLOB,
    acknowledged_at TEXT,
    note TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT card_kind_object_id_department_id_color_key UNIQUE (kind, object_id, department_id, color)
) STRICT;
CREATE INDEX card_region_state_idx ON card (region, state);
CREATE INDEX card_department_id_idx ON card (department_id);
CREATE TABLE plan_base (
    plan_id BLOB NOT NULL REFERENCES plan_entry (id),
    region TEXT NOT NULL,
    on_day TEXT NOT NULL,
    subjects INTEGER NOT NULL,
    classes TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (plan_id)
) STRICT;
CREATE TABLE scorecard (
    region TEXT NOT NULL,
    year INTEGER NOT NULL,
    weights TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (region, year)
) STRICT;
CREATE TABLE score_evidence (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    year INTEGER NOT NULL,
    department_id BLOB NOT NULL REFERENCES department (id),
    indicator INTEGER NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    user_id BLOB NOT NULL,
    state TEXT NOT NULL,
    decided_by BLOB,
    decided_at TEXT,
    note TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT score_evidence_department_id_year_indicator_sha256_key UNIQUE (department_id, year, indicator, sha256)
) STRICT;
CREATE INDEX score_evidence_region_year_idx ON score_evidence (region, year);
CREATE INDEX conduct_region_end_day_idx ON conduct (region, end_day);
CREATE INDEX publication_region_end_day_idx ON publication (region, end_day);
CREATE INDEX publication_region_card_idx ON publication (region, card);
CREATE INDEX result_visit_id_figures_idx ON result (visit_id, current, state, department_id, outcomes);
