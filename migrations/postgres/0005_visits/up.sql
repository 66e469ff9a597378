CREATE TABLE planning (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    period_from DATE NOT NULL,
    period_to DATE NOT NULL,
    inspections TEXT NOT NULL,
    singles BOOLEAN NOT NULL,
    input_digest TEXT COLLATE "C" NOT NULL,
    seed TEXT COLLATE "C" NOT NULL,
    draw_ref TEXT COLLATE "C" NOT NULL,
    basis_id UUID,
    basis TEXT NOT NULL,
    summary TEXT NOT NULL,
    blockers TEXT NOT NULL,
    changes TEXT NOT NULL,
    created_by UUID NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX planning_region_state_idx ON planning (region, state);
CREATE TABLE planning_rule (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    subject_id UUID,
    tasks TEXT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    on_day DATE,
    reason TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    created_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX planning_rule_region_state_idx ON planning_rule (region, state);
CREATE TABLE single_task (
    task_id UUID NOT NULL REFERENCES task (id),
    region TEXT COLLATE "C" NOT NULL,
    cause TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    created_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (task_id)
);
CREATE TABLE visit (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    planning_id UUID NOT NULL REFERENCES planning (id),
    code TEXT COLLATE "C" NOT NULL,
    subject_id UUID NOT NULL REFERENCES subject (id),
    on_day DATE,
    start_minute INTEGER,
    minutes INTEGER NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    lead_department_id UUID,
    announced BOOLEAN NOT NULL,
    reasons TEXT NOT NULL,
    dispatched_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT visit_planning_id_code_key UNIQUE (planning_id, code)
);
CREATE INDEX visit_region_state_on_day_idx ON visit (region, state, on_day);
CREATE INDEX visit_subject_id_idx ON visit (subject_id);
CREATE TABLE visit_department (
    visit_id UUID NOT NULL REFERENCES visit (id),
    department_id UUID NOT NULL REFERENCES department (id),
    region TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (visit_id, department_id)
);
CREATE INDEX visit_department_department_id_idx ON visit_department (department_id);
CREATE TABLE visit_task (
    visit_id UUID NOT NULL REFERENCES visit (id),
    task_id UUID NOT NULL REFERENCES task (id),
    region TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (visit_id, task_id)
);
CREATE INDEX visit_task_task_id_idx ON visit_task (task_id);
CREATE TABLE seat (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    visit_id UUID NOT NULL REFERENCES visit (id),
    inspector_id UUID NOT NULL REFERENCES inspector (id),
    department_id UUID NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    draw_ref TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX seat_visit_id_state_idx ON seat (visit_id, state);
CREATE INDEX seat_inspector_id_state_idx ON seat (inspector_id, state);
CREATE TABLE replacement (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    seat_id UUID NOT NULL REFERENCES seat (id),
    visit_id UUID NOT NULL REFERENCES visit (id),
    department_id UUID NOT NULL,
    inspector_id UUID NOT NULL,
    new_inspector_id UUID,
    cause TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    requested_by UUID,
    requester TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    decided_by UUID,
    decision_note TEXT COLLATE "C" NOT NULL,
    draw_record TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX replacement_department_id_state_idx ON replacement (department_id, state);
CREATE INDEX replacement_visit_id_idx ON replacement (visit_id);
