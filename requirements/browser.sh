#!/usr/bin/env bash
# Makes sure a Chromium is there for the browser tests. In CI its absence is an error, elsewhere those tests skip and say so.
set -euo pipefail
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then exit 0; fi
done
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium for the browser tests"
    apt-get update -qq && apt-get install -y -qq chromium >/dev/null && exit 0
fi
echo "Chromium was not found: the browser tests need it (Debian: apt-get install chromium)." >&2
[ "${CI:-}" != true ]
