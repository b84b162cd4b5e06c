"""Fixtures of the endurance tests: ``serve`` starts servers, ``figure`` keeps what was measured."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from process import ServerProcess

FIGURES = pytest.StashKey[list[tuple[str, str, str]]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = []
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str, object], None]:
    """``figure("descriptor gone", "0.3 s")``: a row of the table at the end of the run."""

    def keep(what: str, value: object) -> None:
        name = request.node.name.removeprefix("test_").replace("_", " ")
        request.config.stash[FIGURES].append((name, what, str(value)))

    return keep


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    figures = config.stash[FIGURES]
    if not figures:
        return
    terminalreporter.section("what it withstood")
    width = max(len(what) for _, what, _ in figures)
    before = ""
    for name, what, value in figures:
        if name != before:
            terminalreporter.write_line(name, bold=True)
        terminalreporter.write_line(f"  {what:{width}}  {value}")
        before = name


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """``serve({"limits.sendq": 65536}, data_dir=..., descriptors=128)``: a server process.

    None of them may have met a fault of its own by the end of the test.
    """
    servers: list[ServerProcess] = []

    def start(settings: dict[str, Any] | None = None, **more: Any) -> ServerProcess:
        home = tmp_path / f"server{len(servers)}"
        home.mkdir()
        server = ServerProcess(home, settings or {}, **more)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.kill()
    for server in servers:
        assert "Traceback" not in server.log() or "plugin bad: " in server.log()
