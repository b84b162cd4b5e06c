"""The programs that take part: a server, IRC clients in tmux, people at nc. What each shows is
waited for, with PATIENCE; what they are told to do is up to the tests."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PATIENCE = 10.0
"""Seconds after which what is waited for counts as not coming."""

GLANCE = 0.02
"""Seconds between two looks at a screen."""

SIZE = ("-x", "120", "-y", "50")
"""Columns and rows of a terminal."""

CONFIG = """
[server]
name = "chat.example"
motd = "Be kind."
data_dir = "{data}"
[limits]
flood_rate = 0
"""


def need(*programs: str) -> None:
    """Skip the test where one of ``programs`` is not installed."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


def wait_for(is_there: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    """Until ``is_there``; else the test fails, with what ``otherwise`` says."""
    deadline = time.monotonic() + PATIENCE
    while not is_there():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(GLANCE)


class Server:
    """``ircish serve`` on a free port. ``home`` has its configuration, its data and its log."""

    def __init__(self, home: Path) -> None:
        self._home = home
        (home / "ircish.toml").write_text(CONFIG.format(data=home / "data"))
        self.port = 0
        self.operator_password = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, on the port that it had."""
        command = [sys.executable, "-m", "ircish", "serve", "--config", "ircish.toml"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (self._home / "log").open("ab") as log:
            self._process = process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                cwd=self._home,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert process.stdout
        welcome = ""
        with process.stdout:
            while "Ctrl-C" not in welcome:
                line = process.stdout.readline()
                assert line, f"the server did not start: {self.log()}"
                welcome += line
        listens = re.search(r"listens on 127\.0\.0\.1:([0-9]+)", welcome)
        oper = re.search(r"OPER admin (\S+)", welcome)
        assert listens
        assert oper
        self.port = int(listens[1])
        self.operator_password = oper[1]

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(PATIENCE) == 0

    def close(self) -> None:
        """End it, if it runs."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def log(self) -> str:
        """All that it has logged."""
        return (self._home / "log").read_text()


class Person:
    """Somebody at nc."""

    def __init__(self, port: int) -> None:
        self._nc = subprocess.Popen(
            ["nc", "127.0.0.1", str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._read = ""
        self._seen = 0
        self._reader = threading.Thread(target=self._keep_reading)
        self._reader.start()

    def _keep_reading(self) -> None:
        assert self._nc.stdout
        for line in self._nc.stdout:
            self._read += line

    def comes_in(self, nick: str) -> None:
        """Register as ``nick``, and go to #dev."""
        self.types(f"NICK {nick}", "JOIN #dev")
        self.sees(f"Welcome, {nick}")
        self.sees("#dev")

    def types(self, *lines: str) -> None:
        assert self._nc.stdin
        for line in lines:
            self._nc.stdin.write(line + "\n")

    def sees(self, text: str) -> None:
        """``text`` comes, after what was seen before."""
        wait_for(
            lambda: text in self._read[self._seen :],
            lambda: f"nc has not shown {text!r}, but:\n{self._read[self._seen :]}",
        )
        self._seen = self._read.index(text, self._seen) + len(text)

    def close(self) -> None:
        self._nc.kill()
        self._nc.wait()
        self._reader.join()
        assert self._nc.stdin
        assert self._nc.stdout
        self._nc.stdin.close()
        self._nc.stdout.close()


class Terminal:
    """A program in a tmux server of its own, whose files are in ``home``."""

    def __init__(self, home: Path, command: list[str]) -> None:
        self._directory = tempfile.TemporaryDirectory()  # a socket's path may not be long
        home.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "HOME": str(home), "TERM": "screen", "LC_ALL": "C.UTF-8"}
        environment.pop("TMUX", None)
        self._tmux = ["tmux", "-f", "/dev/null", "-S", f"{self._directory.name}/tmux"]
        start = [*self._tmux, "new-session", "-d", *SIZE, *command]
        subprocess.run(start, env=environment, check=True)

    def _tell_tmux(self, *words: str) -> str:
        done = subprocess.run([*self._tmux, *words], capture_output=True, text=True, check=False)
        return done.stdout

    def screen(self) -> str:
        """What it shows now."""
        return self._tell_tmux("capture-pane", "-p")

    def types(self, *lines: str) -> None:
        """Type each of ``lines`` and press Enter."""
        for line in lines:
            self._tell_tmux("send-keys", "-l", "--", line, ";", "send-keys", "Enter")

    def sees(self, text: str) -> None:
        """``text``, a regular expression, comes to be on the screen."""
        wait_for(
            lambda: re.search(text, self.screen()) is not None,
            lambda: f"the screen does not show {text!r}, but:\n{self.screen()}",
        )

    def close(self) -> None:
        self._tell_tmux("kill-server")
        self._directory.cleanup()
