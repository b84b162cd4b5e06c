"""Coming in and leaving: NICK, USER, PASS, QUIT, PING; and which dialect it was."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from ircish.config import hash_password
from ircish.dialects.isupport import NAME_LENGTH
from ircish.server import negotiation
from ircish.testing import Chat, Client, Closed

OpenChat = Callable[..., Chat]


# The dialect is found out ---------------------------------------------------------------------


@pytest.mark.parametrize("first", ["CAP LS 302", "CAP LS", "USER ben 0 * :Ben"])
def test_cap_or_user_makes_an_irc_client(chat: Chat, first: str) -> None:
    client = chat.connect()
    rest = {"CAP LS 302", "USER ben 0 * :Ben"} - {first}
    client.send(first, "NICK ben", *rest, "CAP END")
    client.expect(" 001 ben ")


def test_pass_nick_and_user_wait_for_one_another_and_make_an_irc_client(chat: Chat) -> None:
    client = chat.connect()
    client.send("PASS x", "NICK ben", "USER ben 0 * :Ben")
    assert client.line() == ":chat.example 001 ben :Welcome to chat.example, ben!~ben@127.0.0.1"


def test_nick_alone_makes_a_person_when_nothing_follows(chat: Chat) -> None:
    client = chat.connect()
    client.send("NICK ann")
    assert client.line().startswith("*** Welcome, ann.")


def test_a_user_that_follows_nick_in_time_makes_an_irc_client(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(negotiation, "NICK_WAITS", 20.0)
    client = chat.connect()
    client.send("NICK ann")
    assert not client.readable()
    client.send("USER ann 0 * :Ann")
    client.expect(" 001 ann ")


@pytest.mark.parametrize("first", ["HELP", "TIME", "hello", "PING x", "PONG", "nick ann\nPONG x"])
def test_any_other_verb_makes_a_person(chat: Chat, first: str) -> None:
    client = chat.connect()
    assert all(line.startswith(("*** ", "!!! ")) for line in client.ask(*first.split("\n")))


def test_a_ping_behind_a_nick_is_answered_at_once_and_decides_nothing(chat: Chat) -> None:
    program, tool = chat.connect(), chat.connect()
    for client in (program, tool):
        client.send("NICK ann", "PING x")
        assert client.line() == ":chat.example PONG chat.example :x"
    tool.send("MSG hello")
    assert tool.line().startswith("*** Welcome, ann.")
    program.send("USER ann 0 * :Ann", "NICK ben")
    program.expect(" 433 * ann ")
    program.expect(" 001 ben ")


def test_silence_is_greeted_and_decides_nothing(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(negotiation, "GREETING_AFTER", 0.01)
    person, client = chat.connect(), chat.connect()
    assert person.line() == client.line()
    client.send("NICK ben", "USER ben 0 * :Ben")
    client.expect(" 001 ben ")
    assert person.ask("NICK ann")[0].startswith("*** Welcome, ann.")


def test_a_broken_first_line_makes_a_person_and_is_refused(chat: Chat) -> None:
    client = chat.connect()
    client.send_bytes(b"\xc3\x28\n")
    assert client.lines() == ["!!! That line is not UTF-8 text; it was not done."]


def test_a_broken_first_line_that_begins_with_cap_makes_an_irc_client(chat: Chat) -> None:
    client = chat.connect()
    client.send_bytes(b"CAP LS \xc3\x28\r\n")
    assert client.lines() == [":chat.example FAIL * INVALID_UTF8 :Lines must be UTF-8"]


def test_a_broken_line_after_nick_does_not_lose_the_nick(chat: Chat) -> None:
    client = chat.connect()
    client.send_bytes(b"NICK ann\n\xc3\x28\n")
    assert client.lines()[0].startswith("*** Welcome, ann.")


def test_a_person_may_speak_irc_after_help_before_coming_in(chat: Chat) -> None:
    client = chat.connect()
    client.ask("HELP")
    client.send("NICK ben", "USER ben 0 * :Ben")
    assert "*** Welcome, ben." in client.line()
    assert client.ask() == ["!!! You are in already."]


def test_telnets_negotiation_is_swallowed(chat: Chat) -> None:
    ann = chat.connect()
    ann.send_bytes(
        b"\xff\xfd\x03\xff\xfb\x18\xff\xfa\x18\x00xterm\xff\xf0NICK ann\xff\xf1\r\n"
        b"MSG \xff\xf9hi\r\n"
    )
    assert ann.lines()[0].startswith("*** Welcome, ann.")
    assert "<ann> hi" in ann.ask("HISTORY")[0]


# People -----------------------------------------------------------------------------------------


def test_nick_pass_help_and_quit_work_before_coming_in(chat: Chat) -> None:
    client = chat.connect()
    assert client.ask("HELP")[0] == "*** The commands:"
    assert client.ask("HELP NICK")[0] == "*** NICK [<name>]"
    assert client.ask("PASS whatever") == ["*** Thank you. Now NICK <name> to come in."]
    assert client.ask("MSG hi") == ["!!! Come in first: NICK <name>. HELP tells more."]
    assert client.ask("NICK") == ["!!! Say which: NICK <name>."]
    client.send("QUIT")
    assert client.rest() == ["*** Goodbye."]


def test_coming_in_shows_who_is_there_the_topic_and_the_last_lines(chat: Chat) -> None:
    ben = chat.nc("ben")
    ben.ask("TOPIC tea at five", "MSG hello", "ME waits")
    chat.nc("cyd")
    welcome, topic, *past = chat.nc("ann").welcome
    assert welcome == (
        "*** Welcome, ann. You are in #lobby with ben and cyd. MSG <text> speaks, HELP tells more."
    )
    assert topic == "*** Topic of #lobby: tea at five"
    assert [line.partition("] ")[2] for line in past] == [
        "*** ben set the topic of #lobby: tea at five",
        "<ben> hello",
        "* ben waits",
    ]
    assert all(line[0] == "[" and line[3] == ":" for line in past)


def test_a_large_company_is_counted(chat: Chat) -> None:
    for number in range(9):
        chat.nc(f"bob{number}")
    assert (
        " with bob0, bob1, bob2, bob3, bob4, bob5, bob6 and 2 others. "
        in (chat.nc("ann").welcome[0])
    )


def test_only_so_many_of_the_last_lines_are_shown(open_chat: OpenChat) -> None:
    chat = open_chat({"history.on_join": 2})
    chat.nc("ben").ask(*(f"MSG {number}" for number in range(5)))
    assert [line.rpartition(" ")[2] for line in chat.nc("ann").welcome[1:]] == ["3", "4"]


def test_the_message_of_the_day_is_read_on_coming_in(open_chat: OpenChat) -> None:
    chat = open_chat({"server.motd": "Be kind.\nTea at five.\n"})
    assert chat.nc("ann").welcome[:2] == ["*** Be kind.", "*** Tea at five."]
    client = chat.irc("ben")
    assert [line for line in client.welcome if " 37" in line] == [
        ":chat.example 375 ben :- chat.example message of the day",
        ":chat.example 372 ben :- Be kind.",
        ":chat.example 372 ben :- Tea at five.",
        ":chat.example 376 ben :End of the message of the day",
    ]


@pytest.mark.parametrize("name", ["1ann", "-ann", "ann!", "Änn", "a" * 31, "#ann", "a:b"])
def test_what_cannot_be_a_nick_is_refused(chat: Chat, name: str) -> None:
    client = chat.connect()
    (line,) = client.ask(f"NICK {name}")
    assert line.startswith(f"!!! {name} cannot be a nickname: ")
    other = chat.irc("ben")
    assert other.ask(f"NICK {name}") == [f":chat.example 432 ben {name} :Erroneous nickname"]


@pytest.mark.parametrize("name", ["ann", "ANN"])
def test_a_taken_nick_is_refused_with_a_free_one_in_any_case(chat: Chat, name: str) -> None:
    chat.nc("ann")
    client = chat.connect()
    assert client.ask(f"NICK {name}") == [
        f"!!! The nickname {name} is taken. Try {name}_ or another."
    ]
    assert client.ask(f"NICK {name}_")[0].startswith(f"*** Welcome, {name}_.")


def test_a_new_name_is_heard_by_oneself_and_everyone(chat: Chat) -> None:
    ben, irc, ann = chat.nc("ben"), chat.irc("irc", join="#lobby"), chat.nc("ann")
    ben.lines()
    irc.lines()
    assert ann.ask("NICK annie") == ["*** You are called annie now."]
    assert ben.lines() == ["*** ann is called annie now"]
    assert irc.ask("NICK irk") == [
        ":ann!ann@127.0.0.1 NICK annie",
        ":irc!~irc@127.0.0.1 NICK irk",
    ]
    assert ann.ask("NICK annie") == ["*** irc is called irk now"]
    assert ann.ask("NICK Annie") == ["*** You are called Annie now."]
    assert chat.nc("ann").welcome[0].startswith("*** Welcome, ann.")


def test_two_who_claim_a_nick_at_the_same_moment_do_not_both_get_it(chat: Chat) -> None:
    rounds = 200
    barrier = threading.Barrier(2, timeout=20)
    got: list[list[str]] = [[], []]

    def claim(which: int, client: Client) -> None:
        for number in range(rounds):
            barrier.wait()
            client.send(f"NICK n{number}")
            got[which].append(client.line())
            barrier.wait()
            client.ask(f"NICK own{which}x{number}")

    clients = [chat.nc(f"own{each}") for each in range(2)]
    for client in clients:
        client.ask("PART")  # where they would hear each other
    claimants = [threading.Thread(target=claim, args=each) for each in enumerate(clients)]
    for thread in claimants:
        thread.start()
    for thread in claimants:
        thread.join(60)
    for number, lines in enumerate(zip(*got, strict=True)):
        owners = [line for line in lines if line == f"*** You are called n{number} now."]
        others = [line for line in lines if line.startswith(f"!!! The nickname n{number} is taken")]
        assert (len(owners), len(others)) == (1, 1), lines
    assert len(got[0]) == rounds


def test_two_who_come_in_under_one_nick_at_the_same_moment_do_not_both(chat: Chat) -> None:
    rounds = 25
    for number in range(rounds):
        pair = [chat.connect(), chat.connect()]
        for each in pair:
            each.send(f"NICK n{number}")
        for each in pair:
            each.send("PONG x")
        lines = [each.expect(f"n{number}") for each in pair]
        assert sum(line.startswith("*** Welcome") for line in lines) == 1, lines
        assert sum(line.startswith("!!! The nickname") for line in lines) == 1, lines


# Leaving ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "why"), [("QUIT", "Quit"), ("QUIT see you", "Quit: see you")])
def test_who_quits_is_told_goodbye_and_the_others_why(chat: Chat, typed: str, why: str) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ann.send(typed)
    assert ann.rest() == ["*** Goodbye."]
    assert ben.expect("left") == f"*** ann left the chat ({why})"


def test_an_irc_client_that_quits_reads_error(chat: Chat) -> None:
    ann, ben = chat.irc("ann", join="#dev"), chat.irc("ben", join="#dev")
    ann.lines()
    ben.send("QUIT :bye")
    assert ben.rest() == ["ERROR :Closing link: Quit: bye"]
    assert ann.expect("QUIT") == ":ben!~ben@127.0.0.1 QUIT :Quit: bye"


def test_what_comes_after_quit_is_not_done(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ann.send("QUIT bye\r\nMSG still here?")
    ben.expect("left the chat")
    assert ben.lines() == []


def test_a_reason_too_long_to_pass_on_is_cut_at_a_character(chat: Chat) -> None:
    ben = chat.irc("ben", join="#lobby")
    ann = chat.nc("ann")
    ann.send(f"QUIT {'ä' * 250}")
    line = ben.expect("QUIT")
    assert line == ":ann!ann@127.0.0.1 QUIT :Quit: " + "ä" * 239
    assert len(line.encode()) + 2 <= 512


def test_a_name_can_be_had_again_once_its_owner_has_left(chat: Chat) -> None:
    ann = chat.nc("ann")
    ann.send("QUIT")
    ann.rest()
    assert chat.nc("ann").welcome[0].startswith("*** Welcome, ann.")


# The server's password --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stored", ["s3cret tea", hash_password("s3cret tea")], ids=["plain", "hashed"]
)
def test_a_password_is_asked_of_people(open_chat: OpenChat, stored: str) -> None:
    client = open_chat({"server.password": stored}).connect()
    assert client.ask("NICK ann") == [
        "!!! This server wants a password first: PASS <password>.",
    ]
    assert client.ask("PASS wrong") == ["!!! That is not the password."]
    assert client.ask("NICK ann") == ["!!! That is not the password."]
    assert client.ask("PASS s3cret tea") == ["*** Thank you. Now NICK <name> to come in."]
    assert client.ask("NICK ann")[0].startswith("*** Welcome, ann.")
    assert client.ask("PASS s3cret tea") == ["!!! You are in already."]


def test_a_wrong_password_is_looked_at_once_and_not_one_after_the_other(
    open_chat: OpenChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = open_chat({"server.password": "s3cret"})
    looked = []
    monkeypatch.setattr(chat.server, "_fits", lambda stored, given: looked.append(given))
    client = chat.connect()
    client.ask("NICK ann", "PASS a", "NICK ann", "NICK ann")
    assert looked == ["a"]
    answers = client.ask(*["PASS b"] * 10)
    assert [("not so fast" in answer) for answer in answers] == [False] * 9 + [True]


def test_a_password_is_asked_of_irc_clients(open_chat: OpenChat) -> None:
    chat = open_chat({"server.password": "s3cret"})
    right = chat.connect()
    right.send("PASS s3cret", "NICK ben", "USER ben 0 * :Ben")
    right.expect(" 001 ben ")
    for given in ("PASS wrong", "PING x"):
        wrong = chat.connect()
        wrong.send("CAP LS", given, "NICK cyd", "USER cyd 0 * :Cyd", "CAP END")
        assert wrong.rest()[-2:] == [
            ":chat.example 464 * :Password incorrect",
            "ERROR :Closing link: password incorrect",
        ]


# IRC clients ------------------------------------------------------------------------------------


def test_the_welcome_begins_with_the_four_numerics_of_rfc_2812(chat: Chat) -> None:
    numerics = [line.split(" ")[1] for line in chat.irc("ben").welcome]
    assert numerics[numerics.index("001") :][:5] == ["001", "002", "003", "004", "005"]
    assert numerics[-5:] == ["251", "255", "265", "266", "422"]


def test_registration_waits_for_the_end_of_cap_negotiation(chat: Chat) -> None:
    client = chat.connect()
    client.send("CAP LS 302", "NICK ben", "USER ben 0 * :Ben")
    assert [line.split(" ")[1] for line in client.lines()] == ["CAP"]
    assert " 001 ben " in client.ask("CAP END")[0]
    assert client.ask("CAP END") == []


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("USER", ":chat.example 461 * USER :Not enough parameters"),
        ("USER ben 0 *", ":chat.example 461 * USER :Not enough parameters"),
        ("NICK", ":chat.example 431 * :No nickname given"),
        ("PASS", ":chat.example 461 * PASS :Not enough parameters"),
        ("JOIN #dev", ":chat.example 451 * :You have not registered"),
        ("NONSENSE", ":chat.example 451 * :You have not registered"),
        ("PING", ":chat.example 461 * PING :Not enough parameters"),
        ("NICK ann", ":chat.example 433 * ann :Nickname is already in use"),
    ],
)
def test_before_registration_an_irc_client_is_told(chat: Chat, line: str, answer: str) -> None:
    chat.nc("ann")
    client = chat.connect()
    client.ask("CAP LS")
    assert client.ask(line) == [answer]


def test_an_irc_client_cannot_register_twice(chat: Chat) -> None:
    client = chat.irc("ben")
    assert (
        client.ask("USER x 0 * :x", "PASS x")
        == [":chat.example 462 ben :You are already registered"] * 2
    )


def test_odd_user_names_are_made_fit_for_a_prefix(chat: Chat) -> None:
    client = chat.connect()
    client.send("CAP LS", "NICK ben", "USER ~b!e@*?n\x07:0123456789abcdefghij 0 * :Ben", "CAP END")
    assert client.expect(" 001 ").endswith(" ben!~ben0123456789abcd@127.0.0.1")
    client = chat.connect()
    client.send("CAP LS", "NICK Ann", "USER ~!~: 0 * :Ann", "CAP END")
    assert client.expect(" 001 ").endswith(" Ann!~ann@127.0.0.1")


def test_a_real_name_is_cut_to_the_length_that_isupport_tells(chat: Chat) -> None:
    client = chat.connect()
    client.ask("CAP LS", "NICK ben", f"USER ben 0 * :{'é' * (NAME_LENGTH + 1)}", "CAP END")
    assert chat.server.snapshots.person("ben").realname == "é" * NAME_LENGTH


def test_ping_is_answered_in_both_dialects(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.irc("ben")
    assert ann.ask("PING tea", "PING", "PONG tea") == ["*** PONG tea", "*** PONG"]
    assert ben.ask("PING :to day", "PONG x") == [":chat.example PONG chat.example :to day"]


def test_a_line_of_only_spaces_is_nothing(chat: Chat) -> None:
    assert chat.nc("ann").ask("   ", " ") == []


def test_a_line_of_only_a_source_or_tags_is_nothing_in_irc(chat: Chat) -> None:
    assert chat.irc("ann").ask(":ann", "@tag", "@a=b :c ", "   ") == []


def test_a_closed_connection_raises_in_its_client(chat: Chat) -> None:
    ann = chat.nc("ann")
    ann.send("QUIT")
    with pytest.raises(Closed):
        ann.until(lambda line: line == "never")
