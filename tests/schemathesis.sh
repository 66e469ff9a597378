#!/bin/bash
# Holds a running server against its own OpenAPI document with generated requests, once per role and once as nobody:
# no answer may be a server error, and every answer must be one that the document names. The server has the county of
# the demonstration, and most requests are about things that exist there, so that they get further than "not found".
# Needs python3 with venv and the network for schemathesis (PyPI), or an installed `schemathesis` 4.
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
    "$work/venv/bin/pip" install --quiet 'schemathesis>=4'
    tool=$work/venv/bin/schemathesis
fi

echo "the county of the demonstration"
"$binary" demo --once --data "$work/county" >"$work/demo" || { cat "$work/demo" >&2; exit 1; }
# The password of its people, as told at its end.
password='sunny-river-stone-42'
grep -q "$password" "$work/demo" || { echo "the demonstration has another password now" >&2; exit 1; }
# One account for each role, in the department it needs; what exists there, for the requests.
python3 - "$work/county/onedoor.db" "$work/schemathesis.toml" <<'PY'
import json, sqlite3, sys, uuid

db = sqlite3.connect(sys.argv[1])
db.row_factory = sqlite3.Row

def copy(table, row, **changed):
    row = {**dict(row), **changed}
    names = ", ".join(row)
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))

def one(sql):
    return db.execute(sql).fetchone()

model = one("SELECT * FROM user_account WHERE department_id IS NOT NULL AND must_change = 0 ORDER BY id")
initiator = one("SELECT department_id FROM inspection ORDER BY id")[0]
homes = {
    "coordinator": one("SELECT id FROM department WHERE kind = 'coordination'")[0],
    "overseer": one("SELECT id FROM department WHERE kind = 'oversight'")[0],
    "witness": None, "system_admin": None, "security_admin": None, "audit_admin": None,
}
# An inspector who is in a team; the account of the demonstration gives way.
seat = one("SELECT inspector_id, department_id FROM seat WHERE role = 'lead_inspector' ORDER BY id")
db.execute("UPDATE user_account SET inspector_id = NULL WHERE inspector_id = ?", (seat["inspector_id"],))
for role in ["department_clerk", "legal_reviewer", "department_head", "inspector", "coordinator", "overseer", "witness",
             "system_admin", "security_admin", "audit_admin"]:
    user, inspector = uuid.uuid4().bytes, role == "inspector"
    home = seat["department_id"] if inspector else homes.get(role, initiator)
    copy("user_account", model, id=user, login=f"fuzz-{role}", login_key=f"fuzz-{role}", name=role, email="",
         department_id=home, inspector_id=seat["inspector_id"] if inspector else None)
    db.execute("INSERT INTO user_role (user_id, role) VALUES (?, ?)", (user, role))
db.commit()

known = {
    "departments": "department", "draws": "draw", "inspections": "inspection", "inspectors": "inspector",
    "invitations": "invitation", "items": "item", "plans": "plan_entry", "plannings": "planning",
    "planning-rules": "planning_rule", "recusals": "recusal", "replacements": "replacement", "subjects": "subject",
    "results": "result", "tasks": "task", "users": "user_account", "visits": "visit", "outbox": "outbox", "journal": "journal_event",
}
# Of each some: the initiator's first where a thing has a department.
lists = {}
for name, table in known.items():
    columns = [c["name"] for c in db.execute(f"PRAGMA table_info({table})")]
    order = "department_id = ? DESC, id" if "department_id" in columns else "? IS NULL, id"
    # Not those who ask: a test must not end itself.
    others = "WHERE login NOT LIKE 'fuzz-%'" if table == "user_account" else ""
    rows = db.execute(f"SELECT id FROM {table} {others} ORDER BY {order} LIMIT 12", (initiator,)).fetchall()
    lists[name] = [str(uuid.UUID(bytes=r["id"])) for r in rows]
lists["public/draws"] = lists["draws"]
lists["versions"] = ['"1"', '"2"', '"3"', '"4"', '"5"']
lists["kinds"] = ["subject_kind", "industry", "town", "tag", "item", "department"]
out = []
for name, values in lists.items():
    if values:
        out += [f"[dictionaries.{json.dumps(name)}]", f"values = {json.dumps(values)}"]
bind = lambda name, p=0.8: f"{{ dictionary = {json.dumps(name)}, probability = {p} }}"
words = {"department_id": "departments", "subject_id": "subjects", "item_id": "items", "inspector_id": "inspectors",
         "inspection_id": "inspections", "user_id": "users", "visit_id": "visits"}
out.append("[parameters]")
out.append(f'"header.If-Match" = {bind("versions", 0.9)}')
for field, name in words.items():
    if lists[name]:
        out.append(f'"body.{field}" = {bind(name)}')
for field, name in {"items[*]": "items", "inspectors[*]": "inspectors", "partners[*].department_id": "departments",
                    "witnesses[*].user_id": "users", "departments[*]": "departments"}.items():
    out.append(f'"body.{field}" = {bind(name)}')
for name, values in lists.items():
    if values and name not in ("versions", "kinds"):
        out += ["[[operations]]", f'include-path-regex = "^/api/v1/{name}/[{{]id[}}]"',
                f'parameters = {{ "path.id" = {bind(name, 0.9)} }}']
open(sys.argv[2], "w").write("\n".join(out) + "\n")
PY

# A frequent guesser's address has to wait for its logins, so that everybody logs in before anything is generated.
export DATABASE_URL=sqlite:$work/county/onedoor.db ONEDOOR__KEYS__FOLDER=$work/county/keys ONEDOOR__HTTP__PORT=0 \
    ONEDOOR__REGION__CODE=350499 ONEDOOR__REGION__TOKEN=CN-350499 ONEDOOR__LOG__LEVEL=error \
    ONEDOOR__LOGIN__ACCESS_S=86400 ONEDOOR__LOGIN__SESSION_S=86400 ONEDOOR__LOGIN__IDLE_S=86400 \
    ONEDOOR__MAIL__TRANSPORT=file:$work/mail \
    ONEDOOR__HTTP__REQUESTS_PER_MINUTE_USER=100000000 ONEDOOR__HTTP__REQUESTS_PER_MINUTE_ADDRESS=100000000
"$binary" serve >"$work/out" 2>>"$work/log" &
server=$!
base=
for _ in $(seq 600); do
    base=$(sed -n 's/.*已启动[:：]//p' "$work/out")
    [ -z "$base" ] || break
    sleep 0.1
done
[ -n "$base" ] || { echo "the server did not start" >&2; cat "$work/log" >&2; exit 1; }
declare -A tokens
for role in "${roles[@]}"; do
    [ "$role" != nobody ] || continue
    answer=$(curl -sS "$base/api/v1/session" -H 'Content-Type: application/json' \
        -d "{\"login\":\"fuzz-$role\",\"password\":\"$password\"}")
    tokens[$role]=$(python3 -c 'import json, sys; print(json.load(sys.stdin).get("access_token", ""))' <<<"$answer")
    [ -n "${tokens[$role]}" ] || { echo "$role cannot log in: $answer" >&2; exit 1; }
done

failed=()
for role in "${roles[@]}"; do
    header=()
    [ "$role" = nobody ] || header=(--header "Authorization: Bearer ${tokens[$role]}")
    echo "== $role"
    # Logging out would end the session that asks.
    "$tool" --config-file "$work/schemathesis.toml" run "$base/api/v1/openapi.json" ${header[@]+"${header[@]}"} \
        --max-examples "$examples" --workers 1 --request-timeout 60 --no-color --continue-on-failure --phases examples,coverage,fuzzing \
        --exclude-path-regex '^/api/v1/(session/logout|sessions/.*)$' \
        --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
        || failed+=("$role")
    kill -0 "$server" 2>/dev/null || { echo "the server died" >&2; tail -20 "$work/log" >&2; exit 1; }
done
[ ! -s "$work/log" ] || { echo "the server's log:"; sort "$work/log" | uniq -c | sort -rn | head -20; }
if [ ${#failed[@]} -gt 0 ]; then
    echo "not as the document says: ${failed[*]}" >&2
    exit 1
fi
echo "as the document says, for ${#roles[@]} roles"
