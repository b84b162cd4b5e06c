"""CHATHISTORY against its specification (IRCv3): what is asked for, held against a model that looks
at every row; what is wrong; how what was is written."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from ircish.dialects.irc import milliseconds, timestamp
from ircish.rows import ChannelRecord, HistoryError, Row
from ircish.saving import History
from ircish.testing import Chat, IrcClient
from ircish.wire import Message

CAPS = ["batch", "draft/chathistory", "message-tags", "server-time"]
ALL = [*CAPS, "draft/event-playback", "draft/message-redaction"]

NOON = 1_700_000_000_000
"""ms, when the past begins"""

TALK = ("message", "notice")
KINDS = (
    "message",
    "join",
    "notice",
    "tagmsg",
    "message",
    "mode",
    "part",
    "message",
    "quit",
    "kick",
)
KINDS += ("nick", "message", "topic", "message", "notice", "message", "redact", "message", "part")
"""What has happened in #dev; the redaction is of the second message."""

TEXTS = {"kick": "ben", "nick": "benny", "mode": "+o ben", "join": "", "tagmsg": "", "topic": "tea"}
STEPS = (1, 0, 0, 5, 1, 0, 2)
"""ms between one and the next, over and over: some have happened at the same time."""


def past() -> list[Row]:
    rows, time = [], NOON
    for seq, (kind, step) in enumerate(zip(KINDS, itertools.cycle(STEPS)), 1):
        time += step
        text = "abcdef5 oops" if kind == "redact" else TEXTS.get(kind, f"words {seq}")
        tags = "+x=1" if kind == "tagmsg" else ""
        source = "ann!ann@host"
        rows.append(Row(seq, time, f"abcdef{seq:x}", kind, "#dev", source, None, tags, text))
    return rows


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    """One with that past, for all tests of this file that change nothing in it."""
    directory = tmp_path_factory.mktemp("chat")
    history = History(directory)
    other = [row._replace(seq=row.seq + 50, msgid="abcdef99", channel="#other") for row in past()]
    rows = [*past(), *other]
    records = [ChannelRecord(name, name, NOON, "", "", 0, "+nt") for name in ("#dev", "#other")]
    history.commit(rows, records)
    history.close()
    chat = Chat(directory, {"history.chathistory_limit": 12})
    yield chat
    chat.close()


@pytest.fixture(scope="module")
def clients(chat: Chat) -> dict[str, IrcClient]:
    """Two in #dev, one of whom asked for all that happened there."""
    return {
        "talk": chat.irc("talk", CAPS, join="#dev"),
        "events": chat.irc("events", ALL, join="#dev"),
    }


@pytest.fixture
def talk(clients: dict[str, IrcClient]) -> IrcClient:
    clients["talk"].lines()  # who has come in since is not of interest
    return clients["talk"]


# What is asked for


Point = tuple[str, str, int]
"""A selector's type and value, and what it is compared by: an event's index, or a time."""


def before(rows: Sequence[Row], point: Point) -> list[Row]:
    return [r for i, r in enumerate(rows) if (i if point[0] == "msgid" else r.time) < point[2]]


def after(rows: Sequence[Row], point: Point) -> list[Row]:
    return [r for i, r in enumerate(rows) if (i if point[0] == "msgid" else r.time) > point[2]]


def last(rows: list[Row], limit: int) -> list[Row]:
    return rows[max(0, len(rows) - limit) :]


def model(
    rows: Sequence[Row], kinds: Sequence[str], sub: str, points: Sequence[Point | None], limit: int
) -> list[Row]:
    """What the specification has a server answer, found by looking at every row."""
    limit = min(limit, 12)
    first, *rest = points

    def shown(found: Sequence[Row]) -> list[Row]:
        return [row for row in found if row.kind in kinds]

    if first is None:
        return last(shown(rows), limit)
    earlier, later = shown(before(rows, first)), shown(after(rows, first))
    if sub == "LATEST":
        return last(later, limit)
    if sub == "BEFORE":
        return last(earlier, limit)
    if sub == "AFTER":
        return later[:limit]
    if sub == "AROUND":
        beginning = set(before(rows, first))
        from_there = shown([row for row in rows if row not in beginning])
        newer = from_there[: max(limit - limit // 2, limit - len(earlier))]
        return last(earlier, limit - len(newer)) + newer
    (second,) = rest
    assert sub == "BETWEEN"
    assert second
    if first[2] <= second[2]:
        return shown([row for row in after(rows, first) if row in before(rows, second)])[:limit]
    return last(shown([row for row in after(rows, second) if row in before(rows, first)]), limit)


def selector(point: Point | None) -> str:
    return "*" if point is None else f"{point[0]}={point[1]}"


def msgids(batch: Sequence[Message]) -> list[str]:
    """Those of the messages in a chathistory batch, which has to be whole."""
    start, *inside, end = batch
    reference = start.params[0].removeprefix("+")
    assert (start.verb, start.params[1:]) == ("BATCH", ("chathistory", "#dev"))
    assert (end.verb, end.params) == ("BATCH", (f"-{reference}",))
    assert {message.tags["batch"] for message in inside} <= {reference}
    return [message.tags["msgid"] for message in inside]


def batches(messages: Sequence[Message]) -> Iterator[list[Message]]:
    batch: list[Message] = []
    for message in messages:
        batch.append(message)
        if message.verb == "BATCH" and message.params[0][0] == "-":
            yield batch
            batch = []
    assert not batch


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 12, 100])
@pytest.mark.parametrize("reader", ["talk", "events"])
@pytest.mark.parametrize("sub", ["LATEST", "BEFORE", "AFTER", "AROUND", "BETWEEN"])
def test_chathistory_returns_what_the_specification_says(
    chat: Chat, clients: dict[str, IrcClient], sub: str, reader: str, limit: int
) -> None:
    client = clients[reader]
    client.lines()
    chat.settled()
    rows = chat.server.history.latest("#dev", 999)
    kinds = TALK if reader == "talk" else KINDS
    every: list[Point | None] = [("msgid", r.msgid, i) for i, r in enumerate(rows)]
    times = sorted({NOON, rows[-1].time + 10**6, *(row.time for row in rows)})
    every += [("timestamp", timestamp(ms), ms) for ms in times]
    asked: list[tuple[Point | None, ...]] = [(each,) for each in every]
    if sub == "LATEST":
        asked.append((None,))
    if sub == "BETWEEN":
        some = random.Random(limit).sample(every, 14)
        asked = [(a, b) for a in some for b in some if a and b and a[0] == b[0]]
    lines = [
        f"CHATHISTORY {sub} #dev {' '.join(map(selector, points))} {limit}" for points in asked
    ]
    found = [
        answer
        for start in range(0, len(lines), 20)
        for answer in batches(client.messages(*lines[start : start + 20]))
    ]
    for line, points, answer in zip(lines, asked, found, strict=True):
        expected = [row.msgid for row in model(rows, kinds, sub, points, limit)]
        assert msgids(answer) == expected, line


def test_the_model_itself_knows_the_specification(chat: Chat) -> None:
    rows = [row for row in past() if row.kind in TALK][:6]
    a, b, c, d, e, f = rows

    def at(row: Row) -> Point:
        return "msgid", row.msgid, rows.index(row)

    for sub, points, limit, expected in [
        ("LATEST", [None], 2, [e, f]),
        ("LATEST", [at(c)], 2, [e, f]),
        ("LATEST", [at(c)], 9, [d, e, f]),
        ("BEFORE", [at(d)], 2, [b, c]),
        ("AFTER", [at(b)], 2, [c, d]),
        ("AROUND", [at(c)], 1, [c]),
        ("AROUND", [at(c)], 3, [b, c, d]),
        ("AROUND", [at(f)], 4, [c, d, e, f]),
        ("AROUND", [at(a)], 4, [a, b, c, d]),
        ("BETWEEN", [at(a), at(f)], 9, [b, c, d, e]),
        ("BETWEEN", [at(f), at(a)], 9, [b, c, d, e]),
        ("BETWEEN", [at(a), at(f)], 3, [b, c, d]),
        ("BETWEEN", [at(f), at(a)], 3, [c, d, e]),
        ("BETWEEN", [at(c), at(c)], 3, []),
    ]:
        assert model(rows, TALK, sub, points, limit) == expected, (sub, points, limit)


def test_a_client_that_pages_backwards_reads_all_of_it_once(talk: IrcClient, chat: Chat) -> None:
    rows = chat.server.history.latest("#dev", 999, kinds=TALK)
    read: list[str] = []
    page = msgids(talk.messages("CHATHISTORY LATEST #dev * 2"))
    while page:
        read = page + read
        page = msgids(talk.messages(f"CHATHISTORY BEFORE #dev msgid={page[0]} 2"))
    assert read == [row.msgid for row in rows]


@pytest.mark.parametrize("asked", ["LATEST #DEV * 1", "latest #dev * 1", "LATEST #Dev * 001"])
def test_the_channel_is_named_as_it_is_displayed(talk: IrcClient, asked: str) -> None:
    assert len(msgids(talk.messages(f"CHATHISTORY {asked}"))) == 1


def test_what_was_said_last_is_there_at_once(open_chat: Callable[..., Chat]) -> None:
    ben = open_chat().irc("ben", [*CAPS, "echo-message"], join="#dev")
    for number in range(20):
        echo, start, line, end = ben.messages(
            f"PRIVMSG #dev :m{number}", "CHATHISTORY LATEST #dev * 1"
        )
        assert (line.source, line.verb, line.params) == (echo.source, echo.verb, echo.params)
        assert dict(line.tags) == {**echo.tags, "batch": start.params[0][1:]}
        assert end.params == (f"-{line.tags['batch']}",)


# What is wrong


NOW = "timestamp=2026-11-22T09:50:00.000Z"


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("", "INVALID_PARAMS * :Unknown subcommand"),
        ("NONSENSE #dev * 3", "INVALID_PARAMS NONSENSE :Unknown subcommand"),
        (":a b", "INVALID_PARAMS * :Unknown subcommand"),
        ("LATEST", "INVALID_PARAMS LATEST :Insufficient parameters"),
        ("LATEST #dev *", "INVALID_PARAMS LATEST :Insufficient parameters"),
        (f"BETWEEN #dev {NOW} 3", "INVALID_PARAMS BETWEEN :Insufficient parameters"),
        (f"TARGETS {NOW} {NOW}", "INVALID_PARAMS TARGETS :Insufficient parameters"),
        ("LATEST #dev * 3 4", "INVALID_PARAMS LATEST :Too many parameters"),
        (f"BEFORE #dev {NOW} {NOW} 3", "INVALID_PARAMS BEFORE :Too many parameters"),
        (f"TARGETS #dev {NOW} {NOW} 3", "INVALID_PARAMS TARGETS :Too many parameters"),
        ("LATEST #dev * x", "INVALID_PARAMS LATEST x :The limit is a number"),
        ("LATEST #dev * 0", "INVALID_PARAMS LATEST 0 :The limit is a number"),
        ("LATEST #dev * -1", "INVALID_PARAMS LATEST -1 :The limit is a number"),
        ("LATEST #dev * ３", "INVALID_PARAMS LATEST ３ :The limit is a number"),
        ("LATEST #dev * :", "INVALID_PARAMS LATEST * :The limit is a number"),
        ("BEFORE #dev * 3", "INVALID_PARAMS BEFORE * :Say timestamp="),
        ("BEFORE #dev seq=1 3", "INVALID_PARAMS BEFORE seq=1 :Say timestamp="),
        ("BEFORE #dev msgid= 3", "INVALID_PARAMS BEFORE msgid= :Say timestamp="),
        ("BEFORE #dev timestamp= 3", "INVALID_PARAMS BEFORE timestamp= :Say timestamp="),
        ("BEFORE #dev timestamp=noon 3", "INVALID_PARAMS BEFORE timestamp=noon :Say timestamp="),
        (f"BETWEEN #dev {NOW} * 3", "INVALID_PARAMS BETWEEN * :Say timestamp="),
        (f"TARGETS * {NOW} 3", "INVALID_PARAMS TARGETS * :Say timestamp="),
        (f"TARGETS {NOW} msgid=abcdef1 3", "INVALID_PARAMS TARGETS msgid=abcdef1 :Say timestamp="),
        (f"TARGETS {NOW} {NOW} x", "INVALID_PARAMS TARGETS x :The limit is a number"),
        ("LATEST #other * 3", "INVALID_TARGET LATEST #other :"),
        ("LATEST #nowhere * 3", "INVALID_TARGET LATEST #nowhere :"),
        ("LATEST talk * 3", "INVALID_TARGET LATEST talk :"),
        ("LATEST nobody * 3", "INVALID_TARGET LATEST nobody :"),
        ("LATEST @#dev * 3", "INVALID_TARGET LATEST @#dev :"),
        ("LATEST * * 3", "INVALID_TARGET LATEST * :"),
        ("BEFORE #dev msgid=zzz 3", "MESSAGE_ERROR BEFORE #dev msgid=zzz :There is no such"),
        ("BEFORE #dev msgid=fedcba1 3", "MESSAGE_ERROR BEFORE #dev msgid=fedcba1 :There is no"),
        ("BEFORE #dev msgid=abcdef99 3", "MESSAGE_ERROR BEFORE #dev msgid=abcdef99 :There is no"),
        ("AROUND #dev msgid=abcdef-1 3", "MESSAGE_ERROR AROUND #dev msgid=abcdef-1 :There is no"),
        ("AFTER #dev msgid=abcdef99999999999999999999 3", "MESSAGE_ERROR AFTER #dev msgid="),
    ],
)
def test_chathistory_says_what_is_wrong(talk: IrcClient, asked: str, answer: str) -> None:
    (line,) = talk.ask(f"CHATHISTORY {asked}")
    assert line.startswith(f":chat.example FAIL CHATHISTORY {answer}")


def test_a_history_that_cannot_be_read_is_an_error_of_the_messages(
    talk: IrcClient, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **more: object) -> None:
        raise HistoryError("/home/secret/history.db: it is damaged.")

    monkeypatch.setattr(chat.server.history, "latest", fail)
    end = "* :Messages could not be retrieved"
    assert talk.ask("CHATHISTORY LATEST #dev * 3", f"CHATHISTORY TARGETS {NOW} {NOW} 3") == [
        ":chat.example FAIL CHATHISTORY MESSAGE_ERROR LATEST #dev :Messages could not be retrieved",
        f":chat.example FAIL CHATHISTORY MESSAGE_ERROR TARGETS {NOW} {end[2:]}",
    ]


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-11-22T09:50:00.123Z", 1_795_341_000_123),
        ("2026-11-22T09:50:00Z", 1_795_341_000_000),
        ("2026-11-22T09:50:00.1Z", 1_795_341_000_100),
        ("2026-11-22T09:50:00.123999Z", 1_795_341_000_123),
        ("1969-12-31T23:59:59.500Z", -500),
        ("2026-11-22T09:50:00.123", None),
        ("2026-11-22T09:50:00.123z", None),
        ("2026-11-22T09:50:00,123Z", None),
        ("2026-11-22 09:50:00.123Z", None),
        ("2026-11-22T09:50Z", None),
        ("2026-13-22T09:50:00.000Z", None),
        ("0000-11-22T09:50:00.000Z", None),
        ("２026-11-22T09:50:00.000Z", None),
        ("", None),
    ],
)
def test_a_time_is_what_server_time_writes(text: str, ms: int | None) -> None:
    assert milliseconds(text) == ms
    if ms is not None:
        assert milliseconds(timestamp(ms)) == ms


# How what was is written


def stored(tmp_path: Path, *rows: tuple[str, str]) -> Chat:
    """A chat in whose #dev that has happened."""
    history = History(tmp_path)
    history.commit(
        [
            Row(seq, NOON, f"abcdef{seq:x}", kind, "#dev", "ann!a@host", "anna", "", text)
            for seq, (kind, text) in enumerate(rows, 1)
        ],
        [ChannelRecord("#dev", "#dev", NOON, "", "", 0, "+nt")],
    )
    history.close()
    return Chat(tmp_path)


EVENTS = [
    ("message", "hello", "PRIVMSG #dev :hello"),
    ("notice", "hello", "NOTICE #dev :hello"),
    ("join", "", "JOIN #dev"),
    ("part", "bye now", "PART #dev :bye now"),
    ("part", "", "PART #dev"),
    ("quit", "Quit: bye", "QUIT :Quit: bye"),
    ("nick", "anna", "NICK anna"),
    ("kick", "ben too loud", "KICK #dev ben :too loud"),
    ("kick", "ben ", "KICK #dev ben :ann"),
    ("topic", "tea at five", "TOPIC #dev :tea at five"),
    ("topic", "", "TOPIC #dev :"),
    ("mode", "+o-t+k ben key", "MODE #dev +o-t+k ben key"),
    ("tagmsg", "", "TAGMSG #dev"),
    ("redact", "abcdef99 oops", "REDACT #dev abcdef99 :oops"),
    ("redact", "abcdef99 ", "REDACT #dev abcdef99"),
]


def test_every_kind_of_event_is_played_back_as_it_was_with_its_time(tmp_path: Path) -> None:
    chat = stored(tmp_path, *[(kind, text) for kind, text, _ in EVENTS])
    client = chat.irc("all", [*ALL, "account-tag"], join="#dev")
    start, *lines = client.ask("CHATHISTORY BEFORE #dev timestamp=2024-01-01T00:00:00.000Z 50")[:-1]
    reference = start.split(" ")[2][1:]
    time = "2023-11-14T22:13:20.000Z"
    assert lines == [
        f"@batch={reference};time={time};account=anna;msgid=abcdef{seq:x} :ann!a@host {line}"
        for seq, (_, _, line) in enumerate(EVENTS, 1)
    ]
    chat.close()


@pytest.mark.parametrize(
    ("caps", "verbs"),
    [
        ([], ["PRIVMSG", "NOTICE"]),
        (["draft/message-redaction"], ["PRIVMSG", "NOTICE"]),
        (["draft/event-playback"], ["PRIVMSG", "NOTICE", "JOIN"]),
        (["draft/event-playback", "message-tags"], ["PRIVMSG", "NOTICE", "JOIN", "TAGMSG"]),
        (
            ["draft/event-playback", "draft/message-redaction"],
            ["PRIVMSG", "NOTICE", "JOIN", "REDACT"],
        ),
    ],
)
def test_only_what_a_client_reads_is_played_back_and_counted(
    tmp_path: Path, caps: list[str], verbs: list[str]
) -> None:
    kinds = ["message", "notice", "join", "tagmsg", "redact"]
    chat = stored(tmp_path, *[(kind, "x") for kind in kinds])
    client = chat.irc("irc", ["batch", *caps], join="#dev")
    start, end = "timestamp=2020-01-01T00:00:00.000Z", "timestamp=2024-01-01T00:00:00.000Z"
    for limit in range(1, 6):
        _, *lines, _ = client.messages(f"CHATHISTORY BETWEEN #dev {end} {start} {limit}")
        assert [line.verb for line in lines] == verbs[-limit:]
    chat.close()


def test_without_batches_the_answer_is_its_lines_alone(tmp_path: Path) -> None:
    chat = stored(tmp_path, ("message", "hello"), ("notice", "hello"))
    old = chat.irc("old", join="#dev")
    assert old.ask("CHATHISTORY LATEST #dev * 2", "CHATHISTORY BEFORE #dev msgid=abcdef1 2") == [
        ":ann!a@host PRIVMSG #dev :hello",
        ":ann!a@host NOTICE #dev :hello",
    ]
    chat.close()


SEVERAL = ["batch", "draft/multiline", "message-tags"]
LONG = " ".join(["word"] * 200)
"""One long line of a message whose sender had cut it: the history knows not where."""


@pytest.mark.parametrize("text", ["one\ntwo\n\nfour", LONG, f"one\n{LONG}\nlast", "é" * 600])
def test_a_message_of_several_lines_is_played_back_whole(tmp_path: Path, text: str) -> None:
    chat = stored(tmp_path, ("message", "before"), ("message", text), ("message", "after"))
    client = chat.irc("new", SEVERAL, join="#dev")
    start, first, begin, *pieces, finish, third, end = client.messages(
        "CHATHISTORY LATEST #dev * 9"
    )
    outer, inner = start.params[0][1:], begin.params[0][1:]
    assert (first.tags["batch"], third.tags["batch"]) == (outer, outer)
    assert begin.params[1:] == ("draft/multiline", "#dev")
    assert begin.tags == {"batch": outer, "msgid": "abcdef2"}
    assert finish.tags == {"batch": outer}  # as the beginning's (IRCv3 batch)
    assert (finish.params, end.params) == ((f"-{inner}",), (f"-{outer}",))
    whole = ""
    for number, piece in enumerate(pieces):
        assert piece.tags["batch"] == inner
        whole += "\n" if number and "draft/multiline-concat" not in piece.tags else ""
        whole += piece.params[1]
    assert whole == text

    old = chat.irc("old", CAPS, join="#dev")
    start, first, *pieces, third, end = old.messages("CHATHISTORY LATEST #dev * 9")
    assert {each.tags["batch"] for each in (first, *pieces, third)} == {start.params[0][1:]}
    assert [each.tags.get("msgid") for each in pieces] == ["abcdef2"] + [None] * (len(pieces) - 1)
    assert "".join(each.params[1] for each in pieces) == text.replace("\n", "")
    chat.close()


def test_who_founds_a_channel_anew_does_not_read_who_was_in_one_of_that_name(chat: Chat) -> None:
    ann = chat.irc("ann", ALL, join="#empty")
    ann.ask("PART #empty")
    ben = chat.irc("ben", ALL, join="#empty")
    played = ben.messages("CHATHISTORY LATEST #empty * 10")[1:-1]
    assert [(line.verb, line.source.partition("!")[0]) for line in played] == [("JOIN", "ben")]


def test_an_answer_carries_its_label_once(chat: Chat) -> None:
    client = chat.irc("labels", [*CAPS, "labeled-response"], join="#dev")
    start, *lines, end = client.messages("@label=x CHATHISTORY LATEST #dev * 2")
    assert start.tags == {"label": "x"}
    assert start.params[1:] == ("chathistory", "#dev")
    assert {line.tags["batch"] for line in lines} == {start.params[0].removeprefix("+")}
    assert not end.tags
    (fail,) = client.messages("@label=y CHATHISTORY LATEST #nowhere * 2")
    assert fail.tags["label"] == "y"


# TARGETS


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IrcClient]:
    """Somebody in #c0 to #c4, where something was said at NOON + 0, 10, 20, 30 and never, and after
    that only seen; and not in #out."""
    directory = tmp_path_factory.mktemp("targets")
    history = History(directory)
    rows, names = [], ["#c0", "#c1", "#c2", "#c3", "#c4", "#out"]
    for seq, (at, name) in enumerate(
        [(0, "#c0"), (1, "#c2"), (2, "#c3"), (10, "#c1"), (20, "#c2")]
    ):
        rows.append(Row(seq, NOON + at, f"abcdef{seq}", "message", name, "a!b@c", None, "", "x"))
    for seq, (at, name) in enumerate([(25, "#out"), (30, "#c3")], 5):
        rows.append(Row(seq, NOON + at, f"abcdef{seq}", "notice", name, "a!b@c", None, "", "x"))
    rows.append(Row(7, NOON + 40, "abcdef7", "topic", "#c1", "a!b@c", None, "", "x"))
    history.commit(rows, [ChannelRecord(name, name, 1, "", "", 0, "+n") for name in names])
    history.close()
    chat = Chat(directory)
    yield chat.irc("irc", CAPS, join="#c0,#c1,#c2,#c3,#c4")
    chat.close()


@pytest.mark.parametrize(
    ("first", "second", "limit", "found"),
    [
        (-9, 99, 9, "0123"),
        (99, -9, 9, "0123"),
        (-9, 99, 2, "01"),
        (99, -9, 2, "23"),
        (0, 30, 9, "12"),
        (30, 0, 1, "2"),
        (0, 2, 9, ""),
        (5, 15, 9, "1"),
        (10, 10, 9, ""),
        (20, 21, 9, ""),
        (19, 21, 9, "2"),
    ],
)
def test_targets_are_the_channels_whose_last_message_is_from_then(
    targets: IrcClient, first: int, second: int, limit: int, found: str
) -> None:
    times = " ".join(f"timestamp={timestamp(NOON + each)}" for each in (first, second))
    start, *lines, end = targets.messages(f"CHATHISTORY TARGETS {times} {limit}")
    assert start.params[1:] == ("draft/chathistory-targets",)
    assert end.params == (start.params[0].replace("+", "-"),)
    assert {line.tags["batch"] for line in lines} <= {start.params[0][1:]}
    assert [(line.verb, line.params) for line in lines] == [
        ("CHATHISTORY", ("TARGETS", f"#c{number}", timestamp(NOON + 10 * int(number))))
        for number in found
    ]
