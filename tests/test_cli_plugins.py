"""`ircish plugins list` and `check`: what would be loaded, and what not, with the reason."""

from __future__ import annotations

import importlib.metadata
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from ircish import pluginfiles
from ircish.cli import configured, main, parse

Run = Callable[..., tuple[int, str, str]]

TEA = '''
from ircish import command, hookimpl

@command("TEA", examples={"TEA": "tea"})
def tea(ctx):
    """Tea."""
    ctx.reply("tea")

@hookimpl
def server_commands():
    return [tea]

@hookimpl
def server_event(event):
    pass
'''

CLIENT = """
from ircish import hookimpl
from ircish.client.command import slash_command

@slash_command("brew")
def brew(client):
    'Brew.'

@hookimpl
def client_commands():
    return [brew]

@hookimpl
def client_typed(text):
    pass
"""


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody's own plugins and settings; the log as it was."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    log = logging.getLogger("ircish")
    before = log.handlers[:], log.propagate, log.level
    yield
    log.handlers[:], log.propagate, log.level = before


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("list")``: the exit code, what was printed, what was complained."""

    def run(*words: object) -> tuple[int, str, str]:
        code = main(["plugins", *map(str, words)])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """A directory for plugins."""
    directory = tmp_path / "there"
    directory.mkdir()
    return directory


# list ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [(), ("list",)])
def test_plugins_are_listed_with_their_source_commands_and_hooks(
    run: Run, there: Path, words: tuple[str, ...]
) -> None:
    (there / "tea.py").write_text(TEA)
    (there / "brew.py").write_text(CLIENT)
    code, out, err = run(*words, "--plugins", there)
    assert (code, err) == (0, "")
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in out.splitlines()}
    assert rows["talk"].startswith("built in ")
    assert rows["talk"].count("PRIVMSG") == 1
    assert rows["roll"] == "bundled ROLL"
    assert rows["tea"] == f"{there / 'tea.py'} TEA; server_event"
    assert rows["brew"] == f"{there / 'brew.py'} /brew; client_typed"


def test_what_is_not_loaded_is_said_with_the_reason(run: Run, there: Path) -> None:
    (there / "broken.py").write_text("1 / 0\n")
    (there / "tea.py").write_text(TEA)
    (there / "zlate.py").write_text(TEA)
    code, out, err = run("--plugins", there)
    assert code == 1
    assert "tea " in out
    assert "broken" not in out
    broken, late = err.splitlines()
    assert broken == (
        f"ircish: broken ({there / 'broken.py'}) is not loaded: "
        "ZeroDivisionError: division by zero."
    )
    assert "zlate.py) is not loaded: " in late
    assert "TEA" in late


def test_what_only_the_client_could_not_load_is_said_as_well(run: Run, there: Path) -> None:
    (there / "brew.py").write_text(CLIENT.replace("[brew]", "[print]"))
    code, _, err = run("--plugins", there)
    assert code == 1
    assert "brew.py) is not loaded: client_commands gave <built-in function print>" in err


def test_a_package_is_named(run: Run, monkeypatch: pytest.MonkeyPatch, there: Path) -> None:
    (there / "tea.py").write_text(TEA)
    entry = SimpleNamespace(
        name="tea",
        value="tea",
        dist=SimpleNamespace(name="ircish-tea"),
        load=lambda: pluginfiles.import_file(there / "tea.py"),
    )
    broken = SimpleNamespace(name="gone", value="gone:plugin", dist=None, load=lambda: 1 / 0)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [entry, broken])
    code, out, err = run()
    assert code == 1
    assert any(
        line.split()[:4] == ["tea", "package", "ircish-tea", "TEA;"] for line in out.splitlines()
    )
    assert "gone (package gone:plugin) is not loaded: ZeroDivisionError" in err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["lst"], "does not know lst; did you mean list?"),
        (["tea"], "does not know tea; there are list, check, new."),
        (["list", "tea"], "takes no names, as tea."),
        (["check"], "say which files to check"),
        (["new"], "one name"),
        (["new", "tea", "cake"], "one name"),
        (["--plugins", "/nowhere"], "no directory /nowhere"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(run: Run, words: list[str], why: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith("ircish: ")
    assert why in err
    assert err.count("\n") == 1


# check --------------------------------------------------------------------------------------------


def test_each_file_that_is_well_is_told_with_what_it_does(run: Run, there: Path) -> None:
    tea, brew, events = there / "tea.py", there / "brew.py", there / "events.py"
    tea.write_text(TEA)
    brew.write_text(CLIENT)
    events.write_text("from ircish import hookimpl\n@hookimpl\ndef server_event(event): ...\n")
    code, out, err = run("check", tea, brew, events)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"{tea}: ok (TEA; server_event; 1 example)",
        f"{brew}: ok (/brew; client_typed)",
        f"{events}: ok (server_event)",
    ]


def test_every_bundled_plugin_is_well(run: Run) -> None:
    bundled = sorted(pluginfiles.bundled().glob("*.py"))
    code, out, _ = run("check", *bundled)
    assert code == 0, out
    assert len(out.splitlines()) == len(bundled)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = 1\n\n1 / 0\n", ":3: ZeroDivisionError: division by zero."),
        ("x = 1\ndef\n", ":2: SyntaxError: invalid syntax."),
        ("import sys\nsys.exit('no')\n", ":2: SystemExit: no."),
        (TEA.replace('    """Tea."""\n', ""), ":4: TEA has no help"),
        (TEA.replace("def server_event", "def server_evnt"), ": unknown hook"),
        (TEA.replace('"TEA"', '"JOIN"'), "JOIN"),
        (TEA.replace("[tea]", "[]"), ": TEA will not be there: server_commands does not give it."),
        (TEA.replace("[tea]", "[1 / 0]"), ":11: ZeroDivisionError"),
        (TEA.replace('reply("tea")', 'reply("coffee")'), "coffee"),
        (CLIENT.replace("[brew]", "[1 / 0]"), "client_commands failed: ZeroDivisionError"),
        ("", "no hook"),
    ],
)
def test_what_is_wrong_is_said_with_the_line_where_it_is_known(
    run: Run, there: Path, source: str, said: str
) -> None:
    file, fine = there / "tea.py", there / "fine.py"
    file.write_text(source)
    fine.write_text(TEA.replace("TEA", "FINE"))
    code, out, _ = run("check", file, fine)
    assert code == 1
    wrong, well = out.splitlines()
    assert wrong.startswith(f"{file}:")
    assert said in wrong
    assert well.endswith("fine.py: ok (FINE; server_event; 1 example)")


def test_a_file_that_is_not_there_is_said(run: Run, there: Path) -> None:
    code, out, _ = run("check", there / "nope.py", there)
    assert code == 1
    assert out == f"{there / 'nope.py'}: there is no such file.\n{there}: there is no such file.\n"


def test_a_name_that_a_bundled_plugin_has_is_said(run: Run, there: Path) -> None:
    file = there / "roll.py"
    file.write_text(TEA)
    code, out, _ = run("check", file)
    assert code == 1
    assert out.startswith(f"{file}: there is a plugin roll already")


@pytest.mark.parametrize("command", ["serve", "plugins"])
def test_plugins_are_left_out_by_a_flag_as_often_as_it_is_given(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    config = configured(parse([command, "--without", "roll", "--without", "karma"]))
    assert config.server.without == ("roll", "karma")


def test_one_left_out_is_not_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert main(["plugins", "list", "--without", "roll"]) == 0
    listed = capsys.readouterr().out
    assert "roll " not in listed
    assert "karma " in listed
    assert "not configured: needs [plugins.welcome] text" in listed
