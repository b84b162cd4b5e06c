"""What holds for each bundled plugin: it could be anybody's."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ircish.pluginfiles import bundled, of_file
from ircish.sandbox import Sandbox
from ircish.testing import Chat

Open = Callable[..., Chat]

FILES = sorted(bundled().glob("*.py"))

ALSO = {"poll": {"rich"}}
"""Packages that a plugin may import beside ircish and the standard library."""

TABLES: dict[str, dict[str, Any]] = {
    "filter": {"rules": []},
    "webhook": {"url": "http://127.0.0.1:9"},
    "welcome": {"text": "hello"},
}
"""Without these settings they take part in nothing."""

PAGE = 125
"""Lines."""


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = str(node.module)
            yield module if module.startswith("ircish.") else module.partition(".")[0]


def test_there_are_eight() -> None:
    names = [file.stem for file in FILES]
    assert names == ["filter", "karma", "poll", "remind", "roll", "shout", "webhook", "welcome"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_imports_ircish_and_the_standard_library_only(file: Path) -> None:
    allowed = {"ircish", *sys.stdlib_module_names, *ALSO.get(file.stem, ())}
    assert set(imported(file)) <= allowed


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_asks_for_its_settings_where_it_needs_some(file: Path, open_chat: Open) -> None:
    others = [each.stem for each in FILES if each != file]
    plugins = open_chat({"server.without": others}).server.plugins
    plugin = plugins.plugins.get(file.stem)
    if plugin is None:
        assert file.stem == "shout"  # is the client's alone, and loaded as well
    elif file.stem in TABLES:
        assert plugin.needs == f"[plugins.{file.stem}] {next(iter(TABLES[file.stem]))}"
        assert (plugin.hooks, plugin.commands) == ({}, ())
        assert not plugins.refuses()
        assert plugins.observers() == {}
    else:
        assert not plugin.needs


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_is_a_page_and_has_its_test(file: Path) -> None:
    assert len(file.read_text("utf-8").splitlines()) <= PAGE
    assert (Path(__file__).parent / f"test_{file.stem}.py").exists()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_its_examples_come_out_as_they_say(file: Path) -> None:
    with Sandbox(TABLES) as sandbox:
        assert sandbox.problems(of_file(file)) == []
