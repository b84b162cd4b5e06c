"""`ircish chat` and bare `ircish`: what the words say is what the client is started with."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from ircish.cli import FLAGS, main
from ircish.client.place import Place

Run = Callable[..., tuple[int, str, str]]


class Started(list[tuple[Place, bool, bool]]):
    """What the client was started with: the place, plain, embedded."""

    def run(self, place: Place, *, plain: bool, embedded: bool) -> int:
        self.append((place, plain, embedded))
        return 7

    @property
    def place(self) -> Place:
        (only,) = self
        return only[0]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """A client that is noted instead of run."""
    monkeypatch.delenv("IRCISH_PASSWORD", raising=False)
    started = Started()
    face = ModuleType("ircish.client.face")
    face.run = started.run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ircish.client.face", face)
    return started


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("chat")``: the exit code, what was printed, what was complained."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main(words)
        return code, *capsys.readouterr()

    return run


PLACES: dict[tuple[str, ...], Place] = {
    (): Place("127.0.0.1", 5555),
    ("chat.example",): Place("chat.example", 5555),
    ("chat.example", "6667"): Place("chat.example", 6667),
    ("chat.example:6667", "--nick", "ann"): Place("chat.example", 6667, nick="ann"),
    ("--tls", "chat.example"): Place("chat.example", 6697, tls=True),
    ("chat.example", "+7000"): Place("chat.example", 7000, tls=True),
    ("chat.example", "6697", "--tls-insecure"): Place(
        "chat.example", 6697, tls=True, insecure=True
    ),
    ("--join", "#a,#b"): Place(join=("#a", "#b")),
    ("--join=lobby", "::1"): Place("::1", join=("#lobby",)),
    ("--password", "secret word"): Place(password="secret word"),
}


@pytest.mark.parametrize("words", PLACES, ids=" ".join)
def test_chat_goes_where_it_is_told(run: Run, started: Started, words: tuple[str, ...]) -> None:
    assert run("chat", *words) == (7, "", "")
    assert started == [(PLACES[words], True, False)]


def test_the_password_may_be_in_the_environment(
    run: Run, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRCISH_PASSWORD", "secret")
    run("chat")
    assert started.place.password == "secret"


@pytest.mark.parametrize("words", [(), *((flag,) for flag in ("--plain", "--nick=ann"))])
def test_ircish_alone_brings_a_server_along(
    run: Run, started: Started, words: tuple[str, ...]
) -> None:
    assert run(*words)[0] == 7
    assert started[0][2]


@pytest.mark.parametrize(
    "words", [["chat"], ["--tls"], ["--nick", "ann", "chat.example"], ["--tls-insecure"]]
)
def test_for_any_other_place_no_server_is_started(
    run: Run, started: Started, words: list[str]
) -> None:
    assert run(*words)[0] == 7
    assert not started[0][2]


def test_bare_ircish_takes_every_flag_of_chat(run: Run) -> None:
    _, out, _ = run("chat", "--help")
    assert {
        word for word in out.replace("[", " ").replace("]", " ").split() if word[:2] == "--"
    } == {
        "--help",
        *FLAGS,
    }


WRONG = {
    "chat 6667": "6667 is a port, and a host comes before it: 127.0.0.1 6667.",
    "chat chat.example many": "'many' is not a port",
    "chat chat.example 1 2": "does not know 2",
    "chat --nick a,b": "'a,b' cannot be a nick",
    "chat --join #a,#\tb": "is not the name of a channel",
    "chat --pasword x": "did you mean --password?",
    "--plain --nik x": "did you mean --nick?",
    "--plian": "did you mean --plain?",
    "--tls 6697": "6697 is a port",
}


@pytest.mark.parametrize("words", WRONG)
def test_a_mistake_is_told_in_a_sentence(run: Run, started: Started, words: str) -> None:
    code, out, err = run(*words.split(" "))
    assert (code, out) == (2, "")
    assert err.startswith("ircish: ")
    assert err.count("\n") == 1
    assert WRONG[words] in err
    assert started == []


def test_a_password_of_several_lines_is_refused_and_not_repeated(
    run: Run, started: Started
) -> None:
    code, _, err = run("chat", "--password", "secret\r\nQUIT")
    assert (code, err) == (2, "ircish: that password is not one line of text.\n")
    assert started == []


class Terminal(io.StringIO):
    """A stream that is one."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stdin", "stdout", "term", "words", "plain"),
    [
        (Terminal(), Terminal(), "xterm", [], False),
        (Terminal(), Terminal(), "xterm", ["--plain"], True),
        (Terminal(), Terminal(), "dumb", [], True),
        (Terminal(), Terminal(), None, [], True),
        (io.StringIO(), Terminal(), "xterm", [], True),
        (Terminal(), io.StringIO(), "xterm", [], True),
        (None, Terminal(), "xterm", [], True),
        (Terminal(), None, "xterm", [], True),
    ],
)
def test_without_a_screen_it_is_plain(
    started: Started,
    monkeypatch: pytest.MonkeyPatch,
    stdin: Any,
    stdout: Any,
    term: str | None,
    words: list[str],
    plain: bool,
) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setattr(sys, "stdout", stdout)
    if term is None:
        monkeypatch.delenv("TERM", raising=False)
    else:
        monkeypatch.setenv("TERM", term)
    assert main(["chat", *words]) == 7
    assert started[0][1] == plain


def test_nothing_that_takes_long_is_loaded_before_the_client_itself() -> None:
    slow = ("importlib.metadata", "rich", "prompt_toolkit", "asyncio", "ircish.server", "ssl")
    code = """if True:
        import sys
        from types import ModuleType
        face = sys.modules["ircish.client.face"] = ModuleType("ircish.client.face")
        face.run = lambda place, **more: print(*sys.modules)
        from ircish.cli import main
        main(["chat", "--nick", "ann"])
    """
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert b"ircish.client.place" in loaded.stdout
    assert not set(slow) & set(loaded.stdout.decode().split())


def test_the_version_is_there_for_who_asks() -> None:
    import ircish

    assert ircish.__version__[0].isdigit()
    assert "__version__" in ircish.__all__
    with pytest.raises(AttributeError, match="no attribute 'verzion'"):
        ircish.verzion  # type: ignore[attr-defined]  # noqa: B018
