#!/usr/bin/env bash
# Puts what checks the scripts of assets/ into .venv/javascript: exactly the versions that tests/javascript/package.json names.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=.venv/javascript
wanted=tests/javascript/package.json
if cmp -s "$wanted" "$folder/package.json" && [ -x "$folder/node_modules/.bin/tsc" ]; then exit 0; fi
mkdir -p "$folder"
PATH="$PWD/.venv/bin:$PATH" npm install --prefix "$folder" --no-package-lock --no-audit --no-fund --silent \
    $(sed -n 's/^    "\(.*\)": "\([0-9.]*\)".*/\1@\2/p' "$wanted") ||
    { echo "The checks of the scripts could not be installed; see the message above, then run the command again." >&2; exit 1; }
cp "$wanted" "$folder/package.json"
