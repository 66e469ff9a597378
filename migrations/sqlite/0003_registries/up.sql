CREATE TABLE item (
    id BLOB NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    department_id BLOB NOT NULL REFERENCES department (id),
    code TEXT NOT NULL,
    revision INTEGER NOT NULL,
    list_level TEXT NOT NULL,
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    field TEXT NOT NULL,
    object TEXT NOT NULL,
    kinds TEXT NOT NULL,
    details TEXT NOT NULL,
    mode TEXT NOT NULL,
    notice TEXT NOT NULL,
    ratio_text TEXT NOT NULL,
    ratio TEXT NOT NULL,
    frequency_cap INTEGER,
    category TEXT NOT NULL,
    qualification TEXT NOT NULL,
    equivalence_group TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    claimed_from BLOB,
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    current INTEGER NOT NULL,
    published_at TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT item_region_department_id_code_revision_key UNIQUE (region, department_id, code, revision)
) STRICT;
CREATE INDEX item_region_state_current_idx ON item (region, state, current);
CREATE INDEX item_equivalence_group_idx ON item (equivalence_group);
CREATE TABLE subject (
    id BLOB NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    key TEXT NOT NULL,
    uscc TEXT NOT NULL,
    registration_no TEXT NOT NULL,
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    kind TEXT NOT NULL,
    division TEXT NOT NULL,
    town TEXT NOT NULL,
    address TEXT NOT NULL,
    industry TEXT NOT NULL,
    industry_name TEXT NOT NULL,
    credit TEXT NOT NULL,
    founded TEXT,
    lon REAL,
    lat REAL,
    contact TEXT NOT NULL,
    phone TEXT NOT NULL,
    tags TEXT NOT NULL,
    abnormal INTEGER NOT NULL,
    serious INTEGER NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT subject_region_key_key UNIQUE (region, key)
) STRICT;
CREATE INDEX subject_region_kind_town_idx ON subject (region, kind, town, id);
CREATE INDEX subject_region_town_idx ON subject (region, town, id);
CREATE INDEX subject_region_credit_town_idx ON subject (region, credit, town, id);
CREATE INDEX subject_region_industry_idx ON subject (region, industry);
CREATE TABLE subject_site (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    subject_id BLOB NOT NULL REFERENCES subject (id),
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    town TEXT NOT NULL,
    division TEXT NOT NULL,
    lon REAL,
    lat REAL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX subject_site_subject_id_idx ON subject_site (subject_id);
CREATE TABLE subject_department (
    subject_id BLOB NOT NULL REFERENCES subject (id),
    department_id BLOB NOT NULL REFERENCES department (id),
    region TEXT NOT NULL,
    PRIMARY KEY (subject_id, department_id)
) STRICT;
CREATE INDEX subject_department_department_id_idx ON subject_department (department_id);
CREATE TABLE subject_tag (
    subject_id BLOB NOT NULL REFERENCES subject (id),
    tag TEXT NOT NULL,
    region TEXT NOT NULL,
    PRIMARY KEY (subject_id, tag)
) STRICT;
CREATE INDEX subject_tag_region_tag_idx ON subject_tag (region, tag);
CREATE TABLE inspector (
    id BLOB NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    department_id BLOB NOT NULL REFERENCES department (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    sex TEXT NOT NULL,
    unit_type TEXT NOT NULL,
    unit TEXT NOT NULL,
    post TEXT NOT NULL,
    cert_no TEXT NOT NULL,
    daily_minutes INTEGER NOT NULL,
    can_lead INTEGER NOT NULL,
    reserve INTEGER NOT NULL,
    expert INTEGER NOT NULL,
    load0 INTEGER NOT NULL,
    email TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT inspector_region_code_key UNIQUE (region, code)
) STRICT;
CREATE INDEX inspector_department_id_state_idx ON inspector (department_id, state);
CREATE TABLE certificate (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    inspector_id BLOB NOT NULL REFERENCES inspector (id),
    qual TEXT NOT NULL,
    qual_name TEXT NOT NULL,
    no TEXT NOT NULL,
    valid_from TEXT,
    valid_to TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT certificate_inspector_id_qual_no_valid_from_key UNIQUE (inspector_id, qual, no, valid_from)
) STRICT;
CREATE INDEX certificate_valid_to_idx ON certificate (valid_to);
CREATE TABLE leave (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    inspector_id BLOB NOT NULL REFERENCES inspector (id),
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    kind TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX leave_inspector_id_idx ON leave (inspector_id);
CREATE TABLE recusal (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    inspector_id BLOB NOT NULL REFERENCES inspector (id),
    subject_id BLOB NOT NULL REFERENCES subject (id),
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL,
    decided_by BLOB,
    decision_note TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT recusal_inspector_id_subject_id_key UNIQUE (inspector_id, subject_id)
) STRICT;
CREATE INDEX recusal_subject_id_idx ON recusal (subject_id);
CREATE TABLE calendar_day (
    region TEXT NOT NULL,
    day TEXT NOT NULL,
    workday INTEGER NOT NULL,
    quiet INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (region, day)
) STRICT;
CREATE TABLE vocabulary (
    region TEXT NOT NULL,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    parent TEXT NOT NULL,
    place INTEGER NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (region, kind, code)
) STRICT;
CREATE TABLE alias (
    region TEXT NOT NULL,
    kind TEXT NOT NULL,
    word_key TEXT NOT NULL,
    word TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (region, kind, word_key, target)
) STRICT;
CREATE TABLE cap_entry (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    department_id BLOB NOT NULL REFERENCES department (id),
    subject_id BLOB NOT NULL REFERENCES subject (id),
    year INTEGER NOT NULL,
    on_day TEXT NOT NULL,
    visit_id BLOB,
    cause TEXT NOT NULL,
    counted INTEGER NOT NULL,
    note TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX cap_entry_region_subject_id_year_idx ON cap_entry (region, subject_id, year);
CREATE INDEX cap_entry_department_id_year_idx ON cap_entry (department_id, year);
CREATE TABLE plan_entry (
    id BLOB NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    department_id BLOB NOT NULL REFERENCES department (id),
    code TEXT NOT NULL,
    year INTEGER NOT NULL,
    name TEXT NOT NULL,
    items TEXT NOT NULL,
    filter TEXT NOT NULL,
    ratio_text TEXT NOT NULL,
    ratio TEXT NOT NULL,
    class_ratios TEXT NOT NULL,
    window_from TEXT,
    window_to TEXT,
    window_text TEXT NOT NULL,
    targeted INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    details TEXT NOT NULL,
    state TEXT NOT NULL,
    inspection_id BLOB,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT plan_entry_region_department_id_year_code_key UNIQUE (region, department_id, year, code)
) STRICT;
CREATE INDEX plan_entry_region_year_state_idx ON plan_entry (region, year, state);
