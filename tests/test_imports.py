"""What knows no socket, thread, database or clock imports none, however far one follows it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ircish

ROOT = Path(ircish.__file__).parent

PURE = {
    "ircish.chat": "chat/__init__.py",
    **{f"ircish.chat.{path.stem}": f"chat/{path.name}" for path in ROOT.glob("chat/[a-z]*.py")},
    "ircish.client.channels": "client/channels.py",
    "ircish.client.events": "client/events.py",
    "ircish.client.fitting": "client/fitting.py",
    "ircish.client.log": "client/log.py",
    "ircish.client.people": "client/people.py",
    "ircish.client.receiving": "client/receiving.py",
    "ircish.client.session": "client/session.py",
    "ircish.client.windows": "client/windows.py",
    "ircish.dialects": "dialects/__init__.py",
    "ircish.dialects.irc": "dialects/irc.py",
    "ircish.dialects.irc_events": "dialects/irc_events.py",
    "ircish.dialects.plain": "dialects/plain.py",
    **{
        f"ircish.{name}": f"{name}.py"
        for name in ["errors", "events", "multiline", "phrases", "replies", "rows", "text", "wire"]
    },
}
"""Modules that import each other and ``HARMLESS`` only, and where they are."""

HARMLESS = {
    "__future__",
    "bisect",
    "collections",
    "collections.abc",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "hmac",
    "itertools",
    "re",
    "time",
    "types",
    "typing",
    "unicodedata",
}
"""Of the standard library; of ``time`` and ``datetime`` only what reads no clock."""

CLOCKS = {"time", "monotonic", "perf_counter", "now", "utcnow", "today", "sleep", "time_ns"}


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported at run time, wherever in the file."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from inside if node.module == "ircish" else {str(node.module)}
        else:
            yield from imported(node)


def clocks(tree: ast.AST) -> list[str]:
    """What is used of ``time`` and ``datetime`` that reads the clock."""
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and ast.unparse(node.value) in ("time", "datetime", "date", "datetime.datetime")
        and node.attr in CLOCKS
    ] + [
        f"from {node.module} import {alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
    ]


@pytest.mark.parametrize("module", PURE)
def test_the_core_imports_only_what_is_as_pure(module: str) -> None:
    found = set(imported(ast.parse((ROOT / PURE[module]).read_text("utf-8"))))
    assert found
    assert found - HARMLESS - set(PURE) == set()


@pytest.mark.parametrize("module", PURE)
def test_the_core_reads_no_clock(module: str) -> None:
    assert clocks(ast.parse((ROOT / PURE[module]).read_text("utf-8"))) == []


def test_what_is_looked_for_would_be_found() -> None:
    tree = ast.parse(
        "if TYPE_CHECKING:\n    import queue\n"
        "def late():\n    import socket, sqlite3\n    from ircish import history\n"
        "    from threading import Lock\n"
        "    from time import monotonic\n"
        "    return time.time(), time.gmtime(0), datetime.now(), 'a'.now\n"
    )
    found = ["ircish.history", "socket", "sqlite3", "threading", "time"]
    assert sorted(imported(tree)) == found
    assert clocks(tree) == ["time.time", "datetime.now", "from time import monotonic"]


def test_what_a_plugin_imports_is_there_and_costs_nothing_until_it_is_asked_for() -> None:
    code = (
        "import sys, ircish\n"
        "heavy = 'sqlite3', 'rich', 'prompt_toolkit', 'socketserver', 'ircish.client.session'\n"
        "print([name for name in (*heavy, 'ircish.server.server') if name in sys.modules])\n"
        "print([name for name in ircish.__all__ if getattr(ircish, name, None) is None])\n"
        "print(hasattr(ircish, 'nothing'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT.parent)},
    )
    assert done.stdout.split("\n") == ["[]", "[]", "False", ""]
