CREATE TABLE region (
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    token TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (code)
) STRICT;
CREATE TABLE department (
    id BLOB NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    uscc TEXT NOT NULL,
    level TEXT NOT NULL,
    division TEXT NOT NULL,
    kind TEXT NOT NULL,
    rank INTEGER NOT NULL,
    aliases TEXT NOT NULL,
    contact TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT department_region_code_key UNIQUE (region, code)
) STRICT;
CREATE INDEX department_region_kind_state_idx ON department (region, kind, state);
CREATE TABLE user_account (
    id BLOB NOT NULL,
    region TEXT NOT NULL REFERENCES region (code),
    department_id BLOB REFERENCES department (id),
    login TEXT NOT NULL,
    login_key TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    password_at TEXT NOT NULL,
    password_history TEXT NOT NULL,
    must_change INTEGER NOT NULL,
    totp_secret TEXT,
    totp_pending TEXT,
    totp_step INTEGER NOT NULL,
    inspector_id BLOB,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT user_account_login_key_key UNIQUE (login_key)
) STRICT;
CREATE INDEX user_account_region_department_id_idx ON user_account (region, department_id);
CREATE INDEX user_account_inspector_id_idx ON user_account (inspector_id);
CREATE TABLE user_role (
    user_id BLOB NOT NULL REFERENCES user_account (id),
    role TEXT NOT NULL,
    PRIMARY KEY (user_id, role)
) STRICT;
CREATE TABLE login_session (
    id BLOB NOT NULL,
    region TEXT NOT NULL,
    user_id BLOB NOT NULL REFERENCES user_account (id),
    refresh_hash TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    generation INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    used_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT login_session_refresh_hash_key UNIQUE (refresh_hash)
) STRICT;
CREATE INDEX login_session_user_id_idx ON login_session (user_id);
CREATE INDEX login_session_previous_hash_idx ON login_session (previous_hash);
CREATE TABLE throttle (
    key TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_at TEXT,
    PRIMARY KEY (key)
) STRICT;
CREATE TABLE idempotency (
    user_id BLOB NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    replays INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT;
CREATE INDEX idempotency_created_at_idx ON idempotency (created_at);
CREATE TABLE setting (
    region TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (region, key)
) STRICT;
