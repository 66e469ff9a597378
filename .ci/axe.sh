#!/bin/bash
# Fetches the axe accessibility engine, a tool of the tests only, from the npm registry, and prints where it is. Fails
# where there is no network; whoever asked goes on without it, and says so.
set -euo pipefail
cd "$(dirname "$0")/.."
version=4.14.1
sha512=1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5
tools=${CARGO_TARGET_DIR:-target}/tools
file=$tools/axe-core-$version.js
mkdir -p "$tools"
if [ ! -s "$file" ]; then
    registry=https://registry.npmjs.org
    if command -v npm >/dev/null; then registry=$(npm config get registry 2>/dev/null | tail -1); fi
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    curl -fsSL --max-time 60 -o "$work/axe.tgz" "${registry%/}/axe-core/-/axe-core-$version.tgz"
    echo "$sha512  $work/axe.tgz" | sha512sum --check --quiet || { echo "axe-core $version is not what it was" >&2; exit 1; }
    tar -xzf "$work/axe.tgz" -C "$work" package/axe.min.js
    mv "$work/package/axe.min.js" "$file.$$"
    mv "$file.$$" "$file"
fi
realpath "$file"
