from __future__ import annotations

import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

from dashboard.background import JobManager


def in_fork(code: str) -> str:
    """What a fresh process prints that runs `code`; forks are kept out of the test process."""
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_forked_job_lets_go_of_the_servers_port_and_of_its_browsers_connections() -> None:
    printed = in_fork(
        """
        import os, socket
        from dashboard.background import close_server_sockets

        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        browser = socket.create_connection(("127.0.0.1", port))
        accepted, _ = listener.accept()
        go, done = os.pipe(), os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.write(done[1], str(close_server_sockets()).encode())
                os.close(go[1])
                os.read(go[0], 1)
            finally:
                os._exit(0)
        print("closed", os.read(done[0], 10).decode())
        accepted.close()
        browser.settimeout(5)
        print("the browser sees the end:", browser.recv(1) == b"")
        listener.close()
        again = socket.socket()
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))
        again.listen()
        print("the port is free again")
        os.close(go[1])
        os.waitpid(pid, 0)
        """
    )
    assert printed.splitlines() == ["closed 2", "the browser sees the end: True", "the port is free again"]


def test_connections_to_other_servers_stay_open() -> None:
    printed = in_fork(
        """
        import socket
        from dashboard.background import close_server_sockets

        import subprocess, sys
        other = subprocess.Popen(
            [sys.executable, "-c", "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); "
             "c, _ = s.accept(); c.sendall(b'hello'); c.recv(1)"], stdout=subprocess.PIPE, text=True,
        )
        database = socket.create_connection(("127.0.0.1", int(other.stdout.readline())))
        listener = socket.create_server(("127.0.0.1", 0))
        print(close_server_sockets(), database.recv(5).decode())
        database.close()
        other.wait()
        """
    )
    assert printed.split() == ["1", "hello"]


def test_a_job_ends_when_the_server_that_started_it_is_gone() -> None:
    printed = in_fork(
        """
        import os, time
        from dashboard import background

        told = os.pipe()
        server = os.fork()
        if server == 0:
            mine = os.getpid()
            if os.fork() == 0:
                background.end_with(mine, 300)
                os.write(told[1], str(os.getpid()).encode())
                time.sleep(60)
                os._exit(0)
            time.sleep(60)
        job = int(os.read(told[0], 20))
        os.kill(server, 9)
        os.waitpid(server, 0)
        for _ in range(200):
            try:
                state = open(f"/proc/{job}/stat").read().split()[2]
            except FileNotFoundError:
                state = "gone"
            if state in ("gone", "Z"):
                print("ended")
                break
            time.sleep(0.1)
        """
    )
    assert printed.strip() == "ended"


def test_a_job_that_hangs_ends_when_its_time_is_over() -> None:
    printed = in_fork(
        """
        import os, time
        from dashboard import background

        job = os.fork()
        if job == 0:
            background.end_with(os.getppid(), 0.2)
            time.sleep(600)
            os._exit(1)
        print(os.waitpid(job, 0)[1])
        """
    )
    assert printed.strip() == "0"


def test_results_lie_in_a_folder_that_only_its_owner_can_read(tmp_path: Path) -> None:
    manager: Any = JobManager(tmp_path / "cache" / "background")
    assert stat.S_IMODE((tmp_path / "cache" / "background").stat().st_mode) == 0o700
    assert manager.handle.size_limit == 256 * 1024 * 1024
    assert manager.handle.eviction_policy == "least-recently-stored"
    manager.end_jobs()


def test_a_folder_with_wider_rights_is_narrowed(tmp_path: Path) -> None:
    (tmp_path / "background").mkdir(mode=0o755)
    JobManager(tmp_path / "background").end_jobs()
    assert stat.S_IMODE((tmp_path / "background").stat().st_mode) == 0o700


def test_ending_the_server_ends_its_jobs(tmp_path: Path) -> None:
    manager = JobManager(tmp_path / "background")
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    manager._jobs[sleeper.pid] = True
    manager.end_jobs()
    for _ in range(100):
        if sleeper.poll() is not None:
            break
        time.sleep(0.05)
    assert sleeper.poll() is not None


def test_a_job_that_carries_on_outlives_the_next_call_of_its_callback_and_another_does_not(tmp_path: Path) -> None:
    printed = in_fork(
        f"""
        import time
        from pathlib import Path
        from dashboard.background import JobManager, carries_on

        folder = Path({str(tmp_path)!r})
        manager = JobManager(folder / "background")

        def plain():
            time.sleep(0.5)
            (folder / "plain").touch()

        @carries_on
        def staying():
            time.sleep(0.5)
            (folder / "staying").touch()

        jobs = [manager.call_job_fn(fn.__name__, manager.make_job_fn(fn, False), [], dict()) for fn in (plain, staying)]
        for job in jobs:
            manager.terminate_job(job)
        until = time.monotonic() + 20
        while any(manager.job_running(job) for job in jobs) and time.monotonic() < until:
            time.sleep(0.05)
        print((folder / "plain").exists(), (folder / "staying").exists())
        manager.end_jobs()
        """
    )
    assert printed.split() == ["False", "True"]
