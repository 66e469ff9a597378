CREATE TABLE rectification (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    result_id UUID NOT NULL REFERENCES result (id),
    visit_id UUID NOT NULL REFERENCES visit (id),
    subject_id UUID NOT NULL REFERENCES subject (id),
    department_id UUID NOT NULL REFERENCES department (id),
    what TEXT NOT NULL,
    basis TEXT NOT NULL,
    first_due DATE NOT NULL,
    due_day DATE,
    reminders INTEGER NOT NULL,
    overdue BOOLEAN NOT NULL,
    extension TEXT NOT NULL,
    report TEXT NOT NULL,
    reported_day DATE,
    recheck TEXT NOT NULL,
    recheck_day DATE,
    on_site BOOLEAN NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    ordered_by UUID NOT NULL,
    rechecked_by UUID,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX rectification_result_id_idx ON rectification (result_id);
CREATE INDEX rectification_region_state_due_day_idx ON rectification (region, state, due_day);
CREATE INDEX rectification_department_id_state_idx ON rectification (department_id, state);
CREATE TABLE referral (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    result_id UUID NOT NULL REFERENCES result (id),
    visit_id UUID NOT NULL REFERENCES visit (id),
    subject_id UUID NOT NULL REFERENCES subject (id),
    from_id UUID NOT NULL REFERENCES department (id),
    to_id UUID NOT NULL REFERENCES department (id),
    what TEXT NOT NULL,
    basis TEXT NOT NULL,
    due_day DATE,
    reminders INTEGER NOT NULL,
    overdue BOOLEAN NOT NULL,
    refusal TEXT NOT NULL,
    feedback TEXT NOT NULL,
    closing TEXT NOT NULL,
    sent_by UUID NOT NULL,
    sent_at TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ,
    answered_at TIMESTAMPTZ,
    closed_at TIMESTAMPTZ,
    rounds INTEGER NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX referral_result_id_idx ON referral (result_id);
CREATE INDEX referral_from_id_state_idx ON referral (from_id, state);
CREATE INDEX referral_to_id_state_idx ON referral (to_id, state);
CREATE INDEX referral_region_state_due_day_idx ON referral (region, state, due_day);
CREATE TABLE case_filing (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    result_id UUID NOT NULL REFERENCES result (id),
    visit_id UUID NOT NULL REFERENCES visit (id),
    subject_id UUID NOT NULL REFERENCES subject (id),
    department_id UUID NOT NULL REFERENCES department (id),
    rectification_id UUID,
    referral_id UUID,
    number TEXT COLLATE "C" NOT NULL,
    cause TEXT NOT NULL,
    filed_day DATE NOT NULL,
    outcome TEXT NOT NULL,
    closed_day DATE,
    filed_by UUID NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT case_filing_department_id_number_key UNIQUE (department_id, number)
);
CREATE INDEX case_filing_result_id_idx ON case_filing (result_id);
CREATE INDEX case_filing_region_state_idx ON case_filing (region, state);
CREATE TABLE mailing (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    result_id UUID NOT NULL REFERENCES result (id),
    visit_id UUID NOT NULL REFERENCES visit (id),
    subject_id UUID NOT NULL REFERENCES subject (id),
    department_id UUID NOT NULL REFERENCES department (id),
    round INTEGER NOT NULL,
    first_kind TEXT COLLATE "C" NOT NULL,
    first_number TEXT COLLATE "C" NOT NULL,
    first_day DATE NOT NULL,
    first_end TEXT COLLATE "C" NOT NULL,
    first_end_day DATE,
    second_kind TEXT COLLATE "C" NOT NULL,
    second_number TEXT COLLATE "C" NOT NULL,
    second_day DATE,
    second_end TEXT COLLATE "C" NOT NULL,
    second_end_day DATE,
    reminder_kind TEXT COLLATE "C" NOT NULL,
    reminder_day DATE,
    reminder_note TEXT NOT NULL,
    due_day DATE,
    reminders INTEGER NOT NULL,
    overdue BOOLEAN NOT NULL,
    reached_day DATE,
    opinions TEXT NOT NULL,
    decided_by UUID,
    state TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX mailing_result_id_idx ON mailing (result_id);
CREATE INDEX mailing_region_state_due_day_idx ON mailing (region, state, due_day);
CREATE TABLE commission (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    visit_id UUID NOT NULL REFERENCES visit (id),
    department_id UUID NOT NULL REFERENCES department (id),
    inspector_id UUID,
    party TEXT NOT NULL,
    what TEXT NOT NULL,
    due_day DATE,
    reminders INTEGER NOT NULL,
    overdue BOOLEAN NOT NULL,
    evidence_id UUID,
    report_sha256 TEXT COLLATE "C" NOT NULL,
    reported_at TIMESTAMPTZ,
    reason TEXT NOT NULL,
    ordered_by UUID NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX commission_visit_id_idx ON commission (visit_id);
CREATE INDEX commission_region_state_due_day_idx ON commission (region, state, due_day);
CREATE TABLE recognition (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    task_id UUID NOT NULL REFERENCES task (id),
    department_id UUID NOT NULL REFERENCES department (id),
    subject_id UUID NOT NULL REFERENCES subject (id),
    result_id UUID NOT NULL REFERENCES result (id),
    inspection_id UUID,
    end_day DATE NOT NULL,
    reason TEXT NOT NULL,
    user_id UUID NOT NULL,
    on_day DATE NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT recognition_task_id_key UNIQUE (task_id)
);
CREATE INDEX recognition_region_on_day_idx ON recognition (region, on_day);
CREATE INDEX recognition_department_id_idx ON recognition (department_id);
CREATE TABLE completion (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    task_id UUID NOT NULL REFERENCES task (id),
    result_id UUID NOT NULL REFERENCES result (id),
    visit_id UUID NOT NULL REFERENCES visit (id),
    department_id UUID NOT NULL REFERENCES department (id),
    on_day DATE NOT NULL,
    note TEXT NOT NULL,
    user_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT completion_task_id_key UNIQUE (task_id)
);
CREATE INDEX completion_visit_id_idx ON completion (visit_id);
CREATE TABLE rating (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    visit_id UUID NOT NULL REFERENCES visit (id),
    scores TEXT NOT NULL,
    words TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT rating_visit_id_key UNIQUE (visit_id)
);
CREATE INDEX rating_region_id_idx ON rating (region, id);
CREATE TABLE complaint (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    visit_id UUID NOT NULL REFERENCES visit (id),
    words TEXT NOT NULL,
    contact TEXT NOT NULL,
    answer TEXT NOT NULL,
    closing TEXT NOT NULL,
    taken_by UUID,
    taken_at TIMESTAMPTZ,
    answered_at TIMESTAMPTZ,
    closed_at TIMESTAMPTZ,
    state TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX complaint_region_state_idx ON complaint (region, state);
CREATE INDEX complaint_visit_id_idx ON complaint (visit_id);
CREATE TABLE return_round (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    from_day DATE NOT NULL,
    to_day DATE NOT NULL,
    count INTEGER NOT NULL,
    pool TEXT NOT NULL,
    pool_hash TEXT COLLATE "C" NOT NULL,
    nonce TEXT COLLATE "C" NOT NULL,
    checkpoint TEXT NOT NULL,
    seed TEXT COLLATE "C" NOT NULL,
    announced_by UUID NOT NULL,
    drawn_at TIMESTAMPTZ,
    state TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX return_round_region_id_idx ON return_round (region, id);
CREATE TABLE return_visit (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    round_id UUID NOT NULL REFERENCES return_round (id),
    visit_id UUID NOT NULL REFERENCES visit (id),
    number INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    answers TEXT NOT NULL,
    words TEXT NOT NULL,
    asked_by UUID,
    asked_day DATE,
    state TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT return_visit_round_id_visit_id_key UNIQUE (round_id, visit_id)
);
CREATE INDEX return_visit_visit_id_idx ON return_visit (visit_id);
