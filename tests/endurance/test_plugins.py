"""What others notice while a plugin's handler sleeps, computes, recurses or an observer hangs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from bystanders import Bystanders
from process import ServerProcess

from ircish.testing import IrcClient

pytestmark = pytest.mark.timeout(120)

BAD = '''
"""Commands that go wrong."""
import time
from ircish import command, hookimpl

@command("SLEEP")
def sleep(ctx):
    """Sleep."""
    time.sleep(3600)

@command("COMPUTE")
def compute(ctx):
    """Compute without end."""
    while True:
        pass

@command("STUBBORN")
def stubborn(ctx):
    """Compute without end, whatever comes."""
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass

@command("RECURSE")
def recurse(ctx):
    """Recurse without end, through C."""
    def deeper(x):
        return sorted([1, 2], key=deeper)
    deeper(1)

@hookimpl
def server_event(event):
    if getattr(event.event, "text", "") == "hang":
        time.sleep(3600)
    if getattr(event.event, "text", "") == "compute":
        while True:
            pass

@hookimpl
def server_commands():
    return [sleep, compute, stubborn, recurse]
'''

SECONDS, TIMES = 8.0, 4
"""How long the others are timed, and how often the command is called meanwhile: the caller goes on
after command_seconds, so that several of them hang at last."""

MOST = 50.0
"""ms: what 99 of 100 lines of the others may take."""


@pytest.mark.parametrize(
    "line",
    ["SLEEP", "COMPUTE", "STUBBORN", "RECURSE", "PRIVMSG #bad :hang", "PRIVMSG #bad :compute"],
)
def test_nobody_else_notices(
    line: str,
    serve: Callable[..., ServerProcess],
    figure: Callable[[str, object], None],
    tmp_path: Path,
) -> None:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "bad.py").write_text(BAD)
    server = serve({"server.plugins": [str(plugins)], "limits.command_seconds": 2})
    caller = IrcClient(server.address, "caller", join="#bad")
    with Bystanders(server.address) as others:
        times = 1 if line == "STUBBORN" else TIMES  # nothing can end these
        for _ in range(times):
            caller.send(line)
            time.sleep(SECONDS / times)
    caller.close()
    figure(line, others)
    assert others.p99 < MOST
