#!/usr/bin/env bash
# Makes sure a Chromium is there for the browser tests. In CI its absence is an error, elsewhere those tests skip and say so.
set -euo pipefail
found() {
    for name in "$@"; do command -v "$name" >/dev/null && return; done
    return 1
}
if [ "${CI:-}" = true ]; then
    # the same engine without a window: pages cost three fifths of the processor time. Tests do without it.
    found chromium-headless-shell && exit 0
else
    found chromium-headless-shell chromium chromium-browser google-chrome && exit 0
fi
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium for the browser tests"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium chromium-headless-shell >/dev/null && exit 0
fi
found chromium chromium-browser google-chrome && exit 0
echo "Chromium was not found: the browser tests need it (Debian: apt-get install chromium chromium-headless-shell)." >&2
[ "${CI:-}" != true ]
