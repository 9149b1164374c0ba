"""A process is recognised by pid and start time."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from workbench.runs.process import START_TOLERANCE_SECONDS, ProcessIdentity


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdin=subprocess.DEVNULL)
    yield process
    process.kill()
    process.wait()


def identity(process: subprocess.Popen) -> ProcessIdentity:
    return ProcessIdentity(process.pid, psutil.Process(process.pid).create_time())


def test_the_current_process_is_alive():
    me = ProcessIdentity.current()
    assert me.pid == os.getpid()
    assert me.alive()


def test_a_reused_pid_is_another_process_and_is_not_killed(sleeper):
    other = ProcessIdentity(sleeper.pid, identity(sleeper).started - 2 * START_TOLERANCE_SECONDS)
    assert not other.alive()
    assert not other.kill()
    assert sleeper.poll() is None


def test_a_process_is_the_same_after_the_clock_was_set(sleeper, monkeypatch):
    who = ProcessIdentity(sleeper.pid, psutil.Process(sleeper.pid).create_time() - psutil.boot_time())
    real = psutil.boot_time()
    monkeypatch.setattr(psutil, "boot_time", lambda: real - 3600)
    monkeypatch.setattr(psutil.Process, "create_time", lambda self, real=psutil.Process.create_time: real(self) - 3600)
    assert who.alive()


def test_a_suspended_process_is_alive_and_can_be_killed(sleeper):
    who = identity(sleeper)
    os.kill(sleeper.pid, signal.SIGSTOP)
    assert who.alive()
    assert who.kill()
    assert sleeper.wait() == -signal.SIGKILL


def test_a_zombie_is_not_alive():
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    who = identity(process)
    assert who.alive()
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
    assert not who.alive()
    process.wait()
    assert not who.alive()
    assert not who.kill()


def test_a_detached_process_has_left_its_parent_and_session(tmp_path):
    code = (
        "import os, sys, time; from workbench.runs.process import detach; detach();"
        "open(sys.argv[1] + '.tmp', 'w').write(f'{os.getpid()} {os.getsid(0)}'); os.rename(sys.argv[1] + '.tmp', sys.argv[1]); time.sleep(60)"
    )
    told = tmp_path / "pid"
    launcher = subprocess.Popen([sys.executable, "-c", code, str(told)], stdin=subprocess.DEVNULL)
    assert launcher.wait() == 0
    while not told.exists():
        time.sleep(0.005)
    pid, session = map(int, told.read_text().split())
    try:
        assert session == launcher.pid != os.getsid(0)
        assert pid not in [child.pid for child in psutil.Process().children(recursive=True)]
    finally:
        os.kill(pid, signal.SIGKILL)
