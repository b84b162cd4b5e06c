"""Who may read what was said: every verb that shows, searches or names what is past, against
everyone who may not read it. They are shown nothing, nor told whether there is anything."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from ircish.testing import Chat, Client

CAPS = [
    "batch",
    "draft/chathistory",
    "draft/event-playback",
    "draft/message-redaction",
    "draft/multiline",
    "draft/read-marker",
    "message-tags",
    "server-time",
]

KEPT_OUT = {
    "never": "#dev",
    "parted": "#dev",
    "kicked": "#dev",
    "banned": "#dev",
    "oper": "#dev",
    "uninvited": "#invite",
    "keyless": "#key",
    "late": "#full",
    "secretless": "#secret",
}
"""Who may not read, and which channel: never was in it; has left it; was put out; may not come
back either; operates the server and is no member; was kept out by +i, by +k, by +l; does not know
of it (+s)."""

CHANNELS = tuple(dict.fromkeys(KEPT_OUT.values()))

UNSAY = "UNSAY {c}"

PLAIN = [
    "HISTORY",
    "HISTORY 1000",
    "HISTORY {c}",
    "HISTORY {C} 50",
    "SEARCH needle",
    "SEARCH needle*",
    "SEARCH early",
    "SEARCH {c} needle",
    "SEARCH {C} need*",
    UNSAY,
]
"""What people at nc, and IRC clients, ask."""

IRC = [
    *PLAIN,
    "CHATHISTORY LATEST {c} * 50",
    "CHATHISTORY LATEST {C} * 50",
    "CHATHISTORY LATEST {c} msgid={id} 50",
    "CHATHISTORY LATEST {c} timestamp={old} 50",
    "CHATHISTORY BEFORE {c} msgid={id} 50",
    "CHATHISTORY BEFORE {c} timestamp={new} 50",
    "CHATHISTORY AFTER {c} msgid={id} 50",
    "CHATHISTORY AFTER {c} timestamp={old} 50",
    "CHATHISTORY AROUND {c} msgid={id} 50",
    "CHATHISTORY AROUND {c} timestamp={new} 50",
    "CHATHISTORY BETWEEN {c} msgid={id} timestamp={new} 50",
    "CHATHISTORY BETWEEN {c} timestamp={old} timestamp={new} 50",
    "CHATHISTORY BETWEEN {c} timestamp={new} timestamp={old} 50",
    "CHATHISTORY TARGETS timestamp={old} timestamp={new} 50",
    "CHATHISTORY AROUND {own} msgid={id} 50",
    "REDACT {c} {id}",
    "REDACT {own} {id}",
    "REDACT ann {id}",
    "MARKREAD {c}",
]
"""What IRC clients ask."""

OLD, NEW = "2001-01-01T00:00:00.000Z", "2199-01-01T00:00:00.000Z"


@dataclass
class World:
    """One chat with everybody in it."""

    chat: Chat
    people: dict[str, Client] = field(default_factory=dict)
    msgids: dict[str, str] = field(default_factory=dict)
    """of something that was said, by where"""

    def come(self, name: str, dialect: str, channel: str = "") -> Client:
        """Somebody in ``channel``, and in one of their own."""
        nick = f"{name}{dialect[0]}"
        if dialect == "irc":
            client: Client = self.chat.irc(nick, CAPS, join=f"#own{nick}")
        else:
            client = self.chat.nc(nick)
            client.ask(f"JOIN #own{nick}", "PART #lobby")
        if channel:
            client.ask(f"JOIN {channel}")
        self.people[nick] = client
        return client

    def ask(self, nick: str, request: str, channel: str, msgid: str) -> list[str]:
        """What somebody reads who asks that of a channel or of something said there."""
        own = f"#own{nick}"
        words = {"c": channel, "C": channel.upper(), "id": msgid, "old": OLD, "new": NEW}
        return self.people[nick].ask(request.format(**words, own=own))


def say(world: World, text: str, target: str) -> None:
    """ann says it, in every way there is."""
    ann = world.people["ann"]
    world.msgids[target] = ""
    lines = [f"@batch=1 PRIVMSG {target} :{text} {number}" for number in range(2)]
    for each in ann.ask(
        f"PRIVMSG {target} :{text}",
        f"NOTICE {target} :{text}",
        f"PRIVMSG {target} :\x01ACTION {text}\x01",
        f"@+needle TAGMSG {target}",
        f"BATCH +1 draft/multiline {target}",
        *lines,
        "BATCH -1",
    ):
        if found := re.search("msgid=([0-9a-f]+)", each):
            world.msgids[target] = found[1]
    assert world.msgids[target]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Where ann has said: ``needle early``, while those were there who are not any more;
    ``needle late`` since; ``needle taken``, which she took back; ``needle status`` to operators
    alone; ``needle private`` to benp and to beni."""
    chat = Chat(tmp_path_factory.mktemp("world"), operators={"admin": "secret"})
    world = World(chat)
    ann = world.people["ann"] = chat.irc("ann", [*CAPS, "echo-message"], join=",".join(CHANNELS))
    ann.ask("MODE #invite +i", "MODE #key +k sesame", "MODE #full +l 1", "MODE #secret +s")
    for dialect in ("plain", "irc"):
        for name in ("parted", "kicked", "banned", "ben"):
            world.come(name, dialect, "#dev")
        for name in KEPT_OUT.keys() - {"parted", "kicked", "banned"}:
            world.come(name, dialect)
        world.people[f"oper{dialect[0]}"].ask("OPER admin secret")
    for channel in CHANNELS:
        say(world, "needle early", channel)
    for letter in "pi":
        world.people[f"parted{letter}"].ask("PART #dev")
        ann.ask(f"KICK #dev kicked{letter}", f"KICK #dev banned{letter}")
    ann.ask("MODE #dev +b banned*!*@*")
    for channel in CHANNELS:
        (echo,) = ann.messages(f"PRIVMSG {channel} :needle taken")
        ann.ask(f"REDACT {channel} {echo.tags['msgid']}")
        if channel == "#dev":
            world.msgids["taken"] = echo.tags["msgid"]
        say(world, "needle status", f"@{channel}")
        say(world, "needle late", channel)
    for nick in ("benp", "beni"):
        say(world, "needle private", nick)
    chat.settled()
    for name in ("kickedp", "bannedp"):  # who is told once, at their next line, where they are
        world.people[name].ask("NAMES")
    for client in world.people.values():
        client.lines()
    yield world
    chat.close()


def told(lines: list[str], *names: str) -> list[str]:
    """What is told, whatever the channel and the message are called that were asked for."""
    text = re.sub(r"BATCH ([+-])\S+", r"BATCH \1x", "\n".join(lines)).lower()
    text = re.sub(r"batch=[^; ]+", "batch=x", text)
    for number, name in enumerate(names):
        text = text.replace(name.lower(), f"<{number}>")
    return text.splitlines()


@pytest.mark.parametrize(
    ("dialect", "request_"),
    [*[("plain", each) for each in PLAIN], *[("irc", each) for each in IRC]],
)
@pytest.mark.parametrize("who", KEPT_OUT)
def test_who_may_not_read_is_told_nothing_at_all(
    world: World, who: str, dialect: str, request_: str
) -> None:
    nick, channel = f"{who}{dialect[0]}", KEPT_OUT[who]
    msgid, none = world.msgids[channel], "abcdefabc"
    there = world.ask(nick, request_, channel, msgid)
    nowhere = world.ask(nick, request_, "#nowhere", none)
    assert there
    assert not any("needle" in line or "early" in line or "<ann>" in line for line in there)
    assert told(there, channel, msgid) == told(nowhere, "#nowhere", none)


@pytest.mark.parametrize("dialect", ["plain", "irc"])
@pytest.mark.parametrize("who", ["banned", "uninvited", "keyless", "late"])
def test_who_may_not_come_in_is_shown_nothing_on_trying(
    world: World, who: str, dialect: str
) -> None:
    nick, channel = f"{who}{dialect[0]}", KEPT_OUT[who]
    for request in (f"JOIN {channel}", f"JOIN {channel} wrong", "HISTORY", "SEARCH needle"):
        lines = world.people[nick].ask(request)
        assert lines
        assert not any("needle" in line for line in lines)


@pytest.mark.parametrize("request_", IRC)
@pytest.mark.parametrize("secret", ["private", "status"])
def test_others_private_words_and_those_to_operators_are_nowhere(
    world: World, secret: str, request_: str
) -> None:
    names = {"private": ["beni", "ann", "benp"], "status": ["@#dev", "#dev"]}[secret]
    msgid, none = world.msgids[names[0]], "abcdefabc"
    for nick in ("beni", "neveri", "operi"):
        for name in names:
            lines = world.ask(nick, request_, name, msgid)
            assert not any(f"needle {secret}" in line for line in lines)
            assert told(lines, msgid) == told(world.ask(nick, request_, name, none), none)


@pytest.mark.parametrize(
    ("dialect", "request_"),
    [("plain", each) for each in PLAIN if each != UNSAY]
    + [("irc", each) for each in IRC if each != UNSAY],
)
def test_what_was_taken_back_is_shown_to_nobody(world: World, dialect: str, request_: str) -> None:
    for nick in (f"ben{dialect[0]}", *(["ann"] if dialect == "irc" else [])):
        for request in (request_, request_.replace("needle", "taken")):
            lines = world.ask(nick, request, "#dev", world.msgids["taken"])
            assert lines
            assert not any("taken" in line for line in lines)


MEMBERS = {
    "HISTORY {c}": "<ann> needle late",
    "HISTORY {C} 50": "<ann> needle early",
    "SEARCH needle": "<ann> needle late",
    "SEARCH {C} need*": "<ann> needle early",
    "CHATHISTORY LATEST {C} * 50": "PRIVMSG #dev :needle late",
    "CHATHISTORY LATEST {c} timestamp={old} 50": "TAGMSG #dev",
    "CHATHISTORY BEFORE {c} msgid={id} 50": "NOTICE #dev :needle late",
    "CHATHISTORY BEFORE {c} timestamp={new} 50": "PRIVMSG #dev :needle early",
    "CHATHISTORY AFTER {c} timestamp={old} 50": "PRIVMSG #dev :needle early 1",
    "CHATHISTORY AROUND {c} msgid={id} 50": "PRIVMSG #dev :needle late 1",
    "CHATHISTORY AROUND {c} timestamp={new} 50": "PRIVMSG #dev :needle late 1",
    "CHATHISTORY BETWEEN {c} timestamp={new} timestamp={old} 50": "PRIVMSG #dev :needle late",
    "CHATHISTORY TARGETS timestamp={old} timestamp={new} 50": "CHATHISTORY TARGETS #dev 2",
    "REDACT {c} {id}": "REDACT_FORBIDDEN #dev",
    "MARKREAD {c}": "MARKREAD #dev *",
}


@pytest.mark.parametrize(("request_", "read"), MEMBERS.items())
def test_a_member_reads_it(world: World, request_: str, read: str) -> None:
    for nick in ["beni", "benp"] if request_ in PLAIN else ["beni"]:
        lines = world.ask(nick, request_, "#dev", world.msgids["#dev"])
        assert any(read in line for line in lines), lines


def test_a_member_who_comes_in_is_shown_it_and_who_leaves_is_not_any_more(world: World) -> None:
    fred = world.chat.nc("fred")
    assert any(line.endswith("<ann> needle late") for line in fred.ask("JOIN #dev"))
    assert any("needle" in line for line in fred.ask("SEARCH needle"))
    assert not any("needle" in line for line in fred.ask("PART #dev", "HISTORY", "SEARCH needle"))


@pytest.mark.parametrize(
    "request_",
    [
        "HISTORY #dev",
        "SEARCH needle",
        "CHATHISTORY LATEST #dev * 50",
        f"CHATHISTORY AROUND #dev timestamp={NEW} 50",
        f"CHATHISTORY TARGETS timestamp={OLD} timestamp={NEW} 50",
    ],
)
def test_who_is_put_out_while_the_past_is_read_does_not_read_what_is_said_then(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, request_: str
) -> None:
    ann, eve = chat.irc("ann", CAPS, join="#dev"), chat.irc("eve", CAPS, join="#dev")
    archive, main = chat.server.history, threading.current_thread()

    def beforehand(read: Callable[..., object]) -> Callable[..., object]:
        def reads(*args: object, **more: object) -> object:
            if threading.current_thread() is not main:
                ann.ask("KICK #dev eve", "PRIVMSG #dev :a needle")
                chat.settled()
            return read(*args, **more)

        return reads

    monkeypatch.setattr(archive, "latest", beforehand(archive.latest))
    search = chat.server.search
    monkeypatch.setattr(search, "search", beforehand(search.search))
    lines = eve.ask(request_)
    assert any("KICK #dev eve" in line for line in lines)
    assert not any("needle" in line or "TARGETS #dev" in line for line in lines)


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [("#é", "#É"), ("#ß", "#ss"), ("#a[", "#a{"), ("#a^", "#a~"), ("#one", "#on"), ("##", "#.")],
)
def test_a_channel_of_nearly_the_same_name_is_another(world: World, theirs: str, mine: str) -> None:
    world.people["ann"].ask(f"JOIN {theirs}", f"PRIVMSG {theirs} :a needle")
    for nick, client in (("x", world.chat.irc("x", CAPS)), ("y", world.chat.nc("y"))):
        client.ask(f"JOIN {mine}")
        for request in (f"HISTORY {mine}", "SEARCH needle", f"SEARCH {mine} needle"):
            assert client.ask(request)[-1].rpartition(" ")[2] in ("found", "found.", "yet", "yet.")
        if nick == "x":
            latest = client.ask(f"CHATHISTORY LATEST {mine} * 9")
            assert not any("needle" in line for line in latest)
        client.send("QUIT")
        client.rest()
    world.people["ann"].ask(f"PART {theirs}")
