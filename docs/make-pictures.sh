#!/bin/bash
# Makes the picture of README.md from a real report: docs/make-pictures.sh [REPORT.html]
# Without a file it runs the demo first. Installs Chromium and a Chinese font where they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/setup.sh

page=${1:-}
if [ -z "$page" ]; then
    ./run-demo county 1
    page=$(find out/county-1-result -maxdepth 1 -name '*.html' | sort | head -n 1)
fi
if ! command -v chromium >/dev/null || ! fc-list :lang=zh | grep -q .; then
    install_packages chromium fontconfig fonts-wqy-microhei
fi
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
browser=(chromium --headless --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$profile")
# Chromium refuses its sandbox to root; the page is our own and runs no script.
[ "$(id -u)" -ne 0 ] || browser+=(--no-sandbox)
# What Chromium says of the desktop that is not there matters only when there is no picture.
if ! timeout 120 "${browser[@]}" --window-size=1180,1325 --screenshot="$PWD/docs/report.png" \
    "file://$(realpath "$page")" >"$profile/log" 2>&1; then
    cat "$profile/log" >&2
    exit 1
fi
echo "docs/report.png is made from $page"
