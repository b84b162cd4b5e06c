"""``python -m tests.bench.client``: what the console client costs, beside irssi and WeeChat.

Each is started in a terminal of 100x30 (a real pty) on a server of our own that only fills its
window. Figures of one run; CPU and memory are the client's, read from outside. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import select
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.client.terminal import PATIENCE, Pty

from .process import cpu_seconds, memory_kib

ROOT = Path(__file__).parents[2]
KEYS = "^{}&`"  # in nothing that the server says, nor in what moves a cursor
ERASE = "\x15"  # Ctrl-U, in all of them
MARKS = ("QZXJ", "ZQJX", "XJQZ", "JXZQ")  # none has a letter where another one has it
STARTS = 5
BEFORE, DURING, RATE = 50_000, 20_000, 5_000  # lines, lines, lines a second
ESCAPES = re.compile(rb"\x1b(\[[0-9;?<=>]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[()].|.)")

IRSSI = """
servers = ({{ address = "127.0.0.1"; port = "{port}"; chatnet = "bench"; autoconnect = "yes"; }});
chatnets = {{ bench = {{ type = "IRC"; nick = "ann"; }}; }};
settings = {{
  core = {{ real_name = "ann"; user_name = "ann"; nick = "ann"; }};
  "fe-text" = {{ paste_detect_time = "0"; paste_verify_line_count = "0"; }};
}};
"""
WEECHAT = (
    "/set irc.server_default.ssl off",
    "/set irc.server_default.tls off",
    "/set weechat.history.max_buffer_lines_number 0",
    "/server add bench 127.0.0.1/{port} -nicks=ann -autojoin=#bench",
    "/connect bench",
)


@dataclass(frozen=True)
class Client:
    """How a client is started; ``{port}`` and ``{home}`` are filled in."""

    name: str
    argv: Sequence[str]
    config: str = ""
    typed: str = ""
    """What has to be typed to be in the channel."""
    env: dict[str, str] = field(default_factory=dict)

    def start(self, port: int, home: str) -> Pty:
        """In a directory of its own."""
        places = {"port": port, "home": home}
        if self.config:
            Path(home, "config").write_text(self.config.format(**places))
        xdg = {f"XDG_{each}_HOME": f"{home}/{each}" for each in ("CONFIG", "DATA", "STATE")}
        env = {**xdg, "PYTHONPATH": str(ROOT), "COLORTERM": "", **self.env}
        return Pty([part.format(**places) for part in self.argv], 100, 30, env, cwd=home)


def installed() -> list[Client]:
    """irssi and WeeChat, as far as they are here."""
    found = []
    if shutil.which("irssi"):
        version = subprocess.check_output(["irssi", "--version"], text=True).split()[1]
        argv = ["irssi", "--home", "{home}"]
        found.append(Client(f"irssi {version}", argv, IRSSI, typed="/join #bench\n"))
    if shutil.which("weechat"):
        version = subprocess.check_output(["weechat", "--version"], text=True).strip()
        commands = [part for command in WEECHAT for part in ("-r", command)]
        found.append(Client(f"WeeChat {version}", ["weechat", "--dir", "{home}", *commands]))
    return found


class Server:
    """flood.py in a process of its own."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.flood"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        assert self.process.stdout
        self._out = self.process.stdout
        self.port = int(self._out.readline())

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def tell(self, command: str) -> None:
        """Let it do something; ``answered`` tells when it is done."""
        assert self.process.stdin
        self.process.stdin.write(command.encode() + b"\n")

    def answered(self) -> str | None:
        """The answer, or None as long as there is none."""
        if not select.select([self._out], [], [], 0)[0]:
            return None
        return self._out.readline().decode().strip()


def drain(pty: Pty, seconds: float) -> None:
    """Read for so long."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        pty.read(left)
    pty.output.clear()


def until(pty: Pty, done: Callable[[bytes], Any], patience: float, what: str) -> Any:
    """Read until ``done`` says something of the last that was written, escapes left out."""
    deadline = time.monotonic() + patience
    while not (result := done(ESCAPES.sub(b"", bytes(pty.output[-20_000:])))):
        if pty.ended or time.monotonic() > deadline:
            tail = ESCAPES.sub(b"", bytes(pty.output[-2000:])).decode(errors="replace")
            raise TimeoutError(f"{what}; last seen: {tail!r}")
        pty.read(0.02)
    return result


def echo(pty: Pty, key: str) -> float:
    """Press a key; ms until it is seen."""
    wanted = key.encode()
    started = time.perf_counter()
    deadline = started + PATIENCE
    pty.send(wanted)
    while wanted not in pty.read(0.1):
        if pty.ended or time.perf_counter() > deadline:
            raise TimeoutError(f"{key} was not echoed")
    return (time.perf_counter() - started) * 1000


def echoes(pty: Pty, pause: tuple[float, float], enough: Callable[[int], bool]) -> list[float]:
    """Press keys with pauses (seconds, from to) until there are enough; ms of each."""
    rng = random.Random(1)  # so that nothing periodic is in step with it
    found: list[float] = []
    while not enough(len(found)):
        found.append(echo(pty, KEYS[len(found) % len(KEYS)]))
        if len(found) % (len(KEYS) - 1) == 0:  # so that no cell gets what it had before
            drain(pty, 0.02)
            pty.send(ERASE.encode())
        drain(pty, rng.uniform(*pause))
    pty.send(ERASE.encode())
    return found


def first_echo(client: Client, port: int) -> float:
    """ms from the start until the first key that it took is seen; pressed when it draws."""
    with tempfile.TemporaryDirectory() as home:
        started = time.perf_counter()
        with client.start(port, home) as pty:
            pressed = 0.0
            while b"}" not in pty.read(0.005):
                now = time.perf_counter()
                if pty.output and now - pressed > 0.05:  # again: what came too early may be lost
                    pty.send(b"}")
                    pressed = now
                if pty.ended or now - started > PATIENCE:
                    raise TimeoutError(f"{client.name} shows no key: {bytes(pty.output[-500:])!r}")
            return (time.perf_counter() - started) * 1000


def quantiles(name: str, found: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(found, n=20)
    return {f"{name}_p50_ms": statistics.median(found), f"{name}_p95_ms": cuts[18]}


class Shown:
    """A client in the channel, and what it costs from here on."""

    def __init__(self, client: Client, server: Server, pty: Pty) -> None:
        self.name, self.server, self.pty = client.name, server, pty
        self.marks = 0
        if client.typed:
            until(pty, lambda seen: b"MOTD" in seen, PATIENCE, f"{self.name} is not connected")
            pty.type(client.typed)
        server.tell("joined")
        until(pty, lambda _: server.answered(), PATIENCE, f"{self.name} does not join")
        drain(pty, 1)
        self.settle()

    def settle(self) -> float:
        """Wait until the last that the server said is seen, and a second more; when it was."""
        mark = MARKS[self.marks % len(MARKS)]
        self.marks += 1
        self.pty.output.clear()
        self.server.tell(f"say {mark}")
        until(self.pty, lambda seen: mark.encode() in seen, 120, f"{self.name} shows no {mark}")
        seen = time.monotonic()
        self.server.answered()
        drain(self.pty, 1)
        return seen

    def cpu(self) -> float:
        return cpu_seconds(self.pty.process.pid)

    def mib(self) -> float:
        return memory_kib(self.pty.process.pid, "VmRSS") / 1024

    def flood(self, lines: int, rate: int) -> tuple[float, float]:
        """Let it show so many; seconds until the last was seen, seconds of CPU."""
        before, started = self.cpu(), time.monotonic()
        self.server.tell(f"flood {lines} {rate}")
        while self.server.answered() is None:
            drain(self.pty, 0.02)
        took = self.settle() - started
        return took, self.cpu() - before

    def pressed(self) -> list[float]:
        """ms until keys are seen while nothing else happens."""
        return echoes(self.pty, (0.04, 0.08), lambda count: count >= 100)

    def pressed_during(self, lines: int) -> list[float]:
        """ms until keys are seen while lines arrive."""
        self.server.tell(f"flood {lines} {RATE}")
        drain(self.pty, 0.3)
        found = echoes(self.pty, (0.02, 0.04), lambda _: self.server.answered() is not None)
        self.settle()
        return found

    def idle(self, seconds: float) -> float:
        """Percent of a CPU that it takes to do nothing."""
        drain(self.pty, 2)
        before, started = self.cpu(), time.monotonic()
        drain(self.pty, seconds)
        return (self.cpu() - before) / (time.monotonic() - started) * 100


def measure(client: Client, server: Server, idle: float, smaller: int) -> dict[str, float]:
    """All figures of a client; of a part of the lines, where ``smaller`` is more than 1."""
    starts = [first_echo(client, server.port) for _ in range(STARTS)]
    figures = {"start_ms": statistics.median(starts)}
    with tempfile.TemporaryDirectory() as home, client.start(server.port, home) as pty:
        shown = Shown(client, server, pty)
        figures["rss_start_mib"] = shown.mib()
        took, cpu = shown.flood(BEFORE // smaller, RATE)
        figures["lines_per_second"] = BEFORE / smaller / took
        figures["cpu_s"] = cpu * smaller
        figures |= quantiles("idle", shown.pressed())
        figures |= quantiles("flood", shown.pressed_during(DURING // min(smaller, 4)))
        figures["rss_mib"] = shown.mib()
        figures["idle_percent"] = shown.idle(idle)
        took, cpu = shown.flood(BEFORE // smaller, 0)
        figures["burst_s"] = took * smaller
        figures["burst_cpu_s"] = cpu * smaller
    return figures


ROWS = (  # what, the goal, how it is shown
    ("start to first key echoed, ms", "≤ 350", "{start_ms:.0f}"),
    ("MiB at start / after 70,000 lines", "≤ 45 / ≤ 75", "{rss_start_mib:.0f} / {rss_mib:.0f}"),
    (
        "key echo with 50,000 lines in the window, ms: p50 / p95",
        "p95 < 10",
        "{idle_p50_ms:.1f} / {idle_p95_ms:.1f}",
    ),
    (
        "key echo while 5,000 lines/s arrive, ms: p50 / p95",
        "p95 < 20",
        "{flood_p50_ms:.1f} / {flood_p95_ms:.1f}",
    ),
    ("CPU for 50,000 lines at 5,000/s, s", "below irssi", "{cpu_s:.1f}"),
    ("50,000 lines at once: s until shown / s of CPU", "", "{burst_s:.1f} / {burst_cpu_s:.1f}"),
    ("CPU when nothing happens", "≤ 0.1 %", "{idle_percent:.2f} %"),
)  # fmt: skip


def table(results: dict[str, dict[str, float]]) -> str:
    """Markdown: a column for each client."""
    lines = [f"| | goal | {' | '.join(results)} |", "|---|---|" + "---|" * len(results)]
    for what, goal, shown in ROWS:
        cells = " | ".join(shown.format(**figures) for figures in results.values())
        lines.append(f"| {what} | {goal} | {cells} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.client", description=__doc__)
    join = ["{port}", "--nick", "ann", "--join", "#bench"]
    ours = [sys.executable, "-m", "ircish", "chat", "127.0.0.1", *join]
    parser.add_argument("--ircish", default=shlex.join(ours), metavar="COMMAND")
    parser.add_argument(
        "--client",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "COMMAND"),
        help="another client that joins #bench by itself; {port} and {home} are filled in",
    )
    parser.add_argument(
        "--only", metavar="NAME,...", help="names as in the table, their first word"
    )
    parser.add_argument("--idle", type=float, default=20.0, help="seconds of doing nothing (20)")
    parser.add_argument("--quick", action="store_true", help="a smoke test: a tenth of the lines")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, too")
    chosen = parser.parse_args()
    clients = [Client("ircish", shlex.split(chosen.ircish))]
    clients += [Client(name, shlex.split(command)) for name, command in chosen.client]
    clients += installed()
    if chosen.only:
        clients = [each for each in clients if each.name.split()[0] in chosen.only.split(",")]
    results = {}
    for client in clients:
        print(f"{client.name} ...", file=sys.stderr, flush=True)
        with Server() as server:
            try:
                results[client.name] = measure(
                    client, server, 2.0 if chosen.quick else chosen.idle, 10 if chosen.quick else 1
                )
            except (TimeoutError, AssertionError) as error:
                print(f"{client.name}: {error}", file=sys.stderr)
    print(table(results))
    if chosen.json:
        about = {"cpus": os.cpu_count(), "python": sys.version.split()[0], "results": results}
        chosen.json.write_text(json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    main()
