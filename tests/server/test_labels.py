"""Answers that carry their command's label (IRCv3 labeled-response); all in order."""

from __future__ import annotations

from ircish.testing import Chat, IrcClient


def labelled(chat: Chat) -> IrcClient:
    return chat.irc("ben", ["batch", "labeled-response", "echo-message"], join="#dev")


def test_an_answer_of_no_line_is_an_ack(chat: Chat) -> None:
    assert labelled(chat).ask("@label=a PONG x") == ["@label=a :chat.example ACK"]


def test_an_answer_of_one_line_carries_the_label(chat: Chat) -> None:
    ben = labelled(chat)
    assert ben.ask("@label=a\\sb PING x") == [
        "@label=a\\sb :chat.example PONG chat.example :x",
    ]
    assert ben.ask("@label=a PRIVMSG #dev :hi") == ["@label=a :ben!~ben@127.0.0.1 PRIVMSG #dev :hi"]
    assert ben.ask("@label=a PRIVMSG #no :hi") == [
        "@label=a :chat.example 403 ben #no :No such channel"
    ]
    assert ben.ask("@label=a NONSENSE") == [
        "@label=a :chat.example 421 ben NONSENSE :Unknown command"
    ]
    assert ben.ask("@label=a NICK benny") == ["@label=a :ben!~ben@127.0.0.1 NICK benny"]


def test_a_label_stands_before_other_tags(chat: Chat) -> None:
    caps = ["labeled-response", "echo-message", "message-tags", "server-time"]
    ben = chat.irc("ben", caps, join="#dev")
    (echo,) = ben.messages("@label=a PRIVMSG #dev :hi")
    assert set(echo.tags) == {"label", "time", "msgid"}


def test_the_end_of_a_labelled_quit_is_error(chat: Chat) -> None:
    ben = labelled(chat)
    ben.send("@label=a QUIT")
    assert ben.rest() == ["@label=a :chat.example ACK", "ERROR :Closing link: Quit"]


def test_an_answer_of_several_lines_is_a_batch_with_the_label(chat: Chat) -> None:
    start, *lines, end = labelled(chat).messages("@label=a WHOIS ben")
    reference = start.params[0].removeprefix("+")
    assert (start.verb, start.params[1:]) == ("BATCH", ("labeled-response",))
    assert start.tags == {"label": "a"}
    assert [line.verb for line in lines][:: len(lines) - 1] == ["311", "318"]
    assert {line.tags["batch"] for line in lines} == {reference}
    assert (end.verb, end.params) == ("BATCH", (f"-{reference}",))


def test_a_label_of_no_use_is_ignored(chat: Chat) -> None:
    pong = ":chat.example PONG chat.example :x"
    ben = labelled(chat)
    assert ben.ask(f"@label={'a' * 65} PING x", "@label= PING x", "@label PING x") == [pong] * 3
    assert chat.irc("old").ask("@label=a PING x") == [pong]


def test_what_others_say_meanwhile_has_no_label_and_comes_in_order(chat: Chat) -> None:
    ben, cyd = labelled(chat), chat.irc("cyd", join="#dev")
    ben.lines()
    for number in range(50):
        cyd.send(f"PRIVMSG #dev :c{number}")
        ben.send(f"@label=l{number} PRIVMSG #dev :b{number}")
    cyd.lines()
    lines = ben.lines()
    mine = [line for line in lines if ":ben!" in line]
    assert mine == [f"@label=l{n} :ben!~ben@127.0.0.1 PRIVMSG #dev :b{n}" for n in range(50)]
    assert [line for line in lines if ":cyd!" in line] == [
        f":cyd!~cyd@127.0.0.1 PRIVMSG #dev :c{n}" for n in range(50)
    ]


def test_all_read_what_was_said_in_one_order(chat: Chat) -> None:
    people = [chat.irc(nick, ["echo-message"], join="#dev") for nick in ("ann", "ben", "cyd")]
    for each in people:
        each.lines()
    for number in range(100):
        for each in people:
            each.send(f"PRIVMSG #dev :{number}")
    first = [each.lines() for each in people]
    read = [lines + each.lines() for lines, each in zip(first, people, strict=True)]
    assert len(read[0]) == 300
    assert read[0] == read[1] == read[2]
