"""CAP: what is offered, asked for, new and gone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from ircish.commands import capabilities
from ircish.testing import Chat

OpenChat = Callable[..., Chat]


def test_ls_lists_and_req_takes_all_or_nothing(chat: Chat) -> None:
    client = chat.connect()
    *_, last = lines = client.ask("CAP LS 302")
    assert " LS :" in last
    offered = " ".join(line.rpartition(" :")[2] for line in lines).split(" ")
    assert {
        "batch", "draft/chathistory", "echo-message", "labeled-response", "message-tags",
        "server-time",
    } <= {name.partition("=")[0] for name in offered}  # fmt: skip
    assert client.ask("CAP REQ :batch nonsense") == [
        ":chat.example CAP * NAK :batch nonsense",
    ]
    assert client.ask("CAP LIST") == [":chat.example CAP * LIST :cap-notify"]
    assert client.ask("CAP REQ :batch echo-message") == [
        ":chat.example CAP * ACK :batch echo-message",
    ]
    assert client.ask("CAP REQ :-batch") == [":chat.example CAP * ACK :-batch"]
    assert client.ask("CAP LIST") == [":chat.example CAP * LIST :cap-notify echo-message"]
    assert client.ask("CAP NONSENSE") == [":chat.example 410 * NONSENSE :Invalid CAP command"]
    assert client.ask("CAP") == [":chat.example 461 * CAP :Not enough parameters"]


def test_a_long_list_of_capabilities_comes_in_several_lines(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capabilities, "MAX_LINE", 80)
    whole = chat.connect().ask("CAP LS")
    *more, last = chat.connect().ask("CAP LS 302")
    assert len(whole) == 1
    assert more
    assert all(line.startswith(":chat.example CAP * LS * :") for line in more)
    assert all(len(f"{line}\r\n") <= 80 for line in more)
    words = [word for line in [*more, last] for word in line.rpartition(" :")[2].split(" ")]
    names = [word.partition("=")[0] for word in words]
    assert names == whole[0].rpartition(" :")[2].split(" ")


def test_only_version_302_implies_cap_notify(chat: Chat) -> None:
    client = chat.connect()
    client.ask("CAP LS", "CAP REQ batch")
    assert client.ask("CAP LIST") == [":chat.example CAP * LIST :batch"]
    client.ask("CAP LS 302", "CAP REQ -cap-notify")
    assert client.ask("CAP LIST") == [":chat.example CAP * LIST :batch cap-notify"]


def test_a_version_that_is_an_endless_number_is_one(chat: Chat) -> None:
    assert " LS " in chat.connect().ask(f"CAP LS {'9' * 480}")[0]


def test_capabilities_change_what_is_heard_from_then_on(chat: Chat) -> None:
    ann, ben = chat.irc("ann", join="#dev"), chat.irc("ben", join="#dev")
    ann.lines()
    ben.ask("PRIVMSG #dev :one")
    assert ann.ask("CAP REQ :message-tags")[0] == ":ben!~ben@127.0.0.1 PRIVMSG #dev :one"
    ben.ask("PRIVMSG #dev :two")
    assert ann.lines()[0].startswith("@msgid=")


# What a rehash changes --------------------------------------------------------------------------


def rehashed(chat: Chat, **limits: int) -> None:
    changed = dataclasses.replace(chat.server.config.limits, **limits)
    chat.server._reread = lambda: dataclasses.replace(chat.server.config, limits=changed)
    chat.server.rehash("a test")


def test_a_value_is_shown_to_those_who_understand_it(chat: Chat) -> None:
    new, old = (chat.connect().ask(line)[-1] for line in ("CAP LS 302", "CAP LS"))
    assert "draft/multiline=max-bytes=4096,max-lines=24" in new
    assert "draft/multiline " in f"{old} "
    assert "draft/multiline=" not in old


def test_what_is_switched_off_is_neither_offered_nor_given(open_chat: OpenChat) -> None:
    client = open_chat({"limits.multiline_lines": 0}).connect()
    assert "draft/multiline" not in "".join(client.ask("CAP LS 302"))
    assert " NAK " in client.ask("CAP REQ draft/multiline")[0]


def test_what_a_rehash_switches_off_is_told_and_taken_away(chat: Chat) -> None:
    ann = chat.irc("ann", ["draft/multiline"])
    stranger = chat.connect()
    stranger.ask("CAP LS 302", "CAP REQ :draft/multiline batch")
    rehashed(chat, multiline_lines=0)
    assert ann.lines() == [":chat.example CAP ann DEL :draft/multiline"]
    assert ann.ask("CAP LIST") == [":chat.example CAP ann LIST :cap-notify"]
    assert stranger.ask("CAP LIST") == [
        ":chat.example CAP * DEL :draft/multiline",
        ":chat.example CAP * LIST :batch cap-notify",
    ]
    kind = chat.server.hub.readers()[0].kind
    assert kind.caps == {"cap-notify"}, "how they hear things changes with it"


def test_what_a_rehash_brings_is_told_with_its_value_and_can_be_had(open_chat: OpenChat) -> None:
    chat = open_chat({"limits.multiline_lines": 0})
    ann = chat.irc("ann")
    rehashed(chat, multiline_lines=5)
    value = "draft/multiline=max-bytes=4096,max-lines=5"
    assert ann.lines() == [f":chat.example CAP ann NEW :{value}"]
    assert " ACK " in ann.ask("CAP REQ draft/multiline")[0]
    rehashed(chat, multiline_lines=6)
    assert ann.lines() == [f":chat.example CAP ann NEW :{value[:-1]}6"]
    assert "draft/multiline" in ann.ask("CAP LIST")[0]


def test_who_is_shown_no_values_is_told_of_none(open_chat: OpenChat) -> None:
    chat = open_chat({"limits.multiline_lines": 0})
    ann, ben = chat.connect(), chat.connect()
    ann.ask("CAP LS", "CAP REQ cap-notify", "NICK ann", "USER ann 0 * :Ann", "CAP END")
    ben.ask("CAP LS", "NICK ben", "USER ben 0 * :Ben", "CAP END")
    rehashed(chat, multiline_lines=5)
    assert ann.lines() == [":chat.example CAP ann NEW :draft/multiline"]
    rehashed(chat, multiline_lines=6)
    assert ann.lines() == ben.lines() == []


def test_who_wants_no_news_loses_what_is_gone_all_the_same(chat: Chat) -> None:
    ben = chat.connect()
    ben.ask("CAP LS", "CAP REQ draft/multiline", "NICK ben", "USER ben 0 * :Ben", "CAP END")
    rehashed(chat, multiline_lines=0)
    assert ben.ask("CAP LIST") == [":chat.example CAP ben LIST :"]
