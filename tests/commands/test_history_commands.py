"""HISTORY and SEARCH for people, CHATHISTORY for IRC clients."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ircish.testing import Chat, IrcClient
from ircish.wire import Message

OpenChat = Callable[..., Chat]
CAPS = ["batch", "message-tags", "server-time", "draft/chathistory"]


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
    assert ann.ask("HISTORY #nowhere") == ["!!! There is no channel #nowhere."]
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


# CHATHISTORY ------------------------------------------------------------------------------------


@pytest.fixture
def ben(chat: Chat) -> IrcClient:
    """Somebody in #dev."""
    return chat.irc("ben", [*CAPS, "echo-message"], join="#dev")


@pytest.fixture
def echoes(ben: IrcClient) -> list[Message]:
    """m0 to m9, said in #dev by ben."""
    ben.ask("TOPIC #dev :tea")
    return ben.messages(*(f"PRIVMSG #dev :m{number}" for number in range(10)))


def numbers(messages: list[Message]) -> str:
    """The numbers of the messages in a chathistory batch, which has to be whole."""
    start, *inside, end = messages
    reference = start.params[0].removeprefix("+")
    assert (start.verb, start.params[1:]) == ("BATCH", ("chathistory", "#dev"))
    assert (end.verb, end.params) == ("BATCH", (f"-{reference}",))
    assert {message.tags["batch"] for message in inside} <= {reference}
    return "".join(message.params[1].removeprefix("m") for message in inside)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("LATEST #dev * 3", "789"),
        ("LATEST #DEV * 3", "789"),
        ("latest #dev * 100000", "0123456789"),
        ("LATEST #dev msgid={5} 9", "6789"),
        ("LATEST #dev timestamp={5} 2", "89"),
        ("BEFORE #dev msgid={5} 3", "234"),
        ("BEFORE #dev timestamp={5} 3", "234"),
        ("BEFORE #dev msgid={0} 3", ""),
        ("AFTER #dev msgid={5} 3", "678"),
        ("AFTER #dev timestamp={5} 3", "678"),
        ("AFTER #dev timestamp=2000-01-01T00:00:00.000Z 3", "012"),
        ("AROUND #dev msgid={5} 4", "3456"),
        ("AROUND #dev timestamp={5} 5", "34567"),
        ("AROUND #dev msgid={0} 4", "0123"),
        ("BETWEEN #dev msgid={2} msgid={6} 9", "345"),
        ("BETWEEN #dev msgid={6} msgid={2} 9", "345"),
        ("BETWEEN #dev timestamp={2} timestamp={6} 2", "34"),
        ("BETWEEN #dev timestamp={6} timestamp={2} 2", "45"),
    ],
)
def test_chathistory_returns_what_was_asked_for(
    ben: IrcClient, echoes: list[Message], request_: str, expected: str
) -> None:
    tag = "msgid" if "msgid" in request_ else "time"
    points = [echo.tags[tag] for echo in echoes]
    assert numbers(ben.messages(f"CHATHISTORY {request_.format(*points)}")) == expected


def test_a_line_of_chathistory_is_what_was_delivered(ben: IrcClient, echoes: list[Message]) -> None:
    _, line, _ = ben.messages("CHATHISTORY LATEST #dev * 1")
    echo = echoes[-1]
    assert (line.source, line.verb, line.params) == (echo.source, echo.verb, echo.params)
    assert {key: line.tags[key] for key in ("msgid", "time")} == dict(echo.tags)


def test_without_batches_chathistory_is_its_lines_alone(chat: Chat, echoes: list[Message]) -> None:
    old = chat.irc("old", join="#dev")
    assert old.ask("CHATHISTORY LATEST #dev * 2") == [
        ":ben!~ben@127.0.0.1 PRIVMSG #dev :m8",
        ":ben!~ben@127.0.0.1 PRIVMSG #dev :m9",
    ]


def test_chathistory_returns_no_more_than_the_limit(open_chat: OpenChat) -> None:
    ben = open_chat({"history.chathistory_limit": 4}).irc("ben", CAPS, join="#dev")
    ben.ask(*(f"PRIVMSG #dev :m{number}" for number in range(10)))
    assert numbers(ben.messages("CHATHISTORY LATEST #dev * 100")) == "6789"


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("NONSENSE #dev * 3", "INVALID_PARAMS NONSENSE :Unknown subcommand"),
        ("LATEST #other * 3", "INVALID_TARGET LATEST #other :No history of that"),
        ("LATEST ann * 3", "INVALID_TARGET LATEST ann :No history of that"),
        ("LATEST #dev * x", "INVALID_PARAMS LATEST :The limit is a number"),
        ("LATEST #dev * 0", "INVALID_PARAMS LATEST :The limit is a number"),
        ("LATEST #dev * ３", "INVALID_PARAMS LATEST :The limit is a number"),
        ("LATEST #dev *", "INVALID_PARAMS LATEST :The limit is a number"),
        ("BEFORE #dev * 3", "INVALID_PARAMS BEFORE :Say timestamp="),
        ("BEFORE #dev timestamp=noon 3", "INVALID_PARAMS BEFORE :Say timestamp="),
        ("BEFORE #dev msgid=zzz 3", "INVALID_PARAMS BEFORE :"),
        ("BEFORE #dev msgid=0000001 3", "INVALID_PARAMS BEFORE :There is no such message here"),
        ("BEFORE #dev msgid=00000099999999999999999999 3", "INVALID_PARAMS BEFORE :"),
        ("BETWEEN #dev timestamp=2026-11-22T09:50:00.000Z * 3", "INVALID_PARAMS BETWEEN :Say "),
        ("TARGETS * * 3", "INVALID_PARAMS TARGETS :Say timestamp="),
        ("TARGETS timestamp=2000-01-01T00:00:00.000Z * x", "INVALID_PARAMS TARGETS :The limit"),
    ],
)
def test_chathistory_says_what_is_wrong(
    chat: Chat, ben: IrcClient, request_: str, answer: str
) -> None:
    chat.nc("ann").ask("JOIN #other", "MSG secret")
    (line,) = ben.ask(f"CHATHISTORY {request_}")
    assert line.startswith(f":chat.example FAIL CHATHISTORY {answer}")


def test_a_msgid_of_another_channel_tells_nothing(chat: Chat, ben: IrcClient) -> None:
    ann = chat.irc("ann", [*CAPS, "echo-message"], join="#other")
    (secret,) = ann.messages("PRIVMSG #other :secret")
    (line,) = ben.ask(f"CHATHISTORY BEFORE #dev msgid={secret.tags['msgid']} 3")
    assert "There is no such message here" in line


def test_chathistory_targets_names_the_channels_with_their_last_time(
    ben: IrcClient, echoes: list[Message]
) -> None:
    ben.ask("JOIN #quiet", "JOIN #late")
    (late,) = ben.messages("PRIVMSG #late :hi")
    first, last = "timestamp=2000-01-01T00:00:00.000Z", "timestamp=2100-01-01T00:00:00.000Z"
    start, *lines, end = ben.messages(f"CHATHISTORY TARGETS {first} {last} 9")
    assert start.params[1:] == ("draft/chathistory-targets",)
    assert end.params == (start.params[0].replace("+", "-"),)
    times = [echoes[-1].tags["time"], late.tags["time"]]
    assert [(line.verb, line.params) for line in lines] == [
        ("CHATHISTORY", ("TARGETS", "#dev", times[0])),
        ("CHATHISTORY", ("TARGETS", "#late", times[1])),
    ]
    (_, line, _) = ben.messages(f"CHATHISTORY TARGETS {last} {first} 1")
    assert line.params[1] == "#late"
    assert len(ben.messages(f"CHATHISTORY TARGETS {first} {first} 9")) == 2


def test_an_answer_in_a_batch_carries_its_label_once(chat: Chat) -> None:
    ben = chat.irc("ben", [*CAPS, "labeled-response"], join="#dev")
    ben.ask("PRIVMSG #dev :m1", "PRIVMSG #dev :m2")
    outer, inner, *lines, inner_end, outer_end = ben.messages(
        "@label=x CHATHISTORY LATEST #dev * 9"
    )
    assert outer.tags == {"label": "x"}
    assert outer.params[1:] == ("labeled-response",)
    reference = outer.params[0].removeprefix("+")
    assert inner.tags == inner_end.tags == {"batch": reference}
    assert {line.tags["batch"] for line in lines} == {inner.params[0].removeprefix("+")}
    assert outer_end.params == (f"-{reference}",)
