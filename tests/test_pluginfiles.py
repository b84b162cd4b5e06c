"""Where plugins are: bundled, in directories, installed; and how a file becomes a module."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ircish import pluginfiles
from ircish.pluginfiles import all_sources, files, forget, import_file, of_file, own_directory


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory in the place of the bundled plugins, and no installed ones."""
    directory = tmp_path / "shipped"
    directory.mkdir()
    monkeypatch.setattr(pluginfiles, "bundled", lambda: directory)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [])
    return directory


def write(directory: Path, **sources: str) -> None:
    directory.mkdir(exist_ok=True)
    for name, source in sources.items():
        (directory / f"{name}.py").write_text(source)


def test_they_come_in_order_and_tests_are_none(shipped: Path, tmp_path: Path) -> None:
    write(shipped, roll="", karma="", __init__="", test_roll="", conftest="")
    write(tmp_path / "own", tea="", roll="")
    (tmp_path / "own" / "notes.txt").touch()
    found = list(files([tmp_path / "own", tmp_path / "nowhere"], ()))
    assert [f"{path.parent.name}/{path.stem}" for path in found] == [
        *("shipped/karma", "shipped/roll", "own/roll", "own/tea")
    ]


def test_one_that_is_left_out_frees_its_name_where_it_was_bundled(
    shipped: Path, tmp_path: Path
) -> None:
    write(shipped, roll="", karma="")
    write(tmp_path / "own", roll="", tea="")
    found = list(files([tmp_path / "own"], ["roll", "tea"]))
    assert [f"{path.parent.name}/{path.stem}" for path in found] == ["shipped/karma", "own/roll"]


def test_a_source_tells_where_from(
    shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(shipped, roll="x = 1")
    entries = [
        SimpleNamespace(name="dice", value="dice:it", dist=SimpleNamespace(name="D"), load=int),
        SimpleNamespace(name="tea", value="tea:it", dist=None, load=str),
        SimpleNamespace(name="left", value="left", dist=None, load=str),
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: entries)
    roll, dice, tea = all_sources([], ["left"])
    assert (roll.name, roll.origin, roll.path) == ("roll", str(roll.path), shipped / "roll.py")
    assert roll.load().x == 1
    assert (dice.name, dice.origin, dice.path) == ("dice", "package D", None)
    assert dice.load() == 0
    assert tea.origin == "package tea:it"


def test_a_file_is_read_anew_and_is_a_module_of_its_own_each_time(tmp_path: Path) -> None:
    write(tmp_path, tea="from dataclasses import dataclass\n@dataclass\nclass Cup: n: int = 1")
    source = of_file(tmp_path / "tea.py")
    one = source.load()
    write(tmp_path, tea="n = 2")
    two = source.load()
    assert one.Cup().n == 1
    assert two.n == 2
    assert one.__name__ != two.__name__
    assert sys.modules[one.__name__] is one
    assert one.__file__ == two.__file__ == source.origin
    for module in (one, two):
        forget(module)
        forget(module)  # a second time is harmless
        assert module.__name__ not in sys.modules


def test_what_fails_leaves_no_module_behind(tmp_path: Path) -> None:
    before = set(sys.modules)
    write(tmp_path, bad="1 / 0")
    with pytest.raises(ZeroDivisionError):
        import_file(tmp_path / "bad.py")
    with pytest.raises(ImportError, match="is not a Python file"):
        import_file(tmp_path / "bad.txt")
    assert {name for name in set(sys.modules) - before if "ircish_plugin" in name} == set()


def test_forgetting_what_is_no_plugin_does_nothing() -> None:
    forget(sys)
    forget(object())
    assert sys.modules["sys"] is sys


def test_the_own_directory_is_in_the_users_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert own_directory() == tmp_path / "ircish" / "plugins"
