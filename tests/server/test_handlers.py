"""Commands of plugins that fail, exit, recurse or hang: nobody else is harmed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ircish.testing import Chat, Closed

BAD = '''
"""Commands that go wrong."""
import sys, threading
from ircish import Refused, command, hookimpl, replies

@command("RAISE")
def raise_(ctx):
    """Raise."""
    ctx.reply("first")
    raise ValueError("secret reason")

@command("EXIT")
def exit_(ctx):
    """Exit."""
    sys.exit(3)

@command("INTERRUPT")
def interrupt(ctx):
    """Interrupt."""
    raise KeyboardInterrupt

@command("RECURSE")
def recurse(ctx):
    """Recurse, through C."""
    def deeper(x):
        return sorted([1, 2], key=deeper)
    deeper(1)

@command("TWOLINES")
def two_lines(ctx):
    """Try to write two lines."""
    ctx.say("one\\r\\nQUIT")

REFUSALS = {
    "lines": Refused(replies.REFUSED, text="one\\r\\nQUIT"),
    "surrogate": Refused(replies.REFUSED, text="\\ud800"),
    "fields": Refused(replies.NO_SUCH_NICK),
    "reply": Refused("no"),
}

@command("REFUSE")
def refuse(ctx, how):
    """Refuse in a way that cannot be told."""
    raise REFUSALS[how]

may_go_on = threading.Event()

@command("LATER")
def later(ctx):
    """Answer from a thread of its own, when the handler has long returned."""
    def speak():
        may_go_on.wait(20)
        ctx.announce("the tea is ready")
        ctx.reply("enjoy it")
    threading.Thread(target=speak, daemon=True).start()

@command("HANG")
def hang(ctx):
    """Wait."""
    ctx.announce("waiting")
    may_go_on.wait(20)
    ctx.say("still here")

@hookimpl
def server_commands():
    return [raise_, exit_, interrupt, recurse, two_lines, refuse, hang, later]
'''


@pytest.fixture
def bad_chat(open_chat: Callable[..., Chat], tmp_path: Path) -> Chat:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "bad.py").write_text(BAD)
    return open_chat({"server.plugins": [str(plugins)]})


@pytest.mark.parametrize("verb", ["RAISE", "EXIT", "INTERRUPT", "RECURSE"])
def test_a_handler_that_fails_costs_its_caller_one_sentence(
    bad_chat: Chat, verb: str, caplog: pytest.LogCaptureFixture
) -> None:
    ann, ben = bad_chat.nc("ann"), bad_chat.irc("ben")
    assert ann.ask(verb)[-1] == (
        f"!!! {verb} failed, sorry. It is not your fault, and it has been logged."
    )
    assert ben.ask(verb)[-1] == (
        f":chat.example NOTICE ben :{verb} failed; "
        "this is a fault of the server's and has been logged"
    )
    assert ann.ask("PING still") == ["*** PONG still"]
    assert f"plugin bad: {verb} failed" in caplog.text


def test_a_handler_cannot_write_two_lines(bad_chat: Chat) -> None:
    ben, ann = bad_chat.irc("ben", join="#lobby"), bad_chat.nc("ann")
    ben.lines()
    assert ann.ask("TWOLINES") == ["!!! A line with NUL or CR inside was not done."]
    assert ben.lines() == []


def test_a_handler_that_waits_holds_up_its_caller_alone(bad_chat: Chat) -> None:
    import ircish_plugin_bad as bad

    ben, ann = bad_chat.nc("ben"), bad_chat.nc("ann")
    ben.lines()
    ann.send("HANG")
    assert ben.line() == "*** waiting"
    assert ben.ask("MSG hello", "NAMES") == ["*** In #lobby: ben ann"]
    bad.may_go_on.set()
    assert ann.lines() == ["*** waiting", "<ben> hello", "<ann> still here"]
    assert ben.lines() == ["<ann> still here"]


def test_what_a_handler_left_to_a_thread_of_its_own_is_heard_in_its_turn(bad_chat: Chat) -> None:
    import ircish_plugin_bad as bad

    ben, ann = bad_chat.nc("ben"), bad_chat.nc("ann")
    ben.lines()
    assert ann.ask("LATER") == []
    bad.may_go_on.set()
    assert [ann.line(), ann.line()] == ["*** the tea is ready", "*** enjoy it"]
    assert ben.line() == "*** the tea is ready"
    assert ben.ask("MSG thanks") == []
    assert ann.line() == "<ben> thanks"


def test_a_connection_lost_while_its_handler_hangs_is_noticed(
    bad_chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ircish_plugin_bad as bad

    monkeypatch.setattr("ircish.server.server.HANGS", 0.0)
    monkeypatch.setattr("ircish.server.listener.UPKEEP", 0.0)
    ben, ann = bad_chat.nc("ben"), bad_chat.nc("ann")
    ann.send("HANG")
    ben.expect("*** waiting")
    ann.reset()
    assert ben.expect("left") == "*** ann left the chat (Connection lost)"
    bad.may_go_on.set()
    assert ben.ask("NAMES") == ["*** In #lobby: ben"]


def test_a_stopping_server_does_not_wait_for_a_handler_that_hangs(bad_chat: Chat) -> None:
    import ircish_plugin_bad as bad

    ben, ann = bad_chat.nc("ben"), bad_chat.nc("ann")
    ann.send("HANG")
    ben.expect("*** waiting")
    bad_chat.stop()
    bad.may_go_on.set()
    assert ben.rest() == ["*** The server stops. Goodbye."]
    with pytest.raises(Closed):
        ann.expect("still here")


@pytest.mark.parametrize("how", ["lines", "surrogate", "fields", "reply"])
def test_a_refusal_that_cannot_be_told_costs_its_caller_one_sentence(
    bad_chat: Chat, how: str
) -> None:
    ben = bad_chat.irc("ben")
    assert ben.ask(f"REFUSE {how}") == [
        ":chat.example NOTICE ben :REFUSE failed; "
        "this is a fault of the server's and has been logged"
    ]
    assert ben.ask("PING still") == [":chat.example PONG chat.example :still"]
