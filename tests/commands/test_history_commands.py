"""HISTORY and SEARCH."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from ircish.cli import main
from ircish.rows import HistoryError
from ircish.testing import Chat


def said(lines: list[str]) -> list[str]:
    """The lines of history without their times."""
    return [line.partition("] ")[2] for line in lines]


# HISTORY ----------------------------------------------------------------------------------------


def test_history_shows_the_last_lines_with_their_times(chat: Chat) -> None:
    ann = chat.nc("ann")
    ann.ask("MSG one", "ME waves", "TOPIC tea", "MSG four")
    lines = ann.ask("HISTORY 3")
    assert said(lines) == ["* ann waves", "*** ann set the topic of #lobby: tea", "<ann> four"]
    assert all(line[0] == "[" and line[3] == ":" and line[6] == "]" for line in lines)


def test_history_of_another_day_has_the_date(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = chat.nc("ann")
    ann.ask("MSG long ago")
    clock = chat.server.clock
    monkeypatch.setattr(chat.server, "clock", lambda: clock() + 5 * 86_400)
    (line,) = ann.ask("HISTORY")
    date, _, rest = line.partition(" ")
    assert len(date) == len("[2026-11-22")
    assert rest.endswith("] <ann> long ago")


def test_history_of_another_channel_is_for_its_members(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.ask("JOIN #dev", "MSG secret")
    assert ann.ask("HISTORY #dev") == ["!!! You are not in #dev. JOIN #dev first."]
    assert ann.ask("HISTORY #nowhere") == ["!!! You are not in #nowhere. JOIN #nowhere first."]
    ann.ask("JOIN #dev", "JOIN #lobby")
    assert said(ann.ask("HISTORY #dev 5")) == ["<ben> secret"]
    assert said(ann.ask("HISTORY #DEV")) == ["<ben> secret"]


def test_what_history_cannot_be_is_refused(chat: Chat) -> None:
    assert chat.nc("ann").ask("HISTORY x", "HISTORY ５", "HISTORY 1_0") == [
        f"!!! count is a whole number, not {word}. Usage: HISTORY [#channel] [<count>]"
        for word in ("x", "５", "1_0")
    ]


def test_history_counts_from_one_to_a_thousand(chat: Chat) -> None:
    ann = chat.nc("ann")
    ann.ask("MSG one", "MSG two")
    assert said(ann.ask("HISTORY -5")) == ["<ann> two"]
    assert said(ann.ask("HISTORY 999999999")) == ["<ann> one", "<ann> two"]


def test_history_shows_what_could_not_be_saved(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = chat.nc("ann")
    ann.ask("MSG saved")
    chat.settled()
    monkeypatch.setattr(chat.server.history, "latest", lambda *args, **more: [])
    assert said(ann.ask("HISTORY")) == ["<ann> saved"]


def test_tags_without_text_push_no_talk_out_of_memory(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat({"history.memory": 2})
    irc = chat.irc("irc", ["message-tags"], join="#lobby")
    irc.ask("PRIVMSG #lobby :hello", *["@+typing=active TAGMSG #lobby"] * 5)
    ann = chat.nc("ann")
    assert any(line.endswith("<irc> hello") for line in ann.welcome)
    assert [line.partition("] ")[2] for line in ann.ask("HISTORY 3")] == ["<irc> hello"]
    chat.restart()
    assert any(line.endswith("<irc> hello") for line in chat.nc("ben").welcome)


def test_joins_and_leaves_are_saved_and_not_shown(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.nc("ben")
    ben.ask("PART bye", "JOIN #lobby", "NICK benny")
    ben.send("QUIT gone")
    ben.rest()
    ann.expect("left the chat")
    chat.settled()
    rows = chat.server.history.latest("#lobby", 9)
    assert [(row.kind, row.source.partition("!")[0], row.text) for row in rows] == [
        ("join", "ann", ""), ("join", "ben", ""), ("part", "ben", "bye"), ("join", "ben", ""),
        ("nick", "ben", "benny"), ("quit", "benny", "Quit: gone"),
    ]  # fmt: skip
    assert ann.ask("HISTORY") == ["*** Nothing has been said in #lobby yet."]


def test_private_words_are_not_stored(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.nc("ben")
    ann.ask("MSG @ben psst", "MSG public")
    chat.settled()
    assert [row.text for row in chat.server.history.latest("#lobby", 9) if row.text] == ["public"]
    assert chat.server.history.latest("ben", 9) == []
    assert ben.ask("SEARCH psst") == ["*ann* psst", "<ann> public", "*** Nothing found."]


def test_history_names_a_channel_as_it_is_displayed(chat: Chat) -> None:
    ann = chat.nc("ann")
    ann.ask("JOIN #Dev", "TOPIC tea")
    assert said(ann.ask("HISTORY #dEV")) == ["*** ann set the topic of #Dev: tea"]


MULTILINE = ["batch", "draft/multiline", "message-tags"]
SEVERAL = ["first", "", "third"]
"""The lines of a message."""


def say_several(chat: Chat) -> None:
    """One message of several lines in #lobby."""
    lines = [f"@batch=1 PRIVMSG #lobby :{line}" for line in SEVERAL]
    irc = chat.irc("irc", MULTILINE, join="#lobby")
    assert irc.ask("BATCH +1 draft/multiline #lobby", *lines, "BATCH -1") == []


@pytest.mark.parametrize("dialect", ["plain", "irc"])
@pytest.mark.parametrize("request_", ["HISTORY #lobby 1", "SEARCH third", "SEARCH #lobby first"])
def test_every_line_of_a_message_is_shown_with_who_said_it(
    chat: Chat, dialect: str, request_: str
) -> None:
    say_several(chat)
    ann = chat.nc("ann") if dialect == "plain" else chat.irc("ann", join="#lobby")
    lines = said(ann.ask(request_))
    assert lines == ["<irc> first", "<irc> third"]


def test_every_line_of_a_message_is_replayed_to_a_person_who_comes_in(chat: Chat) -> None:
    say_several(chat)
    lines = said(chat.nc("ann").welcome)
    assert lines[-2:] == ["<irc> first", "<irc> third"]


def test_every_line_of_a_message_is_printed_by_the_command_line(
    chat: Chat, capsys: pytest.CaptureFixture[str]
) -> None:
    say_several(chat)
    chat.settled()
    words = ["history", "#lobby", "--data-dir", str(chat.config.server.data_dir)]
    for more in ([], ["--search", "third"]):
        assert main([*words, *more]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert said(lines) == ["<irc> first", "<irc> third"]
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["text"].split("\n") == SEVERAL


@pytest.mark.parametrize("request_", ["HISTORY", "SEARCH tea"])
def test_a_history_that_cannot_be_read_is_told_without_its_place(
    chat: Chat,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    request_: str,
) -> None:
    def fail(*args: object, **more: object) -> None:
        raise HistoryError("/home/secret/history.db: it is damaged.")

    ann = chat.nc("ann")
    monkeypatch.setattr(chat.server.history, "latest", fail)
    monkeypatch.setattr(chat.server.search, "search", fail)
    assert ann.ask(request_) == ["!!! The history cannot be read just now. It has been logged."]
    assert "/home/secret/history.db: it is damaged." in caplog.text


# SEARCH -----------------------------------------------------------------------------------------


def test_search_finds_ones_own_last_line_at_once(chat: Chat) -> None:
    ann = chat.nc("ann")
    for number in range(20):
        assert said(ann.ask(f"MSG tea{number} is ready", f"SEARCH tea{number}")) == [
            f"<ann> tea{number} is ready"
        ]


def test_search_looks_in_ones_own_channels_and_names_them(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.ask("MSG teapot in lobby", "JOIN #dev", "MSG teapot in dev", "JOIN #own", "MSG teapot")
    ann.lines()
    ann.ask("JOIN #dev")
    assert said(ann.ask("SEARCH tea*")) == [
        "[#lobby] <ben> teapot in lobby",
        "[#dev] <ben> teapot in dev",
    ]
    assert said(ann.ask("SEARCH #DEV teapot")) == ["<ben> teapot in dev"]
    assert ann.ask("SEARCH #own teapot") == ["!!! You are not in #own. JOIN #own first."]
    assert ann.ask("SEARCH", 'SEARCH "')[0] == "!!! <words> is missing. Usage: SEARCH <words>"
    ann.ask("PART #lobby", "PART #dev")
    assert ann.ask("SEARCH teapot") == ["*** Nothing found."]


@pytest.mark.parametrize("words", ['"', "*", "AND", "a OR", "NEAR(", "^", "tea:x", "-", "()", "'"])
def test_search_takes_any_words_without_a_fault(chat: Chat, words: str) -> None:
    ann = chat.nc("ann")
    (line,) = ann.ask(f"SEARCH {words}")
    assert line.startswith(("*** Nothing found.", "!!! "))
    assert "failed" not in line


@pytest.mark.parametrize(
    "done", ["PRIVMSG ben :psst", "AWAY :tea", "MARKREAD ben timestamp=2020-01-01T00:00:00Z"]
)
def test_nobody_waits_for_what_is_not_kept(chat: Chat, done: str) -> None:
    chat.nc("ben")
    ann = chat.irc("ann", join="#lobby")
    waited = []
    wait = chat.server.writer.wait_saved

    def wait_saved(seq: int) -> bool:
        waited.append(wait(seq, 20))
        return waited[-1]

    chat.server.writer.wait_saved = wait_saved  # type: ignore[method-assign,assignment]
    for _ in range(3):
        ann.ask(done)
        ann.ask("HISTORY #lobby")
    assert waited == [True] * 3
