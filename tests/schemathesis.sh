#!/bin/bash
# Holds a running server against its own OpenAPI document with generated requests, once per role and once as nobody:
# no answer may be a server error, and every answer must be one that the document names.
# Needs python3 with venv and the network for schemathesis (PyPI), or an installed `schemathesis`.
# `tests/schemathesis.sh [EXAMPLES] [ROLE ...]`
set -euo pipefail
cd "$(dirname "$0")/.."
examples=${1:-20}
[ $# -gt 0 ] && shift
roles=("$@")
[ ${#roles[@]} -gt 0 ] || roles=(nobody department_clerk legal_reviewer department_head inspector coordinator overseer
    witness system_admin security_admin audit_admin)
binary=${ONEDOOR_BINARY:-target/debug/onedoor}
[ -x "$binary" ] || cargo build --locked
work=$(mktemp -d)
server=
stop() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
    server=
}
trap 'stop; rm -rf "$work"' EXIT
tool=$(command -v schemathesis || true)
if [ -z "$tool" ]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet schemathesis
    tool=$work/venv/bin/schemathesis
fi

export DATABASE_URL=sqlite:$work/onedoor.db ONEDOOR__KEYS__FOLDER=$work/keys ONEDOOR__HTTP__PORT=0 \
    ONEDOOR__LOGIN__ACCESS_S=86400 ONEDOOR__LOGIN__SESSION_S=86400 ONEDOOR__LOG__LEVEL=error \
    ONEDOOR__HTTP__REQUESTS_PER_MINUTE_USER=100000000 ONEDOOR__HTTP__REQUESTS_PER_MINUTE_ADDRESS=100000000
start() {
    "$binary" serve >"$work/out" 2>>"$work/log" &
    server=$!
    base=
    for _ in $(seq 300); do
        base=$(sed -n 's/.*已启动[:：]//p' "$work/out")
        [ -n "$base" ] && return
        sleep 0.1
    done
    echo "the server did not start" >&2
    exit 1
}
post() { # PATH BODY [TOKEN]
    curl -sS --fail-with-body "$base$1" -H 'Content-Type: application/json' -H "Authorization: Bearer ${3:-}" -d "$2"
}
login() { # LOGIN PASSWORD
    curl -sS --fail-with-body "$base/api/v1/session" -H 'Content-Type: application/json' \
        -d "{\"login\":\"$1\",\"password\":\"$2\"}" |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])'
}

password='fuzzing horse battery staple 7'
start
once=$(awk '$2 == "登录名" && $3 == "sysadmin" { print $5 }' "$work/out")
token=$(login sysadmin "$once")
post /api/v1/session/password "{\"present\":\"$once\",\"new\":\"$password\"}" "$token" >/dev/null
stop

# One account for each role, in the department it needs, all with that password.
python3 - "$work/onedoor.db" <<'PY'
import sqlite3, sys, uuid
db = sqlite3.connect(sys.argv[1])
db.row_factory = sqlite3.Row
def copy(table, row, **changed):
    row = {**dict(row), **changed}
    names = ", ".join(row)
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
admin = db.execute("SELECT * FROM user_account WHERE login = 'sysadmin'").fetchone()
homes = {}
for kind in ["inspecting", "coordination", "oversight"]:
    homes[kind] = uuid.uuid4().bytes
    known = {"id": homes[kind], "region": admin["region"], "code": kind, "name": kind, "search": kind, "kind": kind,
             "aliases": "[]", "state": "active", "version": 1, "rank": 1,
             "created_at": admin["created_at"], "updated_at": admin["created_at"]}
    names = [c["name"] for c in db.execute("PRAGMA table_info(department)")]
    values = [known.get(n, "") for n in names]
    db.execute(f"INSERT INTO department ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", values)
roles = {"coordinator": "coordination", "overseer": "oversight", "system_admin": None, "security_admin": None,
         "audit_admin": None}
for role in ["department_clerk", "legal_reviewer", "department_head", "inspector", "coordinator", "overseer",
             "witness", "system_admin", "security_admin", "audit_admin"]:
    kind = roles.get(role, "inspecting")
    user = uuid.uuid4().bytes
    copy("user_account", admin, id=user, login=f"fuzz-{role}", login_key=f"fuzz-{role}", name=role,
         department_id=homes[kind] if kind else None, inspector_id=uuid.uuid4().bytes if role == "inspector" else None)
    db.execute("INSERT INTO user_role (user_id, role) VALUES (?, ?)", (user, role))
db.commit()
PY
start
# Before anything is generated: wrong logins by the hundred make this address wait.
declare -A tokens
for role in "${roles[@]}"; do
    [ "$role" = nobody ] || tokens[$role]=$(login "fuzz-$role" "$password")
done
failed=()
for role in "${roles[@]}"; do
    header=()
    if [ "$role" != nobody ]; then
        header=(--header "Authorization: Bearer ${tokens[$role]}")
    fi
    echo "== $role"
    # Logging out would end the session that asks.
    "$tool" run "$base/api/v1/openapi.json" "${header[@]}" --max-examples "$examples" --workers 1 --no-color \
        --exclude-path-regex '^/api/v1/(session/logout|sessions/.*)$' --continue-on-failure --phases examples,coverage,fuzzing \
        --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
        || failed+=("$role")
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "not as the document says: ${failed[*]}" >&2
    [ ! -s "$work/log" ] || tail -20 "$work/log" >&2
    exit 1
fi
echo "as the document says, for ${#roles[@]} roles"
