"""People: WHOIS, WHOWAS, AWAY, SETNAME, ISON, USERHOST."""

from __future__ import annotations

import re

import pytest

from ircish.commands.people import ago
from ircish.events import AccountSet
from ircish.testing import Chat, IrcClient

HEAD = ":chat.example"


def numerics(lines: list[str]) -> str:
    return " ".join(line.split(" ")[1] for line in lines)


def channels(client: IrcClient, nick: str) -> set[str]:
    """Those that WHOIS names."""
    lines = client.messages(f"WHOIS {nick}")
    return {name for line in lines if line.verb == "319" for name in line.params[2].split(" ")}


# WHOIS ------------------------------------------------------------------------------------------


def test_people_read_where_somebody_is_and_whether_they_are_away(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.ask("JOIN #dev", "AWAY lunch")
    is_, channels, away, came = ann.ask("WHOIS BEN")
    assert is_ == "*** ben is ben@127.0.0.1 (ben)"
    assert channels == "*** ben is in #lobby @#dev"
    assert away == "*** ben is away: lunch"
    assert re.fullmatch(
        r"\*\*\* ben came in [0-9-]{10} [0-9]{2}:[0-9]{2}, last spoke just now", came
    )
    assert ann.ask("WHOIS nobody") == ["!!! Nobody here is called nobody."]
    names = [line.split(" ")[1] for line in ann.ask("WHOIS ann,ben") if " came in " in line]
    assert names == ["ann", "ben"]


def test_irc_clients_are_told_all_there_is_to_know(chat: Chat) -> None:
    cyd, ben = chat.irc("cyd"), chat.irc("ben", join="#dev")
    chat.server.hub.publish(AccountSet(chat.server.snapshots.person("ben").id, "benjamin"))
    ben.ask(f"OPER admin :{chat.server.one_time_password}", "MODE ben +B", "AWAY :lunch")
    lines = cyd.ask("WHOIS BEN")
    assert re.fullmatch(
        f"{HEAD} 317 cyd ben [0-9] [0-9]{{10}} :seconds idle, signon time", lines.pop(-2)
    )
    assert lines == [
        f"{HEAD} 311 cyd ben ~ben 127.0.0.1 * :Ben",
        f"{HEAD} 319 cyd ben :@#dev",
        f"{HEAD} 312 cyd ben chat.example :ircish chat",
        f"{HEAD} 313 cyd ben :is a server operator",
        f"{HEAD} 335 cyd ben :is a bot",
        f"{HEAD} 330 cyd ben benjamin :is logged in as",
        f"{HEAD} 301 cyd ben :lunch",
        f"{HEAD} 318 cyd BEN :End of WHOIS",
    ]
    shown = ["*** ben is an operator of this server", "*** ben is a bot"]
    assert chat.nc("ann").ask("WHOIS ben")[2:5] == [*shown, "*** ben is logged in as benjamin"]


def test_from_where_somebody_comes_is_told_to_themselves_and_to_operators(chat: Chat) -> None:
    ben, cyd = chat.irc("ben"), chat.irc("cyd")
    cyd.ask(f"OPER admin :{chat.server.one_time_password}", "CHGHOST ben tea tea.example")
    own = [
        f"{HEAD} 338 {{}} ben 127.0.0.1 :is actually using host",
        f"{HEAD} 379 {{}} ben :is using modes +i",
    ]
    ben.ask("MODE ben +i")
    for client in (ben, cyd):
        assert [line.format(client.nick) for line in own] == client.ask("WHOIS ben")[2:4]
    assert numerics(ben.ask("WHOIS cyd")) == "311 312 313 317 318"
    assert numerics(chat.irc("dan").ask("WHOIS ben")) == "311 312 317 318"


ALL = "311 319 312 317 318"


def test_a_server_may_come_before_the_nick_and_the_end_comes_last(chat: Chat) -> None:
    chat.irc("ben", join="#dev")
    cyd = chat.irc("cyd")
    for server, nick, told in (
        ("", "ben", ALL),
        ("chat.example ", "ben", ALL),
        ("CHAT.* ", "ben", ALL),
        ("ben ", "ben", ALL),
        ("", "ben,nobody,ben", "311 319 312 317 401 311 319 312 317 318"),
        ("", "nobody", "401 318"),
        ("no.server ", "ben", "402"),
        ("", ":", "431"),
    ):
        lines = cyd.ask(f"WHOIS {server}{nick}")
        assert numerics(lines) == told
        if told.endswith("318"):
            assert lines[-1] == f"{HEAD} 318 cyd {nick} :End of WHOIS"


def test_channels_are_named_to_those_who_may_know_of_them(chat: Chat) -> None:
    ben, cyd, oper = chat.irc("ben"), chat.irc("cyd", ["multi-prefix"]), chat.irc("oper")
    ben.ask("JOIN #open,#den,#shared", "MODE #den +s", "MODE #open +v ben")
    cyd.ask("JOIN #shared")
    oper.ask(f"OPER admin :{chat.server.one_time_password}")
    assert channels(cyd, "ben") == {"@+#open", "@#shared"}
    assert channels(ben, "ben") == channels(oper, "ben") == {"@#open", "@#den", "@#shared"}
    cyd.ask("JOIN #den")
    assert channels(cyd, "ben") == {"@+#open", "@#shared", "@#den"}
    ben.ask("MODE ben +i")
    cyd.ask("PART #den")
    assert channels(cyd, "ben") == {"@#shared"}
    assert channels(chat.irc("dan"), "ben") == set()


def test_many_channels_are_named_in_several_lines(chat: Chat) -> None:
    names = [f"#{'x' * 30}{number}" for number in range(10, 30)]
    ben = chat.irc("ben")
    ben.ask(*[f"JOIN {name}" for name in names])
    lines = [line for line in ben.ask("WHOIS ben") if " 319 " in line]
    assert len(lines) == 2
    assert all(len(line) < 500 for line in lines)
    assert " ".join(line.partition(" :")[2] for line in lines) == " ".join(
        f"@{name}" for name in names
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"), (59, "just now"), (60, "1 min ago"), (3599, "59 min ago"),
        (3600, "1 h ago"), (172_799, "47 h ago"), (172_800, "2 days ago"),
    ],
)  # fmt: skip
def test_how_long_ago_in_words(seconds: int, words: str) -> None:
    assert ago(seconds) == words


# WHOWAS -----------------------------------------------------------------------------------------


def test_who_has_left_or_is_called_otherwise_is_remembered_the_last_first(chat: Chat) -> None:
    cyd, ann = chat.irc("cyd"), chat.nc("ann")
    ann.ask("NICK anna")
    first = chat.irc("ann")
    first.send("QUIT")
    first.rest()
    *lines, end = cyd.messages("WHOWAS ANN")
    assert [line.params[:4] for line in lines if line.verb == "314"] == [
        ("cyd", "ann", "~ann", "127.0.0.1"),
        ("cyd", "ann", "ann", "127.0.0.1"),
    ]
    when = lines[1].params[3]
    assert re.fullmatch("[0-9-]{10} [0-9]{2}:[0-9]{2}", when)
    assert lines[1].params == ("cyd", "ann", "chat.example", when)
    assert end.params == ("cyd", "ANN", "End of WHOWAS")
    for count, size in ((1, 1), (2, 2), (0, 2), (-1, 2)):
        assert numerics(cyd.ask(f"WHOWAS ann {count}")) == "314 312 " * size + "369"
    assert cyd.ask("WHOWAS zoe", "WHOWAS") == [
        f"{HEAD} 406 cyd zoe :There was no such nickname",
        f"{HEAD} 369 cyd zoe :End of WHOWAS",
        f"{HEAD} 461 cyd WHOWAS :Not enough parameters",
    ]
    assert ann.ask("WHOWAS ann 1", "WHOWAS zoe") == [
        f"*** ann was ~ann@127.0.0.1 (Ann), until {when}",
        "!!! Nobody who is called zoe has left lately.",
    ]


# ISON, USERHOST ---------------------------------------------------------------------------------


def test_programs_ask_who_is_here_and_from_where(chat: Chat) -> None:
    ben = chat.irc("ben")
    chat.nc("ann").ask("AWAY lunch")
    ben.ask(f"OPER admin :{chat.server.one_time_password}", "MODE ben +i")
    assert ben.ask("ISON ANN zoe ben", "ISON :zoe ann", "ISON zoe", "ISON") == [
        f"{HEAD} 303 ben :ann ben",
        f"{HEAD} 303 ben :ann",
        f"{HEAD} 303 ben :",
        f"{HEAD} 461 ben ISON :Not enough parameters",
    ]
    assert ben.ask("USERHOST ann zoe BEN", "USERHOST a b c d e ann", "USERHOST") == [
        f"{HEAD} 302 ben :ann=-ann@127.0.0.1 ben*=+~ben@127.0.0.1",
        f"{HEAD} 302 ben :",
        f"{HEAD} 461 ben USERHOST :Not enough parameters",
    ]


# AWAY -------------------------------------------------------------------------------------------


def test_away_is_said_and_taken_back(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.irc("ben")
    assert ann.ask("AWAY lunch") == ["*** You are marked as away."]
    assert ann.ask("AWAY") == ["*** You are no longer away."]
    away, back = (
        f"{HEAD} 306 ben :You have been marked as being away",
        f"{HEAD} 305 ben :You are no longer marked as being away",
    )
    assert ben.ask("AWAY :lunch", "AWAY", "AWAY *", "AWAY :") == [away, back, away, back]
    ben.ask(f"AWAY :{'é' * 201}")
    assert ann.ask("WHOIS ben")[1] == f"*** ben is away: {'é' * 200}"


def test_who_says_so_before_they_come_in_comes_in_away(chat: Chat) -> None:
    watcher = chat.irc("cyd", ["extended-monitor", "away-notify"])
    watcher.ask("MONITOR + ben,dan")
    ben = chat.connect()
    ben.send("CAP REQ :draft/pre-away", "NICK ben", "USER ben 0 * :Ben", "AWAY :lunch", "CAP END")
    assert " 306 * " in ben.expect(" 306 ")
    ben.expect(" 422 ")
    assert watcher.lines() == [
        f"{HEAD} 730 cyd :ben!~ben@127.0.0.1",
        ":ben!~ben@127.0.0.1 AWAY :lunch",
    ]
    assert f"{HEAD} 301 cyd ben :lunch" in watcher.ask("WHOIS ben")
    dan = chat.connect()
    dan.send("CAP LS", "NICK dan", "AWAY *", "AWAY", "USER dan 0 * :Dan", "CAP END")
    dan.expect(" 422 ")
    assert watcher.lines() == [f"{HEAD} 730 cyd :dan!~dan@127.0.0.1"]


def test_a_person_too_comes_in_away(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.connect()
    ben.ask("AWAY lunch", "NICK ben")
    assert "*** ben is away: lunch" in ann.ask("WHOIS ben")


# SETNAME ----------------------------------------------------------------------------------------


def test_a_real_name_can_be_changed_by_everyone(chat: Chat) -> None:
    ann, ben, cyd = chat.nc("ann"), chat.irc("ben"), chat.irc("cyd", ["setname"])
    assert ann.ask("SETNAME Ann Example") == ["*** Your real name is Ann Example now."]
    assert ann.ask("WHOIS ann")[0] == "*** ann is ann@127.0.0.1 (Ann Example)"
    assert ben.ask("SETNAME :Ben Example") == []
    assert cyd.ask("SETNAME :Cyd Example") == [":cyd!~cyd@127.0.0.1 SETNAME :Cyd Example"]
    assert ben.ask("WHOIS ben")[0].endswith(" * :Ben Example")


def test_a_real_name_that_is_none_or_too_long_is_refused(chat: Chat) -> None:
    ben = chat.irc("ben")
    for name in ("", ":", f":{'é' * 151}"):
        assert ben.ask(f"SETNAME {name}") == [
            f"{HEAD} FAIL SETNAME INVALID_REALNAME :A real name has 1 to 150 characters"
        ]
    assert "NAMELEN=150" in " ".join(ben.welcome)
    ben.ask(f"SETNAME :{'é' * 150}")
    assert ben.ask("WHOIS ben")[0].endswith(f" * :{'é' * 150}")


def test_a_real_name_that_is_too_long_on_coming_in_is_cut(chat: Chat) -> None:
    client = chat.connect()
    client.send("NICK ben", f"USER ben 0 * :{'x' * 200}")
    client.expect(" 422 ")
    assert client.ask("WHOIS ben")[0].endswith(f" * :{'x' * 150}")
