CREATE TABLE item (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL REFERENCES region (code),
    department_id UUID NOT NULL REFERENCES department (id),
    code TEXT COLLATE "C" NOT NULL,
    revision INTEGER NOT NULL,
    list_level TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    search TEXT COLLATE "C" NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    kinds TEXT NOT NULL,
    details TEXT NOT NULL,
    mode TEXT COLLATE "C" NOT NULL,
    notice TEXT COLLATE "C" NOT NULL,
    ratio_text TEXT COLLATE "C" NOT NULL,
    ratio TEXT NOT NULL,
    frequency_cap INTEGER,
    category TEXT COLLATE "C" NOT NULL,
    qualification TEXT COLLATE "C" NOT NULL,
    equivalence_group TEXT COLLATE "C" NOT NULL,
    minutes INTEGER NOT NULL,
    claimed_from UUID,
    note TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    current BOOLEAN NOT NULL,
    published_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT item_region_department_id_code_revision_key UNIQUE (region, department_id, code, revision)
);
CREATE INDEX item_region_state_current_idx ON item (region, state, current);
CREATE INDEX item_equivalence_group_idx ON item (equivalence_group);
CREATE TABLE subject (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL REFERENCES region (code),
    key TEXT COLLATE "C" NOT NULL,
    uscc TEXT COLLATE "C" NOT NULL,
    registration_no TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    search TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    division TEXT COLLATE "C" NOT NULL,
    town TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    industry TEXT COLLATE "C" NOT NULL,
    industry_name TEXT COLLATE "C" NOT NULL,
    credit TEXT COLLATE "C" NOT NULL,
    founded DATE,
    lon DOUBLE PRECISION,
    lat DOUBLE PRECISION,
    contact TEXT COLLATE "C" NOT NULL,
    phone TEXT COLLATE "C" NOT NULL,
    tags TEXT NOT NULL,
    abnormal BOOLEAN NOT NULL,
    serious BOOLEAN NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT subject_region_key_key UNIQUE (region, key)
);
CREATE INDEX subject_region_kind_town_idx ON subject (region, kind, town, id);
CREATE INDEX subject_region_town_idx ON subject (region, town, id);
CREATE INDEX subject_region_credit_town_idx ON subject (region, credit, town, id);
CREATE INDEX subject_region_industry_idx ON subject (region, industry);
CREATE TABLE subject_site (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    subject_id UUID NOT NULL REFERENCES subject (id),
    name TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    town TEXT COLLATE "C" NOT NULL,
    division TEXT COLLATE "C" NOT NULL,
    lon DOUBLE PRECISION,
    lat DOUBLE PRECISION,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX subject_site_subject_id_idx ON subject_site (subject_id);
CREATE TABLE subject_department (
    subject_id UUID NOT NULL REFERENCES subject (id),
    department_id UUID NOT NULL REFERENCES department (id),
    region TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (subject_id, department_id)
);
CREATE INDEX subject_department_department_id_idx ON subject_department (department_id);
CREATE TABLE subject_tag (
    subject_id UUID NOT NULL REFERENCES subject (id),
    tag TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (subject_id, tag)
);
CREATE INDEX subject_tag_region_tag_idx ON subject_tag (region, tag);
CREATE TABLE inspector (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL REFERENCES region (code),
    department_id UUID NOT NULL REFERENCES department (id),
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    search TEXT COLLATE "C" NOT NULL,
    sex TEXT COLLATE "C" NOT NULL,
    unit_type TEXT COLLATE "C" NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    post TEXT COLLATE "C" NOT NULL,
    cert_no TEXT COLLATE "C" NOT NULL,
    daily_minutes INTEGER NOT NULL,
    can_lead BOOLEAN NOT NULL,
    reserve BOOLEAN NOT NULL,
    expert BOOLEAN NOT NULL,
    load0 INTEGER NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT inspector_region_code_key UNIQUE (region, code)
);
CREATE INDEX inspector_department_id_state_idx ON inspector (department_id, state);
CREATE TABLE certificate (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    inspector_id UUID NOT NULL REFERENCES inspector (id),
    qual TEXT COLLATE "C" NOT NULL,
    qual_name TEXT COLLATE "C" NOT NULL,
    no TEXT COLLATE "C" NOT NULL,
    valid_from DATE,
    valid_to DATE,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT certificate_inspector_id_qual_no_valid_from_key UNIQUE (inspector_id, qual, no, valid_from)
);
CREATE INDEX certificate_valid_to_idx ON certificate (valid_to);
CREATE TABLE leave (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    inspector_id UUID NOT NULL REFERENCES inspector (id),
    from_day DATE NOT NULL,
    to_day DATE NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX leave_inspector_id_idx ON leave (inspector_id);
CREATE TABLE recusal (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    inspector_id UUID NOT NULL REFERENCES inspector (id),
    subject_id UUID NOT NULL REFERENCES subject (id),
    reason TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    decided_by UUID,
    decision_note TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT recusal_inspector_id_subject_id_key UNIQUE (inspector_id, subject_id)
);
CREATE INDEX recusal_subject_id_idx ON recusal (subject_id);
CREATE TABLE calendar_day (
    region TEXT COLLATE "C" NOT NULL,
    day DATE NOT NULL,
    workday BOOLEAN NOT NULL,
    quiet BOOLEAN NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (region, day)
);
CREATE TABLE vocabulary (
    region TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    parent TEXT COLLATE "C" NOT NULL,
    place INTEGER NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (region, kind, code)
);
CREATE TABLE alias (
    region TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    word_key TEXT COLLATE "C" NOT NULL,
    word TEXT COLLATE "C" NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (region, kind, word_key, target)
);
CREATE TABLE cap_entry (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    department_id UUID NOT NULL REFERENCES department (id),
    subject_id UUID NOT NULL REFERENCES subject (id),
    year INTEGER NOT NULL,
    on_day DATE NOT NULL,
    visit_id UUID,
    cause TEXT COLLATE "C" NOT NULL,
    counted BOOLEAN NOT NULL,
    note TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX cap_entry_region_subject_id_year_idx ON cap_entry (region, subject_id, year);
CREATE INDEX cap_entry_department_id_year_idx ON cap_entry (department_id, year);
CREATE TABLE plan_entry (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL REFERENCES region (code),
    department_id UUID NOT NULL REFERENCES department (id),
    code TEXT COLLATE "C" NOT NULL,
    year INTEGER NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    items TEXT NOT NULL,
    filter TEXT NOT NULL,
    ratio_text TEXT COLLATE "C" NOT NULL,
    ratio TEXT NOT NULL,
    class_ratios TEXT NOT NULL,
    window_from DATE,
    window_to DATE,
    window_text TEXT COLLATE "C" NOT NULL,
    targeted BOOLEAN NOT NULL,
    priority INTEGER NOT NULL,
    details TEXT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    inspection_id UUID,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT plan_entry_region_department_id_year_code_key UNIQUE (region, department_id, year, code)
);
CREATE INDEX plan_entry_region_year_state_idx ON plan_entry (region, year, state);
