"""Whole screens, as somebody sees them in the main situations: compared with those in screens/,
which UPDATE_SCREENS=1 writes anew. What has a colour that matters is looked at here."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from person import Person
from stage import Stage, talk

from ircish.client import face, troubles
from ircish.client.place import Place
from ircish.client.settings import Settings

NOBODY = ConnectionRefusedError(111, "Connection refused")


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


class Server:
    """One of our own."""

    pid = 1


def at_work(columns: int = 100, rows: int = 30, **settings: object) -> Stage:
    """Somebody in #dev, where people talk; and in #tea, where they do not."""
    person = Person(Settings(**settings))  # type: ignore[arg-type]
    stage = Stage(person, columns, rows)
    return stage


# The main situations ----------------------------------------------------------------------------


def test_the_start_says_where_it_connects_to() -> None:
    with at_work() as stage:
        stage.do(lambda: stage.client.connecting(Place("chat.example", 5555, nick="ann")))
        stage.is_like("connecting")


def test_where_nobody_listens_it_says_so_and_counts_down() -> None:
    place = Place("chat.example", 5555, nick="ann")
    with at_work() as stage:
        stage.do(lambda: stage.client.connecting(place))
        why = troubles.why_not(NOBODY, place).sentence
        stage.do(lambda: stage.client.lost(why, stage.client.monotonic() + 8))
        stage.is_like("nobody-there")
        assert stage.look("disconnected").fg != "default"
        stage.person.wait(3)
        stage.paint()
        assert "disconnected, trying again in 5 s" in stage


def test_a_conversation() -> None:
    with at_work() as stage:
        talk(stage)
        stage.is_like("conversation")
        assert stage.look("ann: the log").fg != "default"  # a mention
        assert stage.look("red build").fg != "default"
        assert stage.look("https://chat.example/logs").underscore


def test_a_line_is_dim_until_the_server_has_it_and_marked_if_it_never_does() -> None:
    with at_work() as stage:
        talk(stage)
        stage.type("thank you, I will\n")
        stage.is_like("pending")
        dim = stage.look("thank you, I will …")
        label = _label(stage)
        stage.hear(f"@label={label};msgid=m1 :ann!~ann@host PRIVMSG #dev :thank you, I will")
        sent = stage.look("thank you, I will")
        assert (dim.fg, dim.bold) != (sent.fg, sent.bold)
        assert "thank you, I will …" not in stage
        stage.type("and this?\n")
        stage.do(lambda: stage.client.lost("The connection was lost.", None))
        stage.is_like("failed")
        assert stage.look("(not sent)").fg != "default"


def _label(stage: Stage) -> str:
    (line,) = stage.client.speech._sent
    return line.label


def test_the_menu_of_completions() -> None:
    with at_work() as stage:
        talk(stage)
        stage.type("/")
        stage.is_like("menu")
        stage.press("tab")
        chosen = stage.typed
        assert chosen.startswith("/")
        assert chosen.endswith(" ")


def test_one_line_of_help_while_a_command_is_typed() -> None:
    with at_work() as stage:
        talk(stage)
        stage.type("/kick ben ")
        stage.is_like("hint")


def test_scrolled_up_the_view_stays_and_new_lines_are_counted() -> None:
    with at_work() as stage:
        talk(stage)
        stage.says(*(f"line {n}" for n in range(60)))
        stage.press("pageup")
        before = stage.rows[1:28]
        stage.says(*(f"news {n}" for n in range(10)), "ann: hello?", "ann!")
        assert stage.rows[1:28] == before
        assert "↓ 12 new (2 mentions)" in stage
        stage.is_like("scrolled-up")
        stage.press("a-end")
        assert "↓" not in str(stage)
        assert "ann!" in stage


def test_the_unread_line_is_above_what_came_meanwhile() -> None:
    with at_work() as stage:
        talk(stage)
        stage.press("a-2")
        stage.says("you are away", "still away", "ann?")
        assert stage.look("3").data == "3"
        stage.is_like("elsewhere")
        stage.press("a-3")
        stage.is_like("unread")
        assert stage.look("── unread").fg != "default"


def test_a_lost_connection_is_told_in_every_window_and_keeps_the_draft() -> None:
    with at_work() as stage:
        talk(stage)
        stage.type("thank you, I will")
        stage.do(
            lambda: stage.client.lost(
                "The server closed the connection.", stage.client.monotonic() + 31
            )
        )
        stage.is_like("disconnected")
        stage.press("a-2")
        assert "The server closed the connection." in stage


def test_a_paste_of_several_lines_asks() -> None:
    with at_work() as stage:
        talk(stage)
        stage.paste("def f():\n\treturn 1\n\nprint(f())\n")
        stage.is_like("paste")


def test_a_narrow_terminal_has_no_nick_list() -> None:
    with at_work(60, 15) as stage:
        talk(stage)
        stage.is_like("narrow")


def test_a_tiny_terminal_is_still_of_use() -> None:
    with at_work(20, 5) as stage:
        talk(stage)
        stage.type("hello from a tiny one")
        stage.is_like("tiny")


def test_the_light_theme_has_other_colours_and_the_same_words() -> None:
    looks = []
    for theme in ("dark", "light"):
        with at_work(theme=theme) as stage:
            talk(stage)
            stage.is_like("conversation")
            places = ("12:00", "waves", "ann: the log", "ben", " [12:01]")
            looks.append([(c.fg, c.bg) for c in map(stage.look, places)])
    assert all(dark != light for dark, light in zip(*looks, strict=True)), looks


def test_without_colours_the_words_are_the_same_and_nothing_is_coloured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with at_work() as stage:
        talk(stage)
        stage.is_like("conversation")
        cells = [stage.shown.buffer[y][x] for y in range(30) for x in range(100)]
        assert {(cell.fg, cell.bg) for cell in cells} == {("default", "default")}


def test_the_bare_view_is_who_said_what_and_no_more() -> None:
    with at_work() as stage:
        talk(stage)
        stage.press("a-l")
        stage.is_like("bare")
        stage.press("a-l")
        stage.is_like("conversation")


def test_who_comes_and_goes_is_folded_into_one_line() -> None:
    with at_work() as stage:
        talk(stage)
        stage.hear(
            ":eva!~e@host JOIN #dev",
            ":fay!~f@host JOIN #dev",
            ":eva!~e@host QUIT :bye",
            ":gus!~g@host JOIN #dev",
            ":ben!~ben@host QUIT :he was talking, so this stands alone",
        )
        stage.is_like("folded")
        stage.press("a-=")
        stage.is_like("no-joins")


def test_a_search_marks_what_it_finds() -> None:
    with at_work() as stage:
        talk(stage)
        stage.press("c-s")
        stage.type("build")
        stage.is_like("search")
        assert stage.look("build 42") != stage.look("42 is green")


def test_leaving_a_server_of_ones_own_asks_what_becomes_of_it() -> None:
    with at_work() as stage:
        talk(stage)
        stage.app.before_leaving = lambda: face._before_leaving(stage.app, stage.client, Server())
        stage.type("/quit\n")
        stage.hear(
            ":chat.example 251 ann :There are 3 users and 0 invisible on 1 servers",
            ":chat.example 255 ann :I have 3 clients and 0 servers",
        )
        stage.until(lambda: stage.app.screen.dialog)
        stage.paint()
        stage.is_like("leaving")


def test_the_window_of_mentions() -> None:
    with at_work() as stage:
        talk(stage)
        stage.says("and for ann too")
        stage.press("a-4")
        stage.is_like("mentions")


def test_help_is_shown_where_one_is() -> None:
    with at_work(100, 60) as stage:
        talk(stage)
        stage.type("/help\n")
        stage.is_like("help")


def test_help_with_the_keys() -> None:
    with at_work(120, 40) as stage:
        talk(stage)
        stage.type("/help keys\n")
        stage.is_like("help-keys")


def test_a_nick_that_is_taken_is_varied() -> None:
    with at_work() as stage:
        client = stage.client
        stage.do(lambda: client.connecting(Place("chat.example", 5555, nick="ann")))
        stage.do(client.connected)
        stage.hear(":chat.example CAP * LS :batch", ":chat.example 433 * ann :Nickname is taken")
        stage.is_like("nick-taken")


def test_a_private_talk() -> None:
    with at_work() as stage:
        talk(stage)
        stage.hear(":ben!~ben@host PRIVMSG ann :have you a minute?")
        stage.press("a-a")
        stage.type("/me nods")
        stage.is_like("private")
