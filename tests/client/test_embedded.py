"""A server as a child: started where none is, stopped or left; it is the real `ircish serve`."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ircish.client import embedded
from ircish.client.embedded import Embedded, NotStarted, environment, listens, said
from ircish.testing import Client


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No files of whoever runs the tests."""
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))


@pytest.fixture
def port() -> int:
    """One that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
        return number


@pytest.fixture
def server(port: int) -> Iterator[Embedded]:
    """One that can be started; killed at the end if it still runs."""
    one = Embedded(port=port)
    yield one
    kill(one)


def kill(one: Embedded) -> None:
    if (process := one._process) and process.poll() is None:
        process.kill()
        process.wait()


class Child:
    """In place of `ircish serve`: Python code."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
        real = embedded.subprocess.Popen

        def popen(words: list[str], **more: Any) -> Any:
            return real([sys.executable, "-c", code], **more)

        monkeypatch.setattr(embedded.subprocess, "Popen", popen)


def test_a_server_is_started_where_none_listens_and_stopped(server: Embedded) -> None:
    async def visit() -> None:
        assert not await listens(port=server.port)
        assert await server.start()
        pid = server.pid
        assert pid is not None
        assert os.getsid(pid) == pid  # Ctrl-C in our terminal is not for it
        ann = Client(("127.0.0.1", server.port))
        assert any("001 ann" in line for line in ann.ask("NICK ann", "USER ann 0 * :Ann"))
        await server.stop()
        ann.rest()
        ann.close()
        assert server.pid is None
        assert not await listens(port=server.port)
        await server.stop()  # there is none any more

    asyncio.run(visit())


def test_what_is_said_of_it_is_how_others_join_and_how_one_operates_it(server: Embedded) -> None:
    async def visit() -> list[str]:
        await server.start()
        lines = server.lines()
        ann = Client(("127.0.0.1", server.port))
        ann.ask("NICK ann")
        answer = ann.ask(f"OPER admin {server.oper_password}")
        assert any("operator" in line for line in answer)
        assert not any(line.startswith("!!!") for line in answer)
        ann.close()
        await server.stop()
        return lines

    lines = asyncio.run(visit())
    log = server.log
    assert log is not None
    assert log.name == "serve.log"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600  # the password is in it
    assert [each.name for each in log.parent.iterdir()] == ["serve.log"]
    assert re.sub(r"process \d+", "process 1", "\n".join(lines)) == (
        f"No server was there: started one on 127.0.0.1:{server.port} (process 1, log {log}).\n"
        f"Others on this machine join with `ircish`, `nc 127.0.0.1 {server.port}` "
        f"(then NICK <name>), or `irssi -c 127.0.0.1 -p {server.port}`.\n"
        "From other machines: run `ircish serve --host 0.0.0.0` instead.\n"
        f"To be its operator: /quote OPER admin {server.oper_password}\n"
        "It ends when you leave, unless others are there and you let it go on."
    )


def test_one_that_is_left_running_goes_on_and_is_found_by_the_next(server: Embedded) -> None:
    async def visit() -> int:
        await server.start()
        pid = server.pid
        assert pid is not None
        server.leave_running()
        assert server.pid is None
        await server.stop()  # it is not ours to stop any more
        assert not await Embedded(port=server.port).start()
        return pid

    pid = asyncio.run(visit())
    os.kill(pid, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def test_of_two_that_start_at_once_one_has_it_and_both_find_it(port: int) -> None:
    both = Embedded(port=port), Embedded(port=port)

    async def visit() -> None:
        started = await asyncio.gather(*(each.start() for each in both))
        assert sorted(started) == [False, True]
        for each, mine in zip(both, started, strict=True):
            assert (each.pid is not None) == mine
            assert await listens(port=port)
            assert (each.log is not None) == mine
        for each in both:
            await each.stop()

    try:
        asyncio.run(visit())
    finally:
        for each in both:
            kill(each)


def test_the_end_of_our_terminal_is_not_its_end(
    server: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    more: dict[str, Any] = {}
    real = embedded.subprocess.Popen

    def popen(words: list[str], **told: Any) -> Any:
        more.update(told)
        assert words[:5] == [sys.executable, "-P", "-m", "ircish", "serve"]
        return real([sys.executable, "-c", "print('Ctrl-C stops it.')"], **told)

    monkeypatch.setattr(embedded.subprocess, "Popen", popen)
    assert asyncio.run(server.start())
    assert more["start_new_session"]
    assert more["stdin"] == embedded.subprocess.DEVNULL
    assert server.oper_password == ""  # operators are configured
    assert not any("operator" in line for line in server.lines())
    asyncio.run(server.stop())


# What goes wrong --------------------------------------------------------------------------------


def failing(server: Embedded) -> str:
    """The sentence with which it does not start."""
    with pytest.raises(NotStarted) as fault:
        asyncio.run(server.start())
    assert server.pid is None
    return str(fault.value)


def test_what_the_server_complains_of_is_told(
    server: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "OTHERS_START", 0.0)
    (tmp_path / "config" / "ircish").mkdir(parents=True)
    (tmp_path / "config" / "ircish" / "ircish.toml").write_text("[server]\nprot = 1\n")
    sentence = failing(server)
    assert sentence.startswith("No server could be started: ")
    assert "prot" in sentence
    assert not list((tmp_path / "state" / "ircish").iterdir())


def test_a_server_that_ends_without_a_word_is_told(
    server: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "OTHERS_START", 0.0)
    Child(monkeypatch, "")
    assert failing(server) == (
        "No server could be started: it ended without a word; try `ircish serve`."
    )


def test_another_that_comes_up_after_ours_has_ended_is_taken(
    server: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False, False, True])

    async def listens(host: str, port: int) -> bool:
        return next(answers)

    monkeypatch.setattr(embedded, "listens", listens)
    Child(monkeypatch, "")
    assert not asyncio.run(server.start())
    assert list(answers) == []


def test_a_server_that_does_not_come_up_is_ended(
    server: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "STARTING", 0.0)
    Child(monkeypatch, "import time; time.sleep(60)")
    sentence = failing(server)
    assert re.fullmatch(
        r"The server has not come up within 0 s: see \S+\.log, or try `ircish serve`\.", sentence
    )


def test_one_that_does_not_end_is_killed(server: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "STOPPING", 0.0)
    ignores = "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('Ctrl-C stops it.', flush=True)"
    Child(monkeypatch, f"import signal, time; {ignores}; time.sleep(60)")

    async def visit() -> None:
        assert await server.start()
        process = server._process
        assert process is not None
        await server.stop()
        assert process.returncode == -signal.SIGKILL

    asyncio.run(visit())


def test_who_does_not_wait_for_it_leaves_none_behind(
    server: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Child(monkeypatch, "import time; time.sleep(60)")

    async def visit() -> int:
        starting = asyncio.create_task(server.start())
        while server.pid is None:
            await asyncio.sleep(0)
        pid = server.pid
        starting.cancel()
        with suppress(asyncio.CancelledError):
            await starting
        return pid

    pid = asyncio.run(visit())
    with suppress(ChildProcessError):  # it ended so soon that it has been waited for
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGTERM
    assert not list((tmp_path / "state" / "ircish").iterdir())


def test_where_nothing_can_be_written_that_is_told(server: Embedded, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    assert failing(server).startswith("No server could be started: [Errno ")


def test_where_no_process_can_be_started_that_is_told(
    server: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert "No such file or directory" in failing(server)
    assert not list((tmp_path / "state" / "ircish").iterdir())


def test_what_takes_the_connection_late_listens_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def busy(host: str, port: int) -> None:
        raise TimeoutError

    monkeypatch.setattr(embedded.asyncio, "open_connection", busy)
    assert asyncio.run(listens())


# Small things -----------------------------------------------------------------------------------


def test_the_child_is_the_ircish_that_we_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(embedded.ircish.__file__).parents[1]
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    assert environment()["PYTHONPATH"] == f"{root}{os.pathsep}elsewhere"
    monkeypatch.delenv("PYTHONPATH")
    assert environment()["PYTHONPATH"] == str(root)
    monkeypatch.setattr(embedded.ircish, "__file__", str(tmp_path / "ircish" / "__init__.py"))
    assert "PYTHONPATH" not in environment()  # installed: found without


SAID = {
    "": "it ended without a word; try `ircish serve`.",
    "Traceback\nMemoryError\n": "MemoryError",
    "warning\nircish: port 5555 is in use.\n": "port 5555 is in use.",
}


@pytest.mark.parametrize("text", SAID)
def test_its_last_own_words_are_the_reason(text: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(text)
    assert said(log) == SAID[text]
