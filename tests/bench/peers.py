"""The servers that are compared: how each is configured, with its flood limits off, and started."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT = 15.0  # seconds until the port must answer


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that can be measured.

    ``command`` writes what configuration it needs into the given directory and returns the command
    line that serves on the given port of 127.0.0.1 in the foreground. ``at_once`` clients may come
    in at the same time: more would overflow its listen queue, and wait a second for it.
    """

    name: str
    installed: Callable[[], bool]
    command: Callable[[Path, int], list[str]]
    at_once: int = 64
    most_clients: int = 100_000
    why_not_more: str = ""


def ircish(home: Path, port: int) -> list[str]:
    """History on, as it always is. No flood limit; the one on connections exempts loopback."""
    config = home / "ircish.toml"
    config.write_text("[limits]\nflood_rate = 0\n")
    return [sys.executable, "-m", "ircish", "serve", "--host", "127.0.0.1", "--port", str(port),
            "--data-dir", str(home / "data"), "--config", str(config)]  # fmt: skip


def inspircd(home: Path, port: int) -> list[str]:
    """Queues, rates and clones raised beyond reach, no penalties, no DNS, no ident.

    ``commandrate`` is in thousandths of a command per second. Only the core modules, no log.
    """
    config = home / "inspircd.conf"
    config.write_text(
        f"""
<server name="irc.bench" description="bench" network="bench" id="001">
<admin name="bench" nick="bench" email="bench@localhost">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect name="main" allow="*" maxchans="100" timeout="60" pingfreq="5m"
         hardsendq="100M" softsendq="100M" recvq="10M" threshold="1000000"
         commandrate="1000000000" fakelag="no" localmax="100000" globalmax="100000"
         maxconnwarn="no" limit="100000" resolvehostnames="no" useident="no">
<performance softlimit="100000" clonesonconnect="no" netbuffersize="65534" somaxconn="1024"
             quietbursts="yes">
<options defaultmodes="">
<files motd="">
""",
    )
    root = ["--runasroot"] if os.geteuid() == 0 else []
    return ["inspircd", "--config", str(config), "--nofork", "--nolog", "--nopid", *root]


def ngircd(home: Path, port: int) -> list[str]:
    """No limits on connections, no penalties, no DNS, no ident, no PAM."""
    config = home / "ngircd.conf"
    config.write_text(
        f"""
[Global]
Name = irc.bench
Info = bench
Listen = 127.0.0.1
Ports = {port}
MotdPhrase = "bench"
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
PingTimeout = 300
[Options]
DNS = no
Ident = no
PAM = no
""",
    )
    return ["ngircd", "-n", "-f", str(config)]


def irc_server(home: Path, port: int) -> list[str]:
    """It has no limits to switch off, and no configuration."""
    return [sys.executable, "-m", "irc.server", "-a", "127.0.0.1", "-p", str(port), "-l", "ERROR"]


def runs(program: str) -> Callable[[], bool]:
    return lambda: shutil.which(program) is not None


def imports(package: str) -> Callable[[], bool]:
    return lambda: importlib.util.find_spec(package) is not None


PEERS = (
    Peer("ircish", imports("ircish"), ircish, at_once=256),
    Peer("inspircd", runs("inspircd"), inspircd, at_once=4096),  # registers once a second
    Peer("ngircd", runs("ngircd"), ngircd, at_once=8),
    Peer("irc.server", imports("irc"), irc_server, at_once=1, most_clients=200,
         why_not_more="each of its threads spins: its select() also waits for writability"),
)  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A peer running, as a context: entering waits until its port answers, leaving ends it.

    Raises TimeoutError, with the last thing it printed, when it does not come up.
    """

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.port = free_port()

    def __enter__(self) -> Server:
        self.home = Path(tempfile.mkdtemp(prefix="ircish-bench-"))
        log = (self.home / "output").open("wb")
        try:
            self.process = subprocess.Popen(
                self.peer.command(self.home, self.port),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        finally:
            log.close()
        try:
            self._wait_for_port()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _wait_for_port(self) -> None:
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError(f"did not start: {self.last_words()}")

    def last_words(self) -> str:
        """The last line the server printed."""
        lines = (self.home / "output").read_text(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "(no output)")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Not asked to end in order: nothing of it is kept, and 10,000 farewells would take time.
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)
