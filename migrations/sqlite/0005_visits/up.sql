CREATE TABLE planning (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    period_from TEXT NOT NULL,
    period_to TEXT NOT NULL,
    inspections TEXT NOT NULL,
    singles INTEGER NOT NULL,
    input_digest TEXT NOT NULL,
    seed TEXT NOT NULL,
    draw_ref TEXT NOT NULL,
    basis_id BLOB,
    basis TEXT NOT NULL,
    summary TEXT NOT NULL,
    blockers TEXT NOT NULL,
    changes TEXT NOT NULL,
    created_by BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX planning_region_state_idx ON planning (region, state);
CREATE TABLE planning_rule (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    subject_id BLOB,
    tasks TEXT NOT NULL,
    kind TEXT NOT NULL,
    on_day TEXT,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    created_by BLOB NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX planning_rule_region_state_idx ON planning_rule (region, state);
CREATE TABLE single_task (
    task_id BLOB NOT NULL REFERENCES task (id),
    region TEXT NOT NULL,
    cause TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_by BLOB NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (task_id)
) STRICT;
CREATE TABLE visit (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    planning_id BLOB NOT NULL REFERENCES planning (id),
    code TEXT NOT NULL,
    subject_id BLOB NOT NULL REFERENCES subject (id),
    on_day TEXT,
    start_minute INTEGER,
    minutes INTEGER NOT NULL,
    state TEXT NOT NULL,
    lead_department_id BLOB,
    announced INTEGER NOT NULL,
    reasons TEXT NOT NULL,
    dispatched_at TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT visit_planning_id_code_key UNIQUE (planning_id, code)
) STRICT;
CREATE INDEX visit_region_state_on_day_idx ON visit (region, state, on_day);
CREATE INDEX visit_subject_id_idx ON visit (subject_id);
CREATE TABLE visit_department (
    visit_id BLOB NOT NULL REFERENCES visit (id),
    department_id BLOB NOT NULL REFERENCES department (id),
    region TEXT NOT NULL,
    PRIMARY KEY (visit_id, department_id)
) STRICT;
CREATE INDEX visit_department_department_id_idx ON visit_department (department_id);
CREATE TABLE visit_task (
    visit_id BLOB NOT NULL REFERENCES visit (id),
    task_id BLOB NOT NULL REFERENCES task (id),
    region TEXT NOT NULL,
    PRIMARY KEY (visit_id, task_id)
) STRICT;
CREATE INDEX visit_task_task_id_idx ON visit_task (task_id);
CREATE TABLE seat (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    visit_id BLOB NOT NULL REFERENCES visit (id),
    inspector_id BLOB NOT NULL REFERENCES inspector (id),
    department_id BLOB NOT NULL,
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    draw_ref TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX seat_visit_id_state_idx ON seat (visit_id, state);
CREATE INDEX seat_inspector_id_state_idx ON seat (inspector_id, state);
CREATE TABLE replacement (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    seat_id BLOB NOT NULL REFERENCES seat (id),
    visit_id BLOB NOT NULL REFERENCES visit (id),
    department_id BLOB NOT NULL,
    inspector_id BLOB NOT NULL,
    new_inspector_id BLOB,
    cause TEXT NOT NULL,
    reason TEXT NOT NULL,
    requested_by BLOB,
    requester TEXT NOT NULL,
    state TEXT NOT NULL,
    decided_by BLOB,
    decision_note TEXT NOT NULL,
    draw_record TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX replacement_department_id_state_idx ON replacement (department_id, state);
CREATE INDEX replacement_visit_id_idx ON replacement (visit_id);
