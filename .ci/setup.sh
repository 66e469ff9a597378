# Sourced by `.ci/run` and `run-demo`: what a bare Debian with only the Rust toolchain still lacks.

# Installs Debian packages, as root or through sudo.
install_packages() {
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "these packages are missing and only root can install them: $*" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -q &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

# rustup puts cargo here and a fresh shell may not look there yet.
if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
    PATH="$HOME/.cargo/bin:$PATH"
fi
if ! command -v cargo >/dev/null; then
    echo "cargo is not installed: see https://rustup.rs" >&2
    exit 1
fi
# Linking, and the C and assembler parts of blst, need a C compiler.
if ! command -v cc >/dev/null; then
    install_packages gcc libc6-dev
fi
# How the bundled SQLite is built: without the process-wide lock of its memory statistics; with the query planner
# stability guarantee, or a cached statement is prepared anew whenever a LIMIT is bound to it; without a lock around each
# call on a connection, which only the thread that holds it ever uses. It serves reads about a quarter faster; a build
# without it is right as well.
export LIBSQLITE3_FLAGS="${LIBSQLITE3_FLAGS:--DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_ENABLE_QPSG -DSQLITE_THREADSAFE=2}"
