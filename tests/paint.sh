#!/bin/bash
# Measures in a real browser how soon every page is painted with 20,000 businesses in the directory; `--release` as the
# program is used.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/setup.sh
.ci/browser.sh >/dev/null
ONEDOOR_PAINT=1 cargo test --locked "$@" --test it -- --exact browser::paint::first_paint_of_every_page --nocapture
