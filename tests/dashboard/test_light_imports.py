from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FORBIDDEN = ("jax", "jaxlib", "flax", "optax", "tensorflow", "tensorflow_recommenders", "keras", "tf_keras")
NOT_FOR_THE_FRAME = ("sqlalchemy", "alembic", "yaml", "typer", "pydantic_settings", "dotenv")
LATER = ("sklearn", "scipy", "pandas", "polars", "numpy", "fastapi")

SCRIPT = """
import json, sys
from starlette.testclient import TestClient
from workbench.settings import Settings
from dashboard.preparing import Preparing
from dashboard.server import create_server

# What the answer itself needs is meant, not what is loaded once it has left.
Preparing.begin = lambda *_: None
app = create_server(Settings.load())
client = TestClient(app, base_url="http://127.0.0.1:8050")
assert client.get("/").status_code == 200
seen = {"frame": sorted(sys.modules)}
assert client.get("/_dash-layout").status_code == 200

def show(path):
    outputs = "..page.children...page-meta.data.."
    body = {
        "output": outputs,
        "outputs": [{"id": "page", "property": "children"}, {"id": "page-meta", "property": "data"}],
        "inputs": [{"id": "url", "property": "pathname", "value": path}, {"id": "url", "property": "search", "value": ""},
                   {"id": "refresh", "property": "data", "value": None}],
        "changedPropIds": ["url.pathname"],
    }
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code == 200, answer.text
    return answer.text

assert "Try it on handwritten digits" in show("/")
seen["first page"] = sorted(sys.modules)
for path in ("/create", "/runs", "/settings", "/help"):
    assert "could not be drawn" not in show(path), path
assert client.get("/api/models").status_code == 200
assert client.get("/openapi.json").status_code == 200
seen["every page"] = sorted(sys.modules)
print(json.dumps(seen))
"""


def loaded(home: Path) -> dict[str, set[str]]:
    """Top-level modules of a fresh server process: after its pages' frame, after its first page, and after every page."""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return {stage: {name.split(".")[0] for name in names} for stage, names in json.loads(done.stdout.splitlines()[-1]).items()}


def test_the_web_process_imports_no_array_framework_and_nothing_heavy_before_it_is_needed(home: Path) -> None:
    seen = loaded(home)
    assert not seen["every page"] & set(FORBIDDEN)
    assert not seen["first page"] & set(LATER)
    assert not seen["frame"] & set(NOT_FOR_THE_FRAME)
    assert not seen["every page"] & {"sklearn", "scipy", "pandas", "polars"}
