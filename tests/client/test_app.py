"""The app: every key of the page of keys does what it says there, what is typed and pasted, and the
terminal around it. How it looks is test_screens' affair."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest
from person import Person
from prompt_toolkit.history import InMemoryHistory
from stage import Stage, talk

from ircish.client import face
from ircish.client.actions import Actions
from ircish.client.inputs import Inputs
from ircish.client.keys import KEYS, Key
from ircish.client.settings import Settings

Play = Callable[[Stage], None]
PLAYS: dict[str, Play] = {}
"""What proves each key of the table, by the keys as they are written there."""


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Somebody in #dev (window 3), where was talk; #tea is window 2, mentions are window 4."""
    with Stage(Person(Settings()), 100, 12) as stage:
        talk(stage)
        yield stage


def proves(keys: str) -> Callable[[Play], Play]:
    def note(play: Play) -> Play:
        PLAYS[keys] = play
        return play

    return note


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.keys)
def test_every_key_does_what_the_page_of_keys_says(key: Key, stage: Stage) -> None:
    PLAYS[key.keys](stage)


def test_a_key_whose_action_does_not_exist_fails_at_the_start(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, key = stage.app, Key("Alt-X", "nothing", "go_nowhere", ("escape x",))
    actions = Actions(stage.client, app.view, app.prompt, app.screen, stage.write)
    actions.bindings()
    monkeypatch.setattr("ircish.client.actions.KEYS", [*KEYS, key])
    with pytest.raises(KeyError, match="go_nowhere"):
        actions.bindings()


def window(stage: Stage) -> str:
    return stage.client.windows.current.name


def fill(stage: Stage, many: int = 40) -> None:
    stage.says(*(f"line {n}" for n in range(many)))


def log(stage: Stage) -> list[str]:
    return [row.split("│")[0].rstrip() for row in stage.rows[1:-2]]


@proves("Alt-1 … Alt-9, Alt-0")
def _(stage: Stage) -> None:
    stage.do(lambda: [stage.client.windows.open("query", f"q{n}") for n in range(5, 12)])
    names = [each.name for each in stage.client.windows]
    for number in range(1, 11):
        stage.press(f"a-{number % 10}")
        assert window(stage) == names[number - 1]
        assert f"{number}:{names[number - 1]}" in stage
    assert len(names) == 11


@proves("Ctrl-N, Alt-Right")
def _(stage: Stage) -> None:
    for name in ("mentions", "server", "#tea", "#dev"):
        stage.press("c-n" if name != "#tea" else "a-right")
        assert window(stage) == name


@proves("Ctrl-P, Alt-Left")
def _(stage: Stage) -> None:
    for name in ("#tea", "server", "mentions", "#dev"):
        stage.press("c-p" if name != "server" else "a-left")
        assert window(stage) == name


@proves("Alt-A")
def _(stage: Stage) -> None:
    stage.press("a-4", "a-1")
    stage.says("hello", channel="#tea")
    stage.says("ann: hello")
    for name in ("#dev", "mentions", "#tea", "#tea"):
        stage.press("a-a")
        assert window(stage) == name


@proves("Alt-/")
def _(stage: Stage) -> None:
    stage.press("a-1", "a-/")
    assert window(stage) == "#dev"
    stage.press("a-/")
    assert window(stage) == "server"


@proves("PgUp, PgDn")
def _(stage: Stage) -> None:
    fill(stage)
    before = log(stage)
    stage.press("pageup")
    assert log(stage)[-1] == before[0]
    stage.press("pagedown")
    assert log(stage) == before
    stage.client.windows.current.all_read = False
    stage.person.link.sent()
    stage.press(*["pageup"] * 8)
    assert any(line.startswith("CHATHISTORY") for line in stage.person.link.sent())


@proves("Shift-Up, Shift-Down")
def _(stage: Stage) -> None:
    fill(stage)
    before = log(stage)
    stage.press("s-up", "s-up")
    assert log(stage)[2:] == before[:-2]
    stage.press("s-down", "s-down")
    assert log(stage) == before
    assert stage.client.windows.current.anchor is None


@proves("Alt-Home, Alt-End")
def _(stage: Stage) -> None:
    fill(stage)
    for home, end in (("a-home", "a-end"), ("c-home", "c-end")):
        stage.press(home)
        assert "You are in #dev." in stage
        stage.press(end)
        assert "line 39" in log(stage)[-1]


@proves("Alt-U")
def _(stage: Stage) -> None:
    stage.press("a-2")
    fill(stage)
    stage.press("a-3")
    assert "line 0" not in stage
    stage.press("a-u")
    assert "── unread" in stage
    assert "line 0" in stage


@proves("Alt-P")
def _(stage: Stage) -> None:
    fill(stage)
    stage.press("a-p")
    assert "ann: the log" in stage


@proves("Alt-N")
def _(stage: Stage) -> None:
    stage.press("a-n")
    assert "│" not in str(stage)
    stage.press("a-n")
    assert "│@ann" in stage
    stage.says(*["ann: first"], *(f"line {n}" for n in range(30)), "ann: second")
    fill(stage)
    stage.press("a-p", "a-p")
    assert "ann: first" in stage
    stage.press("a-n")
    assert "ann: second" in stage
    assert "│@ann" in stage
    stage.press("a-n")
    assert "line 39" in log(stage)[-1]


@proves("Ctrl-S")
def _(stage: Stage) -> None:
    stage.says("a needle")
    fill(stage)
    stage.says("another needle")
    fill(stage)
    stage.press("c-s")
    stage.type("NEEDLE")
    assert "another needle" in stage
    stage.press("c-s")
    assert "a needle" in stage
    stage.press("down")
    assert "another needle" in stage
    stage.press("enter")
    assert "a needle" in stage
    stage.press("escape")
    assert "[#dev]" in stage.rows[-1]
    stage.type("typed")
    assert stage.typed == "typed"


@proves("Tab, Shift-Tab")
def _(stage: Stage) -> None:
    stage.type("be")
    stage.press("tab")
    assert stage.typed == "ben: "
    stage.press("c-u")
    stage.type("so d")
    stage.press("tab")
    assert stage.typed == "so dora "
    stage.press("c-u", "s-tab")
    last = stage.typed
    stage.press("tab", "tab", "s-tab", "s-tab")
    assert stage.typed == last


@proves("Up, Down")
def _(stage: Stage) -> None:
    stage.type("first\nsecond\n")
    stage.type("draft")
    stage.press("up")
    assert stage.typed == "second"
    stage.press("up")
    assert stage.typed == "first"
    stage.press("down", "down")
    assert stage.typed == "draft"


@proves("Ctrl-R")
def _(stage: Stage) -> None:
    stage.type("a needle\nhay\n")
    stage.press("c-r")
    stage.type("need")
    assert "typed: need" in stage
    stage.press("enter")
    assert stage.typed == "a needle"
    assert "typed:" not in str(stage)


@proves("Ctrl-A, Ctrl-E, Ctrl-K, Ctrl-U, Ctrl-W, Ctrl-Y, Ctrl-T, Alt-B, Alt-F, Alt-D")
def _(stage: Stage) -> None:
    stage.type("one two three")
    for keys, text in (
        (["c-w"], "one two "),
        (["c-y"], "one two three"),
        (["a-b", "a-b", "a-d"], "one  three"),
        (["c-e", "c-t"], "one  three"),
        (["c-a", "a-f", "c-k"], "one"),
        (["c-t"], "oen"),
        (["c-u"], ""),
    ):
        stage.press(*keys)
        assert stage.typed == text, keys


@proves("Alt-Enter")
def _(stage: Stage) -> None:
    stage.type("one")
    stage.press("a-enter")
    stage.type("two")
    assert stage.typed == "one\ntwo"
    assert stage.rows[-1] == "two" or stage.rows[-1].endswith("two")
    assert stage.rows[-2] == "[#dev] one"
    stage.person.link.sent()
    stage.press("enter")
    assert stage.person.link.sent() == ["PRIVMSG #dev one", "PRIVMSG #dev two"]


@proves("Alt-L")
def _(stage: Stage) -> None:
    stage.press("a-l")
    assert "│" not in str(stage)
    assert "<ben> good morning" in log(stage)[-6] or "<ben> good morning" in stage
    assert "12:00" not in str(stage)
    stage.press("a-l")
    assert "│@ann" in stage


@proves("Alt-M")
def _(stage: Stage) -> None:
    assert "\x1b[?1000h" not in stage.drawn
    stage.press("a-m")
    assert "\x1b[?1000h" in stage.drawn
    fill(stage)
    before = log(stage)
    stage.press("wheel-up")
    assert log(stage)[3:] == before[:-3]
    stage.press("wheel-down")
    assert log(stage) == before
    stage.press("a-m")
    assert "\x1b[?1000l" in stage.drawn


@proves("Alt-=")
def _(stage: Stage) -> None:
    stage.hear(":eva!~e@host JOIN #dev")
    assert "eva" in str(log(stage))
    stage.press("a-=")
    assert "eva" not in str(log(stage))
    stage.press("a-=")
    assert "eva" in str(log(stage))


@proves("Ctrl-L")
def _(stage: Stage) -> None:
    before = str(stage)
    stage.write("\x1b[2J\x1b[HSomething else wrote here")
    stage.drawn = ""
    stage.press("c-l")
    assert str(stage) == before
    assert "\x1b[?1049" not in stage.drawn  # the shell's screen is not seen meanwhile


@proves("Ctrl-Z")
def _(stage: Stage) -> None:
    stopped: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "kill", lambda pid, number: stopped.append(number))
        stage.press("c-z")
        stage.until(lambda: stopped)
        stage.until(lambda: stage.drawn.endswith("\x1b[?25h") or "[?1004h" in stage.drawn[-4000:])
    assert stopped == [signal.SIGTSTP]
    assert stage.drawn.rindex("\x1b[?1004l") < stage.drawn.rindex("\x1b[?1004h")
    assert stage.drawn.rindex("\x1b[?1049h") > stage.drawn.rindex("\x1b[?1049l")
    assert "build 42 is green" in stage
    stage.type("back")
    assert stage.rows[-1] == "[#dev] back"


@proves("Ctrl-C")
def _(stage: Stage) -> None:
    stage.type("words")
    stage.press("c-c")
    assert stage.typed == ""
    stage.press("c-c", "c-d", "c-c", "c-d")
    assert not stage.task.done()
    assert "/quit leaves." in stage
    stage.type("ab")
    stage.press("left", "c-d")
    assert stage.typed == "a"


# Typing -----------------------------------------------------------------------------------------


def test_escape_alone_closes_the_menu_and_leaves_what_is_typed(stage: Stage) -> None:
    stage.type("/jo")
    assert "Go into a channel" in stage
    stage.press("escape")
    assert "Go into a channel, or several." not in str(log(stage))
    assert stage.typed == "/jo"


def test_escape_waits_no_longer_than_its_setting(stage: Stage) -> None:
    assert stage.app.app.ttimeoutlen == 0.05
    stage.client.settings.put("escape_seconds", 0.2)
    assert stage.app.app.ttimeoutlen == 0.2


def test_each_window_has_its_own_draft_and_its_own_history(stage: Stage) -> None:
    stage.type("said here\n")
    stage.type("for #dev")
    stage.press("a-2")
    assert stage.typed == ""
    stage.type("for #tea")
    stage.press("a-3")
    assert stage.typed == "for #dev"
    stage.press("a-2")
    assert stage.typed == "for #tea"
    stage.press("c-u", "up")
    assert stage.typed == ""


def test_lines_of_an_earlier_start_are_there(stage: Stage) -> None:
    inputs = Inputs(None)
    inputs.add("#tea", "typed yesterday")
    stage.inputs.result()._lines.update(inputs._lines)
    stage.press("a-2", "up")
    assert stage.typed == "typed yesterday"


def test_a_password_is_not_kept_among_the_lines_typed(stage: Stage) -> None:
    stage.type("/quote OPER admin secret\n")
    stage.press("up")
    assert "secret" not in stage.typed
    assert not isinstance(stage.app.prompt.buffer.history, InMemoryHistory)
    assert stage.inputs.result().lines("#dev") == []


def test_what_a_mistake_kept_from_being_sent_comes_back_by_a_key(stage: Stage) -> None:
    stage.press("a-1")
    stage.type("to nobody\n")
    assert "Nobody hears you in this window" in str(stage)
    assert stage.typed == ""  # or what is typed next would run into it
    stage.press("up")
    assert stage.typed == "to nobody"


def test_a_password_that_could_not_be_sent_comes_back_in_this_run_alone(stage: Stage) -> None:
    stage.do(lambda: stage.client.lost("The connection was lost.", None))
    stage.type("/oper admin hunter2\n")
    stage.press("up")
    assert stage.typed == "/oper admin hunter2"
    assert "hunter2" not in str(stage.inputs.result().search(""))


def test_spaces_alone_send_nothing(stage: Stage) -> None:
    stage.person.link.sent()
    stage.type("   \n")
    assert stage.typed == ""
    assert stage.person.link.sent() == []


# Pasting ----------------------------------------------------------------------------------------


def test_one_pasted_line_goes_into_the_prompt_and_is_not_sent(stage: Stage) -> None:
    stage.person.link.sent()
    stage.type("see ")
    stage.paste("https://chat.example/\n")
    assert stage.typed == "see https://chat.example/"
    assert stage.app.screen.dialog is None
    assert stage.person.link.sent() == []


@pytest.mark.parametrize(
    ("answer", "typed", "sent"),
    [
        ("s", "", ["PRIVMSG #dev :so /quit", "PRIVMSG #dev :second line"]),
        ("e", "so /quit\nsecond line", []),
        ("j", "so /quit second line", []),
        ("c", "so ", []),
        ("escape", "so ", []),
        ("c-c", "so ", []),
    ],
)
def test_several_pasted_lines_ask(stage: Stage, answer: str, typed: str, sent: list[str]) -> None:
    stage.type("so ")
    stage.person.link.sent()
    stage.paste("/quit\r\n\r\nsecond line\r\n")
    assert "Paste 2 lines, sent as 2 messages?" in stage
    stage.press("x", "enter", "tab", "a-1", "c-n")
    stage.paste("another\npaste")
    assert "Paste 2 lines, sent as 2 messages?" in stage
    assert window(stage) == "#dev"
    assert stage.person.link.sent() == []
    stage.press(answer)
    assert "Paste" not in str(stage)
    assert stage.typed == typed
    assert stage.person.link.sent() == sent


@pytest.mark.parametrize("text", ["/quit\nyes", "/quit\n/nick x\n", "//a\nb"])
def test_a_command_in_a_paste_is_said_and_never_done(stage: Stage, text: str) -> None:
    stage.person.link.sent()
    stage.paste(text)
    stage.press("s")
    first, second = text.split("\n")[:2]
    assert [line.split(" ", 2)[:2] for line in stage.person.link.sent()] == [
        ["PRIVMSG", "#dev"]
    ] * 2
    assert f"> {first} …" in stage
    assert f"> {second} …" in stage
    assert not stage.task.done()


def test_a_paste_that_was_edited_is_not_a_command_either(stage: Stage) -> None:
    stage.paste("/quit\nyes")
    stage.press("e")
    stage.person.link.sent()
    stage.press("enter")
    assert stage.person.link.sent() == []
    assert "A command is one line" in stage
    stage.press("up")
    assert stage.typed == "/quit\nyes"
    stage.press("up", "c-a")
    stage.type("/")
    stage.press("enter")
    assert stage.person.link.sent() == ["PRIVMSG #dev /quit", "PRIVMSG #dev yes"]


def test_a_paste_is_said_whatever_it_begins_with(stage: Stage) -> None:
    stage.person.link.sent()
    stage.paste("/quit\n/two")
    stage.press("s")
    assert stage.person.link.sent() == ["PRIVMSG #dev /quit", "PRIVMSG #dev /two"]


def test_a_paste_after_a_command_is_not_said(stage: Stage) -> None:
    stage.type("/msg ben ")
    stage.person.link.sent()
    stage.paste("one\ntwo")
    assert stage.person.link.sent() == []
    stage.press("s")
    assert stage.person.link.sent() == []
    assert stage.typed == "/msg ben one\ntwo"


def test_a_long_paste_tells_how_many_messages_it_becomes(stage: Stage) -> None:
    stage.paste("x" * 1000 + "\n" + "y" * 100)
    assert "Paste 2 lines, sent as 4 messages?" in stage
    stage.press("c")


def test_nothing_but_empty_lines_pastes_nothing(stage: Stage) -> None:
    stage.paste("\n \n\n")
    assert (stage.typed, stage.app.screen.dialog) == ("", None)


def test_a_paste_into_a_window_where_nobody_hears_is_not_lost(stage: Stage) -> None:
    stage.press("a-1")
    stage.paste("one\ntwo")
    stage.press("s")
    assert "Nobody hears you in this window" in str(stage)
    assert stage.typed == "one\ntwo"


def test_a_paste_that_could_not_be_sent_is_not_lost(stage: Stage) -> None:
    stage.do(lambda: stage.client.lost("Gone.", None))
    stage.paste("one\ntwo")
    stage.press("s")
    assert stage.typed == "one\ntwo"


def test_a_paste_is_for_the_window_in_which_it_was_made(stage: Stage) -> None:
    stage.paste("one\ntwo")
    stage.do(lambda: stage.client.windows.show(stage.client.windows[2]))
    stage.person.link.sent()
    stage.press("s")
    assert stage.person.link.sent() == ["PRIVMSG #dev one", "PRIVMSG #dev two"]


def test_a_terminal_without_bracketed_paste_sends_lines_as_if_typed(stage: Stage) -> None:
    stage.person.link.sent()
    stage.send("one\rtwo\rrest")
    assert stage.person.link.sent() == ["PRIVMSG #dev one", "PRIVMSG #dev two"]
    assert stage.typed == "rest"


def test_a_paste_while_searching_goes_into_the_search(stage: Stage) -> None:
    stage.press("c-s")
    stage.paste("good morning")
    assert "search the log: good morning" in stage
    stage.press("escape")
    assert stage.typed == ""


# The terminal around it -------------------------------------------------------------------------


def test_focus_reports_are_no_text_and_decide_what_is_unread(stage: Stage) -> None:
    stage.press("focus-out")
    stage.says("while away")
    assert "── unread ──" in stage
    assert stage.client.windows.looking is False
    stage.press("focus-in")
    assert stage.client.windows.looking is True
    assert stage.typed == ""


def test_a_mention_rings_only_while_nobody_looks(stage: Stage) -> None:
    stage.drawn = ""
    stage.says("ann: look")
    assert "\a" not in stage.drawn
    stage.press("focus-out")
    stage.person.wait(60)
    stage.says("ann: look")
    assert "\a" in stage.drawn


@pytest.mark.parametrize(("told", "rings"), [(None, 1), ("focus-in", 0), ("focus-out", 1)])
def test_a_private_message_in_another_window_rings_unless_the_terminal_has_the_focus(
    stage: Stage, told: str | None, rings: int
) -> None:
    if told:
        stage.press(told)
    stage.drawn = ""
    stage.hear(":ben!~ben@host PRIVMSG ann :psst")
    assert stage.drawn.count("\a") == rings


def test_focus_reports_are_heard_while_a_question_is_asked(stage: Stage) -> None:
    stage.paste("one\ntwo")
    stage.press("focus-out")
    assert stage.client.windows.looking is False
    assert stage.app.screen.dialog is not None


@pytest.mark.parametrize("size", [(60, 15), (20, 5), (200, 50), (10, 3), (2, 2), (1, 1)])
def test_any_size_can_be_painted_with_whatever_is_open(stage: Stage, size: tuple[int, int]) -> None:
    stage.resize(*size)
    stage.type("/j")
    stage.resize(100, 12)
    stage.resize(*size)
    stage.press("escape", "c-u")
    stage.paste("one\ntwo")
    stage.resize(100, 12)
    assert "Paste 2 lines" in stage
    stage.resize(*size)
    stage.press("c")
    stage.press("c-s", "g", "escape", "a-l", "a-l")
    stage.resize(100, 12)
    stage.press("a-end")
    fresh = str(stage)
    stage.press("c-l")
    assert str(stage) == fresh
    assert "build 42 is green" in stage
    assert stage.rows[-1] == "[#dev]"


def test_a_flood_and_fifty_resizes_leave_the_screen_of_a_fresh_paint(stage: Stage) -> None:
    for round_ in range(50):
        stage.do(
            lambda round_=round_: stage.person.hear(
                *(f":ben!~b@host PRIVMSG #dev :{round_} {n} {'x' * n}" for n in range(60))
            )
        )
        stage.resize(20 + round_ * 37 % 150, 3 + round_ * 7 % 40)
    stage.resize(100, 12)
    before = str(stage)
    stage.press("c-l")
    assert str(stage) == before
    assert "49 59" in before


def test_the_title_follows_the_window_where_it_is_wished(stage: Stage) -> None:
    assert "\x1b]2;" not in stage.drawn
    stage.client.settings.put("title", True)
    stage.press("a-2")
    stage.says("ann: psst")
    assert "\x1b]2;#tea (3,4) - ircish\a" in stage.drawn


def test_quit_says_goodbye_and_ends(stage: Stage) -> None:
    stage.person.link.sent()
    stage.type("/quit good night\n")
    stage.until(lambda: "QUIT" in str(stage.person.link.sent()))
    stage.hear("ERROR :Closing link: Quit")
    stage.until(stage.task.done)
    assert stage.task.result() == 0
    assert stage.drawn.rstrip("\r\n").endswith("\x1b[?1004l")


def test_a_tiny_terminal_shows_all_keys_of_a_question(stage: Stage) -> None:
    stage.resize(20, 5)
    stage.paste("one\ntwo\nthree")
    assert stage.rows[:3] == [" Paste 3 lines, se…", " [s] send [e] edit", " [j] join [c] cancel"]
    stage.press("e")
    assert stage.typed == "one\ntwo\nthree"


@pytest.fixture
def hurried(stage: Stage) -> Stage:
    """Somebody who leaves while lines still wait to be sent."""
    stage.client.settings.put("send_burst", 1)
    stage.app.before_leaving = lambda: face._before_leaving(stage.app, stage.client, None)
    stage.do(lambda: stage.person.type("one\ntwo\nthree\nfour\nfive\nsix\nseven\neight"))
    assert stage.client.speech.waiting
    stage.type("/quit\n")
    return stage


def unsent(stage: Stage) -> int:
    return stage.client.speech.waiting + stage.client.speech.unconfirmed


def test_who_leaves_while_lines_wait_to_be_sent_is_asked_and_may_stay(hurried: Stage) -> None:
    assert f"{unsent(hurried)} lines are not sent yet, or not confirmed. Leave?" in hurried
    hurried.press("n")
    assert "Leave?" not in str(hurried)
    assert "QUIT" not in str(hurried.person.link.sent())
    assert not hurried.task.done()


def test_who_leaves_without_the_lines_that_wait_does_so(hurried: Stage) -> None:
    hurried.press("y")
    hurried.until(lambda: "QUIT" in str(hurried.person.link.sent()))
    hurried.hear("ERROR :Closing link: Quit")
    hurried.until(hurried.task.done)


def test_lines_that_are_only_not_confirmed_yet_are_waited_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face, "ANSWERING", 60)
    stage.app.before_leaving = lambda: face._before_leaving(stage.app, stage.client, None)
    stage.type("bye\n/quit\n")
    assert unsent(stage) == 1
    assert "QUIT" not in str(stage.person.link.sent())
    stage.hear(":ann!~ann@host PRIVMSG #dev :bye")
    stage.until(lambda: "QUIT" in str(stage.person.link.sent()))
    stage.hear("ERROR :Closing link: Quit")
    stage.until(stage.task.done)


def test_lines_that_nobody_confirms_are_asked_about(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face, "ANSWERING", 0.01)
    stage.app.before_leaving = lambda: face._before_leaving(stage.app, stage.client, None)
    stage.type("bye\n/quit\n")
    stage.until(lambda: stage.app.screen.dialog)
    stage.paint()
    assert "1 line is not sent yet, or not confirmed. Leave?" in stage


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_says_goodbye(stage: Stage, number: signal.Signals) -> None:
    stage.person.link.sent()
    stage.do(lambda: os.kill(os.getpid(), number))
    stage.until(lambda: "QUIT" in str(stage.person.link.sent()))
    stage.hear("ERROR :Closing link: Quit")
    stage.until(stage.task.done)


def test_a_server_that_says_no_goodbye_does_not_hold_us(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ircish.client.app.LEAVING", 0.05)
    stage.type("/quit\n")
    stage.until(stage.task.done)


def test_a_fault_in_the_loop_is_told_and_the_screen_goes_on(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    stage.do(lambda: stage.app.later(0, fail))
    stage.until(lambda: "ZeroDivisionError" in str(stage.person.lines(stage.client.windows[1])))
    stage.type("still here")
    assert stage.rows[-1] == "[#dev] still here"
    assert "ZeroDivisionError" in caplog.text


def test_an_address_is_copied_to_the_clipboard(stage: Stage) -> None:
    stage.type("/url 1\n")
    assert "\x1b]52;c;" in stage.drawn
    assert "Copied: https://chat.example/logs/2026/11/22" in str(stage)


def test_a_setting_changes_the_screen_at_once(stage: Stage) -> None:
    dark = stage.look("waves")
    stage.type("/set theme light\n")
    assert stage.look("waves") != dark
    stage.type("/set nick_list off\n")
    assert "│" not in str(stage)


def test_the_draft_of_a_closed_window_is_forgotten(stage: Stage) -> None:
    stage.press("a-4")
    stage.type("/close\n")
    stage.says("ann: again")
    stage.press("a-4")
    assert window(stage) == "mentions"
    assert stage.typed == ""


def test_the_prompt_is_whole_again_after_a_long_line(stage: Stage) -> None:
    stage.type("x" * 300)
    assert "[#dev]" not in stage.rows[-1]
    stage.press("enter")
    assert stage.rows[-1] == "[#dev]"


@pytest.mark.parametrize(("columns", "rows"), [(100, 12), (20, 5)])
def test_the_menu_hides_neither_status_nor_prompt_nor_hint(
    stage: Stage, columns: int, rows: int
) -> None:
    stage.resize(columns, rows)
    stage.type("/")
    assert "/alias" in stage
    assert "[3:#dev] [Act: 4]" in stage.rows[-2]
    assert stage.rows[-1] == "[#dev] /"
    stage.type("j")
    assert stage.rows[-1].startswith("/j [<channel>]"[:columns])
    assert stage.rows[-2] == "[#dev] /j"


def test_the_mentions_are_gone_through_one_by_one_even_where_all_are_seen_at_once(
    stage: Stage,
) -> None:
    stage.says("ann: one", "ann: two")
    stage.press("a-p", "a-p", "a-p", "a-p")
    assert "ann: the log" in stage
    stage.press("a-n", "a-n", "a-n")
    assert "ann: two" in stage
    assert "│@ann" in stage
    stage.press("a-n")
    assert "│@ann" not in str(stage)


def test_what_is_typed_is_for_the_window_that_is_shown(stage: Stage) -> None:
    stage._do(lambda: stage.client.windows.show(stage.client.windows[2]))
    stage._do(stage.app.app._redraw)  # by whatever else
    stage.type("x")
    assert stage.rows[-1] == "[#tea] x"
    assert stage.typed == "x"
