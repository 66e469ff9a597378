CREATE TABLE region (
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    token TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (code)
);
CREATE TABLE department (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL REFERENCES region (code),
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    search TEXT COLLATE "C" NOT NULL,
    uscc TEXT COLLATE "C" NOT NULL,
    level TEXT COLLATE "C" NOT NULL,
    division TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    rank INTEGER NOT NULL,
    aliases TEXT NOT NULL,
    contact TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT department_region_code_key UNIQUE (region, code)
);
CREATE INDEX department_region_kind_state_idx ON department (region, kind, state);
CREATE TABLE user_account (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL REFERENCES region (code),
    department_id UUID REFERENCES department (id),
    login TEXT COLLATE "C" NOT NULL,
    login_key TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,
    password_at TIMESTAMPTZ NOT NULL,
    password_history TEXT NOT NULL,
    must_change BOOLEAN NOT NULL,
    totp_secret TEXT COLLATE "C",
    totp_pending TEXT COLLATE "C",
    totp_step BIGINT NOT NULL,
    inspector_id UUID,
    state TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT user_account_login_key_key UNIQUE (login_key)
);
CREATE INDEX user_account_region_department_id_idx ON user_account (region, department_id);
CREATE INDEX user_account_inspector_id_idx ON user_account (inspector_id);
CREATE TABLE user_role (
    user_id UUID NOT NULL REFERENCES user_account (id),
    role TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, role)
);
CREATE TABLE login_session (
    id UUID NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    user_id UUID NOT NULL REFERENCES user_account (id),
    refresh_hash TEXT COLLATE "C" NOT NULL,
    previous_hash TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    address TEXT COLLATE "C" NOT NULL,
    agent TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT login_session_refresh_hash_key UNIQUE (refresh_hash)
);
CREATE INDEX login_session_user_id_idx ON login_session (user_id);
CREATE INDEX login_session_previous_hash_idx ON login_session (previous_hash);
CREATE TABLE throttle (
    key TEXT COLLATE "C" NOT NULL,
    failures BIGINT NOT NULL,
    last_at TIMESTAMPTZ,
    PRIMARY KEY (key)
);
CREATE TABLE idempotency (
    user_id UUID NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    request_hash TEXT COLLATE "C" NOT NULL,
    status INTEGER NOT NULL,
    content_type TEXT COLLATE "C" NOT NULL,
    headers TEXT NOT NULL,
    body BYTEA NOT NULL,
    replays BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_created_at_idx ON idempotency (created_at);
CREATE TABLE setting (
    region TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    value TEXT NOT NULL,
    version BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (region, key)
);
