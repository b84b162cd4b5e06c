"""`ircish serve` as a child of our own, for who starts `ircish` where no server is yet.

The child outlives us on purpose, even a crash of ours: others may be on it. Who leaves in good
order decides (``stop``, ``leave_running``); the next `ircish` finds what still listens.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import platformdirs

import ircish
from ircish.arguments import HOST, PORT

STARTING = 10.0
"""Seconds in which our server must listen."""

OTHERS_START = 3.0
"""Seconds in which another's server must, that came before ours."""

STOPPING = 6.0
"""Seconds in which it must have ended before it is killed: it promises about 4."""

STEP = 0.02
"""Seconds between two looks at it."""

READY = b"Ctrl-C stops it."
"""What `ircish serve` prints last when it listens."""

OPER = re.compile(r"OPER admin (\S+)")
"""The operator's password for this run, in what it prints."""


class NotStarted(Exception):
    """Why there is no server: one sentence for a person, with the way out."""


async def listens(host: str = HOST, port: int = PORT) -> bool:
    """Whether anything takes connections there, within a second."""
    try:
        async with asyncio.timeout(1.0):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return True  # it is there, and busy
    except OSError:
        return False
    writer.close()
    return True


class Embedded:
    """A server of our own, or none."""

    def __init__(self, host: str = HOST, port: int = PORT) -> None:
        self.host, self.port = host, port
        self.log: Path | None = None
        """What it prints and logs, for the last one that was started."""
        self.oper_password = ""
        """For OPER admin, where nothing else is configured."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its process, None where we have none that runs."""
        process = self._process
        return process.pid if process and process.poll() is None else None

    async def start(self) -> bool:
        """Have a server listen: True for our own, False for somebody else's, who came before us.
        Raises NotStarted."""
        if await listens(self.host, self.port):
            return False
        try:
            log = self._spawn()
        except OSError as error:
            raise NotStarted(f"No server could be started: {error}.") from error
        try:
            is_up = await self._comes_up(log)
        except asyncio.CancelledError:  # whoever waited has had enough
            assert self._process
            self._process.terminate()
            self.leave_running()
            log.unlink()
            raise
        if is_up:
            printed = log.read_text(errors="replace")
            if found := OPER.search(printed):
                self.oper_password = found[1]
            self.log = log.replace(log.with_name("serve.log"))
            return True
        why = said(log)
        log.unlink()
        if await self._another_comes_up():
            return False
        raise NotStarted(f"No server could be started: {why}")

    def _spawn(self) -> Path:
        """Start it; the file it writes to. Raises OSError."""
        directory = platformdirs.user_state_path("ircish", appauthor=False)
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        number, name = tempfile.mkstemp(".log", "serve-", directory)
        try:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "ircish", "serve"),
                    *("--host", self.host, "--port", str(self.port)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=number,
                stderr=number,
                env=environment(),
                start_new_session=True,  # Ctrl-C and the end of our terminal are not for it
            )
        except OSError:
            os.unlink(name)
            raise
        finally:
            os.close(number)
        return Path(name)

    async def _comes_up(self, log: Path) -> bool:
        """Whether our own listens; not if it has ended. Raises NotStarted."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + STARTING
        while READY not in log.read_bytes():
            if self.pid is None:
                return False
            if loop.time() > deadline:
                await self.stop()
                raise NotStarted(
                    f"The server has not come up within {STARTING:.0f} s: see {log}, "
                    "or try `ircish serve`."
                )
            await asyncio.sleep(STEP)
        return True

    async def _another_comes_up(self) -> bool:
        """Whether somebody else's does: two `ircish` may start at once."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + OTHERS_START
        while not await listens(self.host, self.port):
            if loop.time() > deadline:
                return False
            await asyncio.sleep(STEP)
        return True

    async def stop(self) -> None:
        """End it: it says goodbye to who is there, and is killed if it takes too long."""
        if self._process is None:
            return
        self._process.terminate()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + STOPPING
        while self._process.poll() is None:
            if loop.time() > deadline:
                self._process.kill()
            await asyncio.sleep(STEP)
        self._process = None

    def leave_running(self) -> None:
        """Let it go on without us; it is no longer ours."""
        if self._process and self._process.poll() is None:
            self._process.returncode = 0  # or Popen would complain that it still runs
        self._process = None

    def lines(self) -> list[str]:
        """What to say of our server: where it is, how others join, how it ends."""
        shown = f"{self.host}:{self.port}"
        lines = [
            f"No server was there: started one on {shown} (process {self.pid}, log {self.log}).",
            f"Others on this machine join with `ircish`, `nc {self.host} {self.port}` (then "
            f"NICK <name>), or `irssi -c {self.host} -p {self.port}`.",
            "From other machines: run `ircish serve --host 0.0.0.0` instead.",
        ]
        if self.oper_password:
            lines.append(f"To be its operator: /quote OPER admin {self.oper_password}")
        lines.append("It ends when you leave, unless others are there and you let it go on.")
        return lines


def environment() -> dict[str, str]:
    """What the child needs to import the ircish that we are, and not one that lies in the
    directory where we happen to be (-P)."""
    root = Path(ircish.__file__).parents[1]
    if not (root / "pyproject.toml").is_file():  # installed
        return dict(os.environ)
    path = os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path}


def said(log: Path) -> str:
    """The sentence with which it ended."""
    lines = log.read_text(errors="replace").splitlines()
    own = [line.removeprefix("ircish: ") for line in lines if line.startswith("ircish: ")]
    return (own or lines or ["it ended without a word; try `ircish serve`."])[-1]
