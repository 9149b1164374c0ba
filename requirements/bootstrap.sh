#!/usr/bin/env bash
# Makes .venv hold exactly the pinned packages of requirements/<set>.txt (set: runtime, team for many hosts and object storage, or dev) and Trellis itself.
# Does nothing when it already does. Says in one line what to mend when the machine cannot.
set -euo pipefail
cd "$(dirname "$0")/.."
set_name=${1:-runtime}
venv=.venv

fail() { printf 'Trellis cannot be set up: %s\n' "$1" >&2; exit 1; }

digest() { cat "requirements/$1.txt" requirements/uv.txt pyproject.toml | sha256sum | cut -c1-16; }
installed() { [ -f "$venv/.trellis-$1" ] && [ "$(cat "$venv/.trellis-$1")" = "$(digest "$1")" ]; }

# Each set holds everything of those before it, with the same versions.
if installed dev || { [ "$set_name" != dev ] && installed team; } || { [ "$set_name" = runtime ] && installed runtime; }; then exit 0; fi

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail "it is pinned for Linux on x86-64, this is $(uname -s) on $(uname -m)"

python=
for candidate in "${PYTHON:-}" python3.11 python3 python; do
    [ -n "$candidate" ] || continue
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || fail "Python 3.11 was not found; install it (Debian 12: apt-get install python3.11 python3.11-venv), or name it: make PYTHON=/path/to/python3.11"
"$python" -c 'import venv, ensurepip' 2>/dev/null || fail "$python has no venv module; install it (Debian 12: apt-get install python3.11-venv)"

free_kb=$(df -Pk . | awk 'NR==2 {print $4}')
[ "$free_kb" -ge 4000000 ] || fail "the packages need 4 GB of free disk here, $((free_kb / 1000)) MB are free; free some, or clone Trellis onto a larger disk"

if [ ! -x "$venv/bin/python" ]; then
    echo "Creating the environment in $venv"
    "$python" -m venv "$venv"
fi
echo "Installing the pinned packages ($set_name); the first time this takes a minute or two"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt ||
    fail "pip could not fetch uv; check the connection to the package index and run the command again"
UV_LINK_MODE=${UV_LINK_MODE:-copy} "$venv/bin/uv" pip sync --quiet --compile-bytecode --python "$venv/bin/python" --require-hashes "requirements/$set_name.txt" "requirements/uv.txt" ||
    fail "the pinned packages could not be installed; see the message above, then run the command again"
"$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --no-deps --editable . ||
    fail "Trellis itself could not be installed into $venv; see the message above"
# Compiled once here, modules load at twice the speed at the first start, and at every one where Python may not write them.
"$venv/bin/python" -m compileall -q app.py dashboard src || fail "the modules of Trellis could not be compiled; see the message above"
rm -f "$venv"/.trellis-*
digest "$set_name" > "$venv/.trellis-$set_name"
