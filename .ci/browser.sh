#!/bin/bash
# Installs Chromium, its driver and a Chinese font where they are missing, and prints where the driver is.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/setup.sh
exec 9>"/tmp/onedoor-browser-$(id -u).lock"
flock 9
missing=()
command -v chromedriver >/dev/null || missing+=(chromium chromium-driver)
font() { ls /usr/share/fonts/truetype/wqy/wqy-microhei.ttc /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc 2>/dev/null | head -1; }
[ -n "$(font)" ] || missing+=(fonts-wqy-microhei)
[ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}" >&2
command -v chromedriver
