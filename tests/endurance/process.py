"""A server in a process of its own, and what the system says of that process. Linux only."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

DEFAULTS = {"server.name": "chat.example", "server.port": 0, "limits.flood_rate": 0}
"""Settings of a server, where a test says nothing else."""


class ServerProcess:
    """``ircish serve``, listening. ``home`` is for its configuration and log, and its data
    where there is no ``data_dir``; ``descriptors`` is the most it may open, where not 0."""

    def __init__(
        self,
        home: Path,
        settings: Mapping[str, Any],
        *,
        data_dir: Path | None = None,
        descriptors: int = 0,
    ) -> None:
        self.data_dir = data_dir or home / "data"
        self._log = home / "log"
        config = home / "ircish.toml"
        config.write_text(_toml({**DEFAULTS, **settings, "server.data_dir": str(self.data_dir)}))
        command = [sys.executable, "-m", "ircish", "serve", "--config", str(config)]
        if descriptors:
            command = ["sh", "-c", 'ulimit -n "$0" && exec "$@"', str(descriptors), *command]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log)
        assert self.process.stdout
        welcome = b""
        while b"Ctrl-C" not in welcome:
            line = self.process.stdout.readline()
            assert line, f"the server did not start: {self.log()}"
            welcome += line
        self.process.stdout.close()
        self.pid = self.process.pid
        listens = re.search(rb"listens on ([0-9.]+):([0-9]+)", welcome)
        oper = re.search(rb"OPER admin (\S+)", welcome)
        assert listens
        assert oper
        self.address = (listens[1].decode(), int(listens[2]))
        self.operator_password = oper[1].decode()

    def log(self) -> str:
        """All that it has logged."""
        return self._log.read_text()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def ended(self, seconds: float = 20) -> int:
        """Its exit code, which has to come in time."""
        return self.process.wait(seconds)

    def terminate(self) -> int:
        """Ask it to end; its exit code."""
        self.signal(signal.SIGTERM)
        return self.ended()

    def kill(self) -> None:
        """End it at once, if it runs."""
        self.process.kill()
        self.process.wait()

    # What the system says ------------------------------------------------------------------------

    def descriptors(self) -> int:
        """Open descriptors."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def threads(self) -> int:
        """Living threads."""
        return self._status("Threads")

    def memory(self) -> float:
        """Resident memory in MiB."""
        return self._status("VmRSS") / 1024

    def peak(self) -> float:
        """The most memory that was ever resident, in MiB."""
        return self._status("VmHWM") / 1024

    def _status(self, field: str) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(rf"^{field}:\s*([0-9]+)", status, re.MULTILINE)
        assert found
        return int(found[1])

    def cpu(self) -> float:
        """User and system time so far in seconds, from the process's CPU clock
        (``clock_getcpuclockid(3)``), which counts in ns."""
        return time.clock_gettime((~self.pid << 3) | 2)


def _toml(settings: Mapping[str, Any]) -> str:
    sections: dict[str, list[str]] = {}
    for name, value in settings.items():
        section, _, key = name.partition(".")
        sections.setdefault(section, []).append(f"{key} = {json.dumps(value)}")
    return "".join(f"[{name}]\n" + "\n".join(lines) + "\n" for name, lines in sections.items())
