"""With TRELLIS_LOG=json a server's requests are in its log, with the id that their answers have."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from tests.conftest import ROOT


def test_every_line_of_a_server_is_json_and_a_request_has_the_id_of_its_answer(home: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py")],
            env={**os.environ, "TRELLIS_LOG": "json", "TRELLIS_PORT": "0", "TRELLIS_WARM_WORKER": "false"},
            stdout=subprocess.PIPE, stderr=out, text=True,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            address = next(word for word in process.stdout.readline().split() if word.startswith("http"))
            answers = [
                httpx.get(f"{address}api/models/model_0000000000000?token=secret", timeout=60),
                httpx.get(f"{address}api/health", headers={"X-Request-ID": "from-a-proxy.1"}, timeout=60),
                httpx.get(f"{address}api/health", headers={"X-Request-ID": 'odd" one'}, timeout=60),
            ]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert ids[1] == "from-a-proxy.1"
    assert len(set(ids)) == 3
    assert '"' not in ids[2]
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    found = {line["request"]: line for line in lines if line["logger"] == "dashboard.requests_seen"}
    assert found[ids[0]]["status"] == 404
    assert found[ids[0]]["route"] == "/api/models/{model_id}"
    assert found[ids[1]]["message"] == "GET /api/health 200"
    assert "secret" not in log.read_text()
