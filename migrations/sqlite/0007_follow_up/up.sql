CREATE TABLE rectification (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    result_id BLOB NOT NULL REFERENCES result (id),
    visit_id BLOB NOT NULL REFERENCES visit (id),
    subject_id BLOB NOT NULL REFERENCES subject (id),
    department_id BLOB NOT NULL REFERENCES department (id),
    what TEXT NOT NULL,
    basis TEXT NOT NULL,
    first_due TEXT NOT NULL,
    due_day TEXT,
    reminders INTEGER NOT NULL,
    overdue INTEGER NOT NULL,
    extension TEXT NOT NULL,
    report TEXT NOT NULL,
    reported_day TEXT,
    recheck TEXT NOT NULL,
    recheck_day TEXT,
    on_site INTEGER NOT NULL,
    state TEXT NOT NULL,
    ordered_by BLOB NOT NULL,
    rechecked_by BLOB,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX rectification_result_id_idx ON rectification (result_id);
CREATE INDEX rectification_region_state_due_day_idx ON rectification (region, state, due_day);
CREATE INDEX rectification_department_id_state_idx ON rectification (department_id, state);
CREATE TABLE referral (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    kind TEXT NOT NULL,
    result_id BLOB NOT NULL REFERENCES result (id),
    visit_id BLOB NOT NULL REFERENCES visit (id),
    subject_id BLOB NOT NULL REFERENCES subject (id),
    from_id BLOB NOT NULL REFERENCES department (id),
    to_id BLOB NOT NULL REFERENCES department (id),
    what TEXT NOT NULL,
    basis TEXT NOT NULL,
    due_day TEXT,
    reminders INTEGER NOT NULL,
    overdue INTEGER NOT NULL,
    refusal TEXT NOT NULL,
    feedback TEXT NOT NULL,
    closing TEXT NOT NULL,
    sent_by BLOB NOT NULL,
    sent_at TEXT NOT NULL,
    received_at TEXT,
    answered_at TEXT,
    closed_at TEXT,
    rounds INTEGER NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX referral_result_id_idx ON referral (result_id);
CREATE INDEX referral_from_id_state_idx ON referral (from_id, state);
CREATE INDEX referral_to_id_state_idx ON referral (to_id, state);
CREATE INDEX referral_region_state_due_day_idx ON referral (region, state, due_day);
CREATE TABLE case_filing (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    result_id BLOB NOT NULL REFERENCES result (id),
    visit_id BLOB NOT NULL REFERENCES visit (id),
    subject_id BLOB NOT NULL REFERENCES subject (id),
    department_id BLOB NOT NULL REFERENCES department (id),
    rectification_id BLOB,
    referral_id BLOB,
    number TEXT NOT NULL,
    cause TEXT NOT NULL,
    filed_day TEXT NOT NULL,
    outcome TEXT NOT NULL,
    closed_day TEXT,
    filed_by BLOB NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT case_filing_department_id_number_key UNIQUE (department_id, number)
) STRICT;
CREATE INDEX case_filing_result_id_idx ON case_filing (result_id);
CREATE INDEX case_filing_region_state_idx ON case_filing (region, state);
CREATE TABLE mailing (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    result_id BLOB NOT NULL REFERENCES result (id),
    visit_id BLOB NOT NULL REFERENCES visit (id),
    subject_id BLOB NOT NULL REFERENCES subject (id),
    department_id BLOB NOT NULL REFERENCES department (id),
    round INTEGER NOT NULL,
    first_kind TEXT NOT NULL,
    first_number TEXT NOT NULL,
    first_day TEXT NOT NULL,
    first_end TEXT NOT NULL,
    first_end_day TEXT,
    second_kind TEXT NOT NULL,
    second_number TEXT NOT NULL,
    second_day TEXT,
    second_end TEXT NOT NULL,
    second_end_day TEXT,
    reminder_kind TEXT NOT NULL,
    reminder_day TEXT,
    reminder_note TEXT NOT NULL,
    due_day TEXT,
    reminders INTEGER NOT NULL,
    overdue INTEGER NOT NULL,
    reached_day TEXT,
    opinions TEXT NOT NULL,
    decided_by BLOB,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX mailing_result_id_idx ON mailing (result_id);
CREATE INDEX mailing_region_state_due_day_idx ON mailing (region, state, due_day);
CREATE TABLE commission (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    visit_id BLOB NOT NULL REFERENCES visit (id),
    department_id BLOB NOT NULL REFERENCES department (id),
    inspector_id BLOB,
    party TEXT NOT NULL,
    what TEXT NOT NULL,
    due_day TEXT,
    reminders INTEGER NOT NULL,
    overdue INTEGER NOT NULL,
    evidence_id BLOB,
    report_sha256 TEXT NOT NULL,
    reported_at TEXT,
    reason TEXT NOT NULL,
    ordered_by BLOB NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX commission_visit_id_idx ON commission (visit_id);
CREATE INDEX commission_region_state_due_day_idx ON commission (region, state, due_day);
CREATE TABLE recognition (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    task_id BLOB NOT NULL REFERENCES task (id),
    department_id BLOB NOT NULL REFERENCES department (id),
    subject_id BLOB NOT NULL REFERENCES subject (id),
    result_id BLOB NOT NULL REFERENCES result (id),
    inspection_id BLOB,
    end_day TEXT NOT NULL,
    reason TEXT NOT NULL,
    user_id BLOB NOT NULL,
    on_day TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT recognition_task_id_key UNIQUE (task_id)
) STRICT;
CREATE INDEX recognition_region_on_day_idx ON recognition (region, on_day);
CREATE INDEX recognition_department_id_idx ON recognition (department_id);
CREATE TABLE completion (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    task_id BLOB NOT NULL REFERENCES task (id),
    result_id BLOB NOT NULL REFERENCES result (id),
    visit_id BLOB NOT NULL REFERENCES visit (id),
    department_id BLOB NOT NULL REFERENCES department (id),
    on_day TEXT NOT NULL,
    note TEXT NOT NULL,
    user_id BLOB NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT completion_task_id_key UNIQUE (task_id)
) STRICT;
CREATE INDEX completion_visit_id_idx ON completion (visit_id);
CREATE TABLE rating (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    visit_id BLOB NOT NULL REFERENCES visit (id),
    scores TEXT NOT NULL,
    words TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT rating_visit_id_key UNIQUE (visit_id)
) STRICT;
CREATE INDEX rating_region_id_idx ON rating (region, id);
CREATE TABLE complaint (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    visit_id BLOB NOT NULL REFERENCES visit (id),
    words TEXT NOT NULL,
    contact TEXT NOT NULL,
    answer TEXT NOT NULL,
    closing TEXT NOT NULL,
    taken_by BLOB,
    taken_at TEXT,
    answered_at TEXT,
    closed_at TEXT,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX complaint_region_state_idx ON complaint (region, state);
CREATE INDEX complaint_visit_id_idx ON complaint (visit_id);
CREATE TABLE return_round (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    count INTEGER NOT NULL,
    pool TEXT NOT NULL,
    pool_hash TEXT NOT NULL,
    nonce TEXT NOT NULL,
    checkpoint TEXT NOT NULL,
    seed TEXT NOT NULL,
    announced_by BLOB NOT NULL,
    drawn_at TEXT,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX return_round_region_id_idx ON return_round (region, id);
CREATE TABLE return_visit (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    round_id BLOB NOT NULL REFERENCES return_round (id),
    visit_id BLOB NOT NULL REFERENCES visit (id),
    number INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    answers TEXT NOT NULL,
    words TEXT NOT NULL,
    asked_by BLOB,
    asked_day TEXT,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT return_visit_round_id_visit_id_key UNIQUE (round_id, visit_id)
) STRICT;
CREATE INDEX return_visit_visit_id_idx ON return_visit (visit_id);
