"""Who hears of what somebody changes of themselves, and how often: members of several channels,
those who monitor the nick, and those who do both or neither."""

from __future__ import annotations

import pytest

from ircish.events import AccountSet, HostSet
from ircish.testing import Chat, IrcClient

NOTIFY = ("away-notify", "account-notify", "chghost", "setname")
ANN = ":ann!~ann@127.0.0.1"
MOVED = ":ann!tea@tea.example"

HEARD = [
    f"{ANN} AWAY :lunch",
    f"{ANN} AWAY",
    f"{ANN} SETNAME :Ann of Example",
    f"{ANN} ACCOUNT anna",
    f"{ANN} ACCOUNT *",
    f"{ANN} CHGHOST tea tea.example",
]


def change_everything(chat: Chat, ann: IrcClient) -> list[str]:
    """Ann is away and back, has another name, logs in and out, and gets another host; what she
    reads of it."""
    read = ann.ask("AWAY :lunch", "AWAY :lunch", "AWAY", "AWAY", "SETNAME :Ann of Example")
    number = chat.server.snapshots.person("ann").id
    for event in (
        AccountSet(number, "anna"),
        AccountSet(number, None),
        HostSet(number, "tea", "tea.example"),
    ):
        chat.server.hub.publish(event)
    return read + ann.lines()


def test_everybody_hears_once_who_asked_and_shares_a_channel_or_monitors(chat: Chat) -> None:
    ann = chat.irc("ann", NOTIFY, join="#dev,#tea")
    extended = (*NOTIFY, "extended-monitor")
    listeners = {
        "shares two channels": chat.irc("b1", NOTIFY, join="#dev,#tea"),
        "shares and monitors": chat.irc("b2", extended, join="#dev"),
        "only monitors": chat.irc("b3", extended),
    }
    deaf = {
        "shares and has not asked": chat.irc("c1", ["extended-monitor"], join="#dev"),
        "monitors without the extension": chat.irc("c2", NOTIFY),
        "monitors and has not asked": chat.irc("c3", ["extended-monitor"]),
        "neither": chat.irc("c4", extended, join="#other"),
        "was in the channel": chat.irc("c5", extended, join="#dev"),
        "monitored": chat.irc("c6", extended),
        "at nc": chat.nc("c7"),
    }
    for watcher in (*listeners.values(), *deaf.values()):
        if watcher.nick in ("b2", "b3", "c2", "c3", "c6"):
            watcher.ask("MONITOR + ann")
    deaf["was in the channel"].ask("PART #dev")
    deaf["monitored"].ask("MONITOR - ANN")
    deaf["at nc"].ask("JOIN #dev", "MONITOR ann")
    for client in (ann, *listeners.values(), *deaf.values()):
        client.lines()
    own = change_everything(chat, ann)
    numerics = [line.split(" ")[1] for line in own if line.startswith(":chat.example")]
    assert numerics == ["306", "306", "305", "305"]
    assert [line for line in own if not line.startswith(":chat.example")] == HEARD[2:]
    for who, client in listeners.items():
        assert client.lines() == HEARD, who
    for who, client in deaf.items():
        assert client.lines() == [], who
    ann.ask("PRIVMSG #dev :hi")
    assert listeners["shares two channels"].lines() == [f"{MOVED} PRIVMSG #dev :hi"]


@pytest.mark.parametrize("caps", [(), ("chghost",), ("chghost", "extended-monitor")])
def test_who_is_in_no_channel_hears_of_their_own_new_host_once(
    chat: Chat, caps: tuple[str, ...]
) -> None:
    ann = chat.irc("ann", caps)
    ann.ask("MONITOR + ann")
    number = chat.server.snapshots.person("ann").id
    chat.server.hub.publish(HostSet(number, "tea", "tea.example"))
    assert ann.lines() == ([HEARD[-1]] if caps else [])


def test_who_comes_in_is_heard_as_each_asked_to(chat: Chat) -> None:
    caps = ["extended-join", "away-notify", "userhost-in-names", "multi-prefix", "account-tag"]
    ben, cyd = chat.irc("ben", caps, join="#dev"), chat.irc("cyd", join="#dev")
    ben.lines()
    ann = chat.irc("ann", caps)
    chat.server.hub.publish(AccountSet(chat.server.snapshots.person("ann").id, "anna"))
    ann.ask("AWAY :lunch", "MODE ann +B")
    own = ann.ask("JOIN #dev")
    assert own[0] == f"@account=anna {ANN} JOIN #dev anna :Ann"
    assert not [line for line in own if " AWAY " in line]
    assert any(
        line.endswith(":@ben!~ben@127.0.0.1 cyd!~cyd@127.0.0.1 ann!~ann@127.0.0.1") for line in own
    )
    assert ben.lines() == [
        f"@account=anna {ANN} JOIN #dev anna :Ann",
        f"@account=anna {ANN} AWAY :lunch",
    ]
    assert cyd.lines() == [f"{ANN} JOIN #dev"]
    ben.ask("MODE #dev +v ben")
    assert "@+ben!" in ben.ask("NAMES #dev")[0]
    cyd.lines()
    assert cyd.ask("NAMES #dev")[0].endswith(" :@ben cyd ann")


def test_a_bot_is_marked_in_all_that_it_does(chat: Chat) -> None:
    ann, ben = chat.irc("ann"), chat.irc("ben", ["message-tags"], join="#dev")
    cyd = chat.irc("cyd", join="#dev")
    ben.ask("MODE ben")
    ann.ask("MODE ann +B", "JOIN #dev", "PRIVMSG #dev :beep", "PRIVMSG ben :boop", "PART #dev")
    heard = [line for line in ben.messages() if line.source.startswith("ann!")]
    assert [line.verb for line in heard] == ["JOIN", "PRIVMSG", "PRIVMSG", "PART"]
    assert all(line.tags.get("bot") == "" for line in heard)
    assert cyd.lines()[0] == f"{ANN} JOIN #dev"
    ann.ask("MODE ann -B", "PRIVMSG ben :hi")
    assert [line.tags.get("bot") for line in ben.messages()] == [None]
