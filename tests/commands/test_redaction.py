"""REDACT (IRCv3 message-redaction) and UNSAY: who may take back what, and that it is gone then."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from ircish.cli import main
from ircish.rows import HistoryError
from ircish.testing import Chat, IrcClient
from ircish.wire import Message

OpenChat = Callable[..., Chat]
CAPS = ["draft/message-redaction", "echo-message", "message-tags"]


def said(client: IrcClient, text: str = "a secret word", target: str = "#dev") -> str:
    """Say it; its msgid."""
    (echo,) = client.messages(f"PRIVMSG {target} :{text}")
    return echo.tags["msgid"]


def verbs(messages: list[Message]) -> list[tuple[str, ...]]:
    return [(message.verb, *message.params) for message in messages]


@pytest.fixture
def ann(chat: Chat) -> IrcClient:
    """The founder of #dev."""
    return chat.irc("ann", CAPS, join="#dev")


@pytest.fixture
def ben(chat: Chat, ann: IrcClient) -> IrcClient:
    """A member of #dev."""
    ben = chat.irc("ben", CAPS, join="#dev")
    ann.lines()
    return ben


# REDACT


@pytest.mark.parametrize(("typed", "reason"), [("", ()), (" :wrong channel", ("wrong channel",))])
def test_whoever_asked_for_it_hears_that_a_message_was_taken_back(
    chat: Chat, ann: IrcClient, ben: IrcClient, typed: str, reason: tuple[str, ...]
) -> None:
    old = chat.irc("old", ["message-tags"], join="#dev")
    ann.lines(), ben.lines()
    msgid = said(ben)
    assert verbs(ben.messages(f"REDACT #DEV {msgid}{typed}")) == [
        ("REDACT", "#dev", msgid, *reason)
    ]
    heard = ann.messages()
    assert verbs(heard) == [
        ("PRIVMSG", "#dev", "a secret word"),
        ("REDACT", "#dev", msgid, *reason),
    ]
    assert heard[1].source == "ben!~ben@127.0.0.1"
    assert heard[1].tags["msgid"] != msgid
    assert verbs(old.messages()) == [("PRIVMSG", "#dev", "a secret word")]


def test_an_operator_takes_back_what_others_said_also_before_they_came(open_chat: OpenChat) -> None:
    chat = open_chat()
    ann = chat.irc("ann", CAPS, join="#dev")
    ben = chat.irc("ben", CAPS, join="#dev")
    first, second = said(ben, "one"), said(ben, "two")
    assert verbs(ben.messages("PART #dev"))[0][0] == "PART"
    ann.lines()
    assert verbs(ann.messages(f"REDACT #dev {first} spam"))[0] == ("REDACT", "#dev", first, "spam")
    chat.restart()
    ann = chat.irc("ann", CAPS, join="#dev")
    assert verbs(ann.messages(f"REDACT #dev {second}")) == [("REDACT", "#dev", second)]
    assert verbs(ann.messages(f"REDACT #dev {first}")) == [
        ("FAIL", "REDACT", "UNKNOWN_MSGID", "#dev", first,
         "There is no such message, or it is too old")
    ]  # fmt: skip


def test_a_member_takes_back_only_what_is_their_own(ann: IrcClient, ben: IrcClient) -> None:
    msgid = said(ann)
    ben.lines()
    assert verbs(ben.messages(f"REDACT #dev {msgid}")) == [
        ("FAIL", "REDACT", "REDACT_FORBIDDEN", "#dev", msgid, "It is not your message")
    ]
    assert ann.lines() == []


def test_who_takes_somebodys_nick_cannot_take_back_their_words(
    chat: Chat, ann: IrcClient, ben: IrcClient
) -> None:
    msgid = said(ben)
    ben.ask("NICK benny")
    other = chat.irc("ben", CAPS, join="#dev")
    (answer,) = other.messages(f"REDACT #dev {msgid}")
    assert answer.params[1] == "REDACT_FORBIDDEN"
    assert verbs(ben.messages(f"REDACT #dev {msgid}"))[-1] == ("REDACT", "#dev", msgid)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("#dev nonsense", "UNKNOWN_MSGID #dev nonsense :"),
        ("#dev abcdef1", "UNKNOWN_MSGID #dev abcdef1 :"),
        ("#dev {topic}", "UNKNOWN_MSGID #dev {topic} :"),
        ("#dev {private}", "UNKNOWN_MSGID #dev {private} :"),
        ("#dev {other}", "UNKNOWN_MSGID #dev {other} :"),
        ("#dev {status}", "UNKNOWN_MSGID #dev {status} :"),
        ("ben {own}", "UNKNOWN_MSGID ben {own} :"),
        ("ben nonsense", "UNKNOWN_MSGID ben nonsense :"),
        ("#other {own}", "UNKNOWN_MSGID #other {own} :"),
        ("#nowhere {own}", "INVALID_TARGET #nowhere :"),
        ("nobody {private}", "INVALID_TARGET nobody :"),
        ("@#dev {status}", "INVALID_TARGET @#dev :"),
        ("#dev :a b", "UNKNOWN_MSGID #dev * :"),
    ],
)
def test_what_cannot_be_taken_back_is_told(
    ann: IrcClient, ben: IrcClient, typed: str, answer: str
) -> None:
    (topic,) = ann.messages("TOPIC #dev :tea")
    ann.ask("JOIN #other")
    names = {
        "topic": topic.tags["msgid"],
        "private": said(ann, target="ben"),
        "other": said(ann, target="#other"),
        "status": said(ann, target="@#dev"),
        "own": said(ann),
    }
    ben.lines()
    lines = ann.ask(f"REDACT {typed.format(**names)}")
    assert len(lines) == 1
    assert f" FAIL REDACT {answer.format(**names)}" in lines[0]
    assert ben.lines() == []


def test_a_message_is_taken_back_once(ann: IrcClient, ben: IrcClient) -> None:
    public, private = said(ben), said(ben, target="ann")
    for target, msgid in (("#dev", public), ("ann", private)):
        assert verbs(ben.messages(f"REDACT {target} {msgid}")) == [("REDACT", target, msgid)]
        (again,) = ben.messages(f"REDACT {target} {msgid}")
        assert again.params[1] == "UNKNOWN_MSGID"
    assert ann.ask(f"REDACT #dev {public}")[-1].partition("FAIL REDACT ")[2][:7] == "UNKNOWN"


def test_who_said_it_in_private_takes_it_back_and_who_heard_it_cannot(
    chat: Chat, ann: IrcClient, ben: IrcClient
) -> None:
    msgid = said(ann, target="BEN")
    assert verbs(ben.messages()) == [("PRIVMSG", "ben", "a secret word")]
    (answer,) = ben.messages(f"REDACT ann {msgid}")
    assert answer.params[1] == "UNKNOWN_MSGID"
    assert verbs(ann.messages(f"REDACT ben {msgid} :oops")) == [("REDACT", "ben", msgid, "oops")]
    assert verbs(ben.messages()) == [("REDACT", "ben", msgid, "oops")]


def test_tags_without_text_and_notices_are_taken_back_too(ann: IrcClient, ben: IrcClient) -> None:
    tags, notice = ben.messages("@+draft/react=x TAGMSG #dev", "NOTICE #dev :hello")
    for msgid in (tags.tags["msgid"], notice.tags["msgid"]):
        assert verbs(ben.messages(f"REDACT #dev {msgid}")) == [("REDACT", "#dev", msgid)]


def test_who_is_no_longer_in_a_channel_takes_nothing_back_there(
    ann: IrcClient, ben: IrcClient
) -> None:
    msgid = said(ben)
    ann.ask("KICK #dev ben")
    ben.lines()
    (answer,) = ben.messages(f"REDACT #dev {msgid}")
    assert answer.params[:3] == ("REDACT", "INVALID_TARGET", "#dev")


def test_a_label_comes_back_with_what_was_taken_back(chat: Chat) -> None:
    ann = chat.irc("ann", [*CAPS, "batch", "labeled-response"], join="#dev")
    msgid = said(ann)
    (answer,) = ann.messages(f"@label=x REDACT #dev {msgid}")
    assert (answer.verb, answer.tags["label"]) == ("REDACT", "x")


def test_of_somebody_who_speaks_much_only_the_last_words_are_known_as_theirs(
    ann: IrcClient, ben: IrcClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ircish.server.connection import SAID

    first, second = said(ben, "one"), said(ben, "two")
    ben.ask(*[f"PRIVMSG #dev :{number}" for number in range(SAID - 1)])
    assert ben.messages(f"REDACT #dev {first}")[0].params[1] == "REDACT_FORBIDDEN"
    assert verbs(ben.messages(f"REDACT #dev {second}")) == [("REDACT", "#dev", second)]


def test_what_a_plugin_announces_is_not_its_callers_to_take_back(chat: Chat) -> None:
    chat.irc("ann", CAPS, join="#dev")
    ben = chat.irc("ben", CAPS, join="#dev")
    (rolled,) = ben.messages("ROLL 1d1")
    (answer,) = ben.messages(f"REDACT #dev {rolled.tags['msgid']}")
    assert answer.params[1] == "REDACT_FORBIDDEN"


# What is left of it


@pytest.mark.parametrize("text", ["a secret word", "\x01ACTION tells a secret\x01"])
def test_nobody_is_shown_what_was_taken_back(
    open_chat: OpenChat, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    chat = open_chat()
    caps = [*CAPS, "batch", "draft/chathistory", "draft/event-playback"]
    for restarted in (False, True):
        ann = chat.irc("ann", caps, join="#lobby")
        if not restarted:
            said(ann, "before", "#lobby")
            msgid = said(ann, text, "#lobby")
            said(ann, "after", "#lobby")
            ann.ask("TOPIC #lobby :tea", f"REDACT #lobby {msgid} :oops")
        carl = chat.nc("carl")
        read = [*carl.welcome, *carl.ask("HISTORY", "SEARCH before", "SEARCH after")]
        assert sum(line.endswith("<ann> before") for line in read) == 3
        assert sum(line.endswith("<ann> after") for line in read) == 3
        read += carl.ask("SEARCH secret", "SEARCH secret*", "SEARCH #lobby secret")
        assert read[-3:] == ["*** Nothing found."] * 3
        batch = ann.messages("CHATHISTORY LATEST #lobby * 50")
        assert ("REDACT", "#lobby", msgid, "oops") in verbs(batch)
        batch += ann.messages(f"CHATHISTORY AROUND #lobby msgid={msgid} 50")
        assert sum(message.params[-1] == "before" for message in batch) == 2
        everything = [*read, *map(str, batch)]
        for words in ([], ["--all"], ["--search", "before"]):
            for kind in ([], ["--json"]):
                directory = str(chat.config.server.data_dir)
                main(["history", "#lobby", "--data-dir", directory, *words, *kind])
                everything.append(capsys.readouterr().out)
                assert "before" in everything[-1]
        assert not any("secret" in each for each in everything)
        chat.restart()
    chat.stop()
    for path in chat.config.server.data_dir.glob("*.db*"):
        assert b"secret" not in path.read_bytes()


def test_what_remains_of_it_is_its_place(chat: Chat, ann: IrcClient) -> None:
    one, two, three = (said(ann, text) for text in ("one", "two", "three"))
    ann.ask(f"REDACT #dev {two}")
    lines = ann.ask(
        f"CHATHISTORY BEFORE #dev msgid={two} 9", f"CHATHISTORY AFTER #dev msgid={two} 9"
    )
    assert [line.rpartition(":")[2] for line in lines] == ["one", "three"]
    chat.settled()
    rows = chat.server.history.latest("#dev", 9)
    assert [(row.kind, row.text) for row in rows] == [
        ("join", ""), ("message", "one"), ("redacted", ""), ("message", "three"),
        ("redact", f"{two} "),
    ]  # fmt: skip
    assert [row.msgid for row in rows[1:4]] == [one, two, three]


def test_what_is_not_saved_yet_is_taken_back_too(
    chat: Chat, ann: IrcClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    carl = chat.nc("carl")
    carl.ask("JOIN #dev")
    commit = chat.server.history.commit

    def fail(rows: object, channels: object) -> None:
        raise HistoryError("the disk is full")

    monkeypatch.setattr(chat.server.history, "commit", fail)
    ann.lines()
    ann.send("PRIVMSG #dev :a secret word")
    msgid = next(m for m in ann.messages() if m.verb == "PRIVMSG").tags["msgid"]
    assert ("REDACT", "#dev", msgid) in verbs(ann.messages(f"REDACT #dev {msgid}"))
    assert "<ann> a secret word" in carl.lines()
    assert carl.ask("HISTORY") == ["*** Nothing has been said in #dev yet."]
    monkeypatch.setattr(chat.server.history, "commit", commit)
    chat.restart()  # which saves what waits
    rows = [(row.kind, row.text) for row in chat.server.history.latest("#dev", 9)]
    assert [row for row in rows if row[0] != "quit"] == [
        ("join", ""), ("join", ""), ("redacted", ""), ("redact", f"{msgid} "),
    ]  # fmt: skip


def test_what_was_taken_back_is_gone_though_that_cannot_be_saved_yet(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = chat.irc("ann", [*CAPS, "batch", "draft/chathistory"], join="#lobby")
    carl = chat.nc("carl")
    ann.ask("PRIVMSG #lobby :before")
    msgid = said(ann, target="#lobby")
    chat.settled()

    def fail(rows: object, channels: object) -> None:
        raise HistoryError("the disk is full")

    monkeypatch.setattr(chat.server.history, "commit", fail)
    assert ("REDACT", "#lobby", msgid) in verbs(ann.messages(f"REDACT #lobby {msgid}"))
    assert ann.messages(f"REDACT #lobby {msgid}")[0].params[1] == "UNKNOWN_MSGID"
    carl.lines()
    (line,) = carl.ask("HISTORY")
    assert line.endswith("<ann> before")
    assert carl.ask("SEARCH secret") == ["*** Nothing found."]
    batch = ann.messages("CHATHISTORY LATEST #lobby * 9")
    assert [m.params[-1] for m in batch if m.verb == "PRIVMSG"] == ["before"]
    assert not any("secret" in line for line in chat.nc("dora").welcome)


# For people


def test_people_read_who_took_a_message_back(chat: Chat) -> None:
    ann = chat.irc("ann", CAPS, join="#lobby")
    ben, carl = chat.nc("ben"), chat.nc("carl")
    carl.ask("JOIN #dev")
    ann.lines()
    public, private = said(ann, "hello", "#lobby"), said(ann, "psst", "ben")
    ann.ask(f"REDACT #lobby {public} :oops", f"REDACT ben {private}")
    assert ben.lines()[-4:] == [
        "<ann> hello",
        "*ann* psst",
        "*** ann took back a message in #lobby (oops)",
        "*** ann took back a message",
    ]
    assert carl.lines() == [
        "[#lobby] <ann> hello",
        "*** ann took back a message in #lobby (oops)",
    ]


def test_unsay_takes_back_what_one_said_last_and_then_what_was_before(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.irc("ben", CAPS, join="#lobby")
    ann.ask("MSG one", "ME waves", "MSG @ben psst")
    ben.ask("PRIVMSG #lobby :mine")
    ann.lines()
    assert ann.ask("UNSAY") == ["*** You have taken back: waves"]
    assert ann.ask("UNSAY wrong window") == ["*** You have taken back: one"]
    assert [m.params[2:] for m in ben.messages() if m.verb == "REDACT"] == [(), ("wrong window",)]
    nothing = "!!! You have said nothing lately in #lobby that could be taken back."
    assert ann.ask("UNSAY") == [nothing]
    assert ann.ask("HISTORY")[0].endswith("<ben> mine")
    assert ben.ask("UNSAY #lobby")[-1] == ":chat.example NOTICE ben :Taken back: mine"


def test_unsay_is_of_one_channel_and_passes_over_what_an_operator_took_back(chat: Chat) -> None:
    ann, ben = chat.irc("ann", CAPS, join="#dev"), chat.nc("ben")
    ben.ask("MSG lobby", "JOIN #dev", "MSG one", "MSG two")
    (*_, two) = [m for m in ann.messages() if m.verb == "PRIVMSG"]
    ann.ask(f"REDACT #dev {two.tags['msgid']}")
    ben.lines()
    assert ben.ask("UNSAY #DEV") == ["*** You have taken back: one"]
    assert ben.ask("UNSAY #dev")[0].startswith("!!! You have said nothing lately in #dev")
    assert ben.ask("UNSAY #lobby") == ["*** You have taken back: lobby"]
    for channel in ("#nowhere", "#secret"):
        chat.irc(f"x{channel[1:]}", join="#secret")
        assert ben.ask(f"UNSAY {channel}") == [
            f"!!! You are not in {channel}. JOIN {channel} first."
        ]


def test_a_long_message_is_shown_shortened_to_who_takes_it_back(chat: Chat) -> None:
    ann = chat.nc("ann")
    ann.ask(f"MSG {'word ' * 40}")
    (line,) = ann.ask("UNSAY")
    assert line.startswith("*** You have taken back: word word")
    assert line.endswith("…")
    assert len(line) < 90


def test_what_was_taken_back_reads_as_such_in_the_whole_history(
    chat: Chat, capsys: pytest.CaptureFixture[str]
) -> None:
    ann = chat.nc("ann")
    ann.ask("MSG one", "UNSAY oops")
    chat.settled()
    directory = str(chat.config.server.data_dir)
    main(["history", "#lobby", "--all", "--data-dir", directory])
    lines = capsys.readouterr().out.splitlines()
    assert [line[19:] for line in lines] == [
        "*** ann joined #lobby",
        "*** ann took back a message in #lobby (oops)",
    ]
    main(["history", "#lobby", "--all", "--json", "--data-dir", directory])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["kind"], row["text"]) for row in rows][1] == ("redacted", "")
