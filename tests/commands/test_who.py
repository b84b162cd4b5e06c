"""WHO, for people and for IRC clients, and WHOX."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ircish.testing import Chat, IrcClient, Person

HEAD = ":chat.example"


def gather(chat: Chat) -> Chat:
    """ann at nc in #lobby; ben, an operator of #dev, away; cyd, invisible, in #dev; dan, a bot
    alone in #den, which is secret."""
    chat.nc("ann")
    ben, cyd, dan = chat.irc("ben", join="#dev"), chat.irc("cyd", join="#dev"), chat.irc("dan")
    ben.ask("AWAY :lunch")
    cyd.ask("MODE cyd +i", "SETNAME :Cyd of Example")
    dan.ask("MODE dan +B", "JOIN #den", "MODE #den +s")
    return chat


@pytest.fixture
def crowd(chat: Chat) -> Chat:
    return gather(chat)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    """The same, one for all who only ask."""
    chat = gather(Chat(tmp_path_factory.mktemp("who")))
    yield chat
    chat.close()


@pytest.fixture(scope="module")
def fay(asked: Chat) -> Person:
    return asked.nc("fay")


@pytest.fixture(scope="module")
def eve(asked: Chat, fay: Person) -> IrcClient:
    return asked.irc("eve")


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("WHO", ["*** ann (ann@127.0.0.1) ann", "*** fay (fay@127.0.0.1) fay"]),
        ("WHO #dev", ["*** ben (~ben@127.0.0.1) Ben, operator here, away"]),
        ("WHO A*", ["*** ann (ann@127.0.0.1) ann"]),
        ("WHO b?n", ["*** ben (~ben@127.0.0.1) Ben, away"]),
        ("WHO DAN", ["*** dan (~dan@127.0.0.1) Dan, a bot"]),
        ("WHO ?e[n]", ["*** Nobody."]),
        ("WHO c*", ["*** Nobody."]),
        ("WHO CYD", ["*** cyd (~cyd@127.0.0.1) Cyd of Example"]),
        ("WHO #nowhere", ["!!! There is no channel #nowhere."]),
        ("WHO #den", ["!!! There is no channel #den."]),
    ],
)
def test_people_read_who_is_here(fay: Person, typed: str, lines: list[str]) -> None:
    assert fay.ask(typed) == lines


@pytest.mark.parametrize(
    ("mask", "nicks"),
    [
        ("", "ann ben dan eve fay"),
        ("*", "ann ben dan eve fay"),
        ("0", "ann ben dan eve fay"),
        ("chat.*", "ann ben dan eve fay"),  # the server
        ("127.0.0.?", "ann ben dan eve fay"),  # hosts
        ("BEN", "ben"),  # a nick
        ("~b*", "ben"),  # a user name
        ("D?N", "dan"),
        (":* of Example", ""),  # a real name, but of somebody invisible
        ("*!~?en@127.*", "ben"),
        ("a*1", ""),  # not over several of these together
        ("cyd", "cyd"),  # who knows the nick may ask
        ("cy?", ""),
        ("#dev", "ben"),
        ("#DEV", "ben"),
        ("#den", ""),
        ("#nowhere", ""),
        ("nobody", ""),
    ],
)
def test_a_mask_is_of_a_channel_a_nick_a_user_a_host_a_server_or_a_real_name(
    eve: IrcClient, mask: str, nicks: str
) -> None:
    *found, end = eve.messages(f"WHO {mask}".rstrip())
    assert " ".join(sorted(line.params[5] for line in found)) == nicks
    assert {line.verb for line in found} <= {"352"}
    shown = mask if mask and " " not in mask else "*"
    assert (end.verb, end.params) == ("315", ("eve", shown, "End of WHO"))


def test_irc_clients_are_told_flags_and_of_a_channel_the_status(crowd: Chat) -> None:
    eve = crowd.irc("eve", ["multi-prefix"], join="#dev")
    ben, operator = crowd.irc("fay", join="#new"), crowd.server.one_time_password
    assert eve.ask("WHO #dev") == [
        f"{HEAD} 352 eve #dev ~ben 127.0.0.1 chat.example ben G@ :0 Ben",
        f"{HEAD} 352 eve #dev ~cyd 127.0.0.1 chat.example cyd H :0 Cyd of Example",
        f"{HEAD} 352 eve #dev ~eve 127.0.0.1 chat.example eve H :0 Eve",
        f"{HEAD} 315 eve #dev :End of WHO",
    ]
    assert eve.ask("WHO dan")[0] == (f"{HEAD} 352 eve * ~dan 127.0.0.1 chat.example dan HB :0 Dan")
    assert eve.ask("WHO * o") == [f"{HEAD} 315 eve * :End of WHO"]
    ben.ask(f"OPER admin :{operator}", "MODE #new +qv fay fay")
    eve.ask("JOIN #new")
    assert [line.split(" ")[8] for line in eve.ask("WHO * o")[:-1]] == ["H*"]
    assert eve.ask("WHO #new")[0].split(" ")[8] == "H*~@+"
    assert crowd.irc("gil", join="#new").ask("WHO #new")[0].split(" ")[8] == "H*~"


def test_who_shares_a_channel_sees_the_invisible_and_an_operator_all(crowd: Chat) -> None:
    eve = crowd.irc("eve")
    assert eve.ask("WHO c*", "WHO #den") == [
        f"{HEAD} 315 eve c* :End of WHO",
        f"{HEAD} 315 eve #den :End of WHO",
    ]
    eve.ask("JOIN #dev")
    assert len(eve.ask("WHO c*")) == 2
    eve.ask("PART #dev", f"OPER admin :{crowd.server.one_time_password}")
    assert len(eve.ask("WHO c*")) == 2
    assert "#den" in eve.ask("WHO #den")[0]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("dan %tcuihsnfdlaor,123", "123 * ~dan 255.255.255.255 127.0.0.1 chat.example dan HB 0 "
         "IDLE 0 n/a :Dan"),
        ("dan %roaldfnshiuct,9", "9 * ~dan 255.255.255.255 127.0.0.1 chat.example dan HB 0 IDLE 0 "
         "n/a :Dan"),
        ("dan %cuhnar", "* ~dan 127.0.0.1 dan 0 :Dan"),
        ("dan %tn,1", "1 dan"),
        ("dan %tn", "0 dan"),
        ("dan %tn,1234", "0 dan"),
        ("dan %nXY", "dan"),
        ("dan %r", ":Dan"),
        ("#dev %cnf,5", "#dev ben G@"),
        ("eve %ni", "127.0.0.1 eve"),
    ],
)  # fmt: skip
def test_a_client_is_told_the_fields_that_it_asks_for_in_their_order(
    eve: IrcClient, wanted: str, told: str
) -> None:
    line, end = eve.ask(f"WHO {wanted}")
    words = line.split(" ")
    if "IDLE" in told:
        assert words[12].isdigit()
        words[12] = "IDLE"
    assert " ".join(words) == f"{HEAD} 354 eve {told}"
    assert end == f"{HEAD} 315 eve {wanted.split(' ', maxsplit=1)[0]} :End of WHO"


def test_operators_are_told_addresses_that_others_are_not(crowd: Chat) -> None:
    eve = crowd.irc("eve")
    eve.ask(f"OPER admin :{crowd.server.one_time_password}", "CHGHOST dan tea tea.example")
    assert eve.ask("WHO dan %nih,1")[0] == f"{HEAD} 354 eve 127.0.0.1 tea.example dan"
    dan = crowd.irc("fay").ask("WHO dan %nih")[0]
    assert dan == f"{HEAD} 354 fay 255.255.255.255 tea.example dan"


def test_only_operators_of_the_server_are_found_where_that_is_asked_for(crowd: Chat) -> None:
    eve = crowd.irc("eve")
    assert len(eve.ask("WHO * o%n")) == 1
    eve.ask(f"OPER admin :{crowd.server.one_time_password}")
    assert eve.ask("WHO * o%n")[0] == f"{HEAD} 354 eve eve"
