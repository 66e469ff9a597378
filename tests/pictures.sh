#!/bin/bash
# Makes the pictures of the README anew, from the sample county in a real browser: tests/pictures.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/setup.sh
folder=${1:-docs/pictures}
ONEDOOR_PICTURES=$folder cargo test --locked --test it -- --exact browser::pictures::pictures_of_the_readme
# Smaller, where Debian's tools are at hand; the same to the eye.
for picture in "$folder"/*.png; do
    if command -v pngquant >/dev/null; then pngquant --force --ext .png --skip-if-larger 64 "$picture" || true; fi
    if command -v optipng >/dev/null; then optipng -quiet "$picture"; fi
    size=$(stat -c %s "$picture")
    echo "$picture: $size bytes"
    [ "$size" -lt 200000 ] || { echo "too large for a README" >&2; exit 1; }
done
