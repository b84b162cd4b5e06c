"""`ircish plugins new NAME`: what it writes works at once, and it harms nothing that is there."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ircish
from ircish.cli import main


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory."""
    directory = tmp_path / "here"
    directory.mkdir()
    monkeypatch.chdir(directory)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return directory


def run_pytest() -> str:
    """What pytest prints, run here with every warning an error."""
    command = [sys.executable, "-W", "error", "-m", "pytest", "-p", "ircish.testing.pytest_plugin"]
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(Path(ircish.__file__).parent.parent)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def test_the_new_plugin_and_its_test_are_well_at_once(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plugins", "new", "tea_time"]) == 0
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.startswith("tea_time.py and test_tea_time.py are here")
    assert "/teatime 3" in second
    assert str(here.parent / "config" / "ircish" / "plugins") in third

    assert main(["plugins", "check", "tea_time.py"]) == 0
    assert capsys.readouterr().out == "tea_time.py: ok (TEATIME; 1 example)\n"

    assert "2 passed" in run_pytest()


def test_its_test_would_notice_if_it_were_broken(here: Path) -> None:
    assert main(["plugins", "new", "tea"]) == 0
    file = here / "tea.py"
    file.write_text(file.read_text().replace("* times", "* 2").replace("<= 9", "<= 10"))
    assert "2 failed" in run_pytest()


@pytest.mark.parametrize("name", ["a", "x9", "a" * 30, "command", "ctx", "times", "chat"])
def test_names_that_are_in_the_file_already_do_no_harm(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plugins", "new", name]) == 0
    for file in (Path(f"{name}.py"), Path(f"test_{name}.py")):
        ast.parse(file.read_text())
    assert main(["plugins", "check", f"{name}.py"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Tea", "small letters"),
        ("tea-time", "small letters"),
        ("2teas", "small letters"),
        ("_tea", "small letters"),
        ("../tea", "small letters"),
        ("tea.py", "small letters"),
        ("a" * 31, "small letters"),
        ("", "small letters"),
        ("thé", "small letters"),
        ("while", "small letters"),
        ("random", "something else in Python"),
        ("pytest", "something else in Python"),
        ("hookimpl", "something else in Python"),
        ("roll", "a plugin roll already"),
        ("talk", "a plugin talk already"),
        ("join", "the command JOIN is there already"),
        ("jo_in", "the command JOIN is there already"),
    ],
)
def test_a_name_that_would_not_do_is_refused_and_nothing_is_written(
    here: Path, capsys: pytest.CaptureFixture[str], name: str, why: str
) -> None:
    assert main(["plugins", "new", name]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert why in err
    assert err.count("\n") == 1
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("there", ["tea.py", "test_tea.py"])
def test_nothing_is_overwritten(here: Path, capsys: pytest.CaptureFixture[str], there: str) -> None:
    (here / there).write_text("mine")
    assert main(["plugins", "new", "tea"]) == 2
    assert f"there is a {there} here already" in capsys.readouterr().err
    assert [file.name for file in here.iterdir()] == [there]
    assert (here / there).read_text() == "mine"


def test_a_link_to_nowhere_is_something_that_is_there(here: Path) -> None:
    (here / "tea.py").symlink_to(here / "nowhere")
    assert main(["plugins", "new", "tea"]) == 2
    assert not (here / "nowhere").exists()


def test_where_nothing_can_be_written_a_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    assert main(["plugins", "new", "tea"]) == 1
    assert "tea.py cannot be written: No space left on device" in capsys.readouterr().err
