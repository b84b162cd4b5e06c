"""Channels: JOIN, PART, NAMES, TOPIC, INVITE and KICK."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ircish.testing import Chat

OpenChat = Callable[..., Chat]


# Coming and going -------------------------------------------------------------------------------


def test_everyone_hears_of_who_joins_and_leaves(chat: Chat) -> None:
    ben, irc = chat.nc("ben"), chat.irc("irc", join="#lobby")
    ben.lines()
    ann = chat.nc("ann")
    assert ann.ask("PART tea time") == ["*** You left #lobby."]
    assert ann.ask("JOIN #lobby") == ["*** You are in #lobby with ben and irc."]
    assert ben.lines() == [
        "*** ann joined #lobby",
        "*** ann left #lobby (tea time)",
        "*** ann joined #lobby",
    ]
    assert irc.lines() == [
        ":ann!ann@127.0.0.1 JOIN #lobby",
        ":ann!ann@127.0.0.1 PART #lobby :tea time",
        ":ann!ann@127.0.0.1 JOIN #lobby",
    ]


def test_join_switches_the_current_channel_and_part_goes_back(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.ask("JOIN #dev")
    assert ann.ask("JOIN #dev") == ["*** You are in #dev with ben."]
    ann.ask("MSG in dev")
    assert ann.ask("JOIN #LOBBY") == ["*** You are in #lobby with ben."]
    ann.ask("MSG in lobby", "JOIN #dev")
    assert ann.ask("PART") == ["*** You left #dev.", "*** You are in #lobby with ben."]
    assert ben.lines() == [
        "*** ann joined #dev",
        "<ann> in dev",
        "[#lobby] <ann> in lobby",
        "*** ann left #dev",
    ]


def test_leaving_another_channel_keeps_the_current_one(chat: Chat) -> None:
    ann = chat.nc("ann")
    ann.ask("JOIN #dev")
    assert ann.ask("PART #lobby") == ["*** You left #lobby."]
    ann.ask("MSG hello")
    assert "<ann> hello" in ann.ask("HISTORY #dev")[0]


def test_an_irc_client_that_joins_reads_join_topic_and_names(chat: Chat) -> None:
    chat.nc("ann").ask("TOPIC tea")
    ben = chat.irc("ben")
    join, topic, by, names, end = ben.ask("JOIN #LOBBY")
    assert join == ":ben!~ben@127.0.0.1 JOIN #lobby"
    assert topic == ":chat.example 332 ben #lobby :tea"
    assert by.startswith(":chat.example 333 ben #lobby ann!ann@127.0.0.1 ")
    assert names == ":chat.example 353 ben = #lobby :ann ben"
    assert end == ":chat.example 366 ben #lobby :End of NAMES"
    assert ben.ask("JOIN #lobby") == []


def test_several_channels_are_joined_and_left_at_once(chat: Chat) -> None:
    ben = chat.irc("ben")
    lines = ben.ask("JOIN #a,#b,nonsense,#a")
    assert [line for line in lines if " JOIN " in line or " 403 " in line] == [
        ":ben!~ben@127.0.0.1 JOIN #a",
        ":ben!~ben@127.0.0.1 JOIN #b",
        ":chat.example 403 ben nonsense :No such channel",
    ]
    assert ben.ask("PART #a,#c,#b :bye") == [
        ":ben!~ben@127.0.0.1 PART #a :bye",
        ":chat.example 403 ben #c :No such channel",
        ":ben!~ben@127.0.0.1 PART #b :bye",
    ]
    ben.ask("JOIN #a,#b")
    assert ben.ask("JOIN 0") == [":ben!~ben@127.0.0.1 PART #a", ":ben!~ben@127.0.0.1 PART #b"]


@pytest.mark.parametrize("name", ["dev", "#", "#a b c", "#" + "a" * 50, "#a\x07b", "#\u200b"])
def test_what_cannot_be_a_channel_is_refused(chat: Chat, name: str) -> None:
    lines = chat.nc("ann").ask(f"JOIN {name}")
    assert lines[-1].startswith("!!! ")
    assert not any("You are in" in line for line in lines)


def test_each_key_opens_the_channel_at_its_place(chat: Chat) -> None:
    op, ann, ben = chat.irc("op", join="#a,#b,#c"), chat.nc("ann"), chat.irc("ben")
    op.ask("MODE #a +k one", "MODE #c +k three")
    no = "!!! #a needs the right key: JOIN #a <key>."
    for line in ("JOIN #a", "JOIN #a ONE", "JOIN #nowhere,#a one", "JOIN #a,#a wrong,one"):
        assert ann.ask(line)[-1] == no
    assert ann.ask("JOIN #a one") == ["*** You are in #a with op."]
    lines = ben.ask("JOIN #a,,#b,#c,#a one,,three,four")
    assert [line for line in lines if " JOIN " in line] == [
        f":ben!~ben@127.0.0.1 JOIN {name}" for name in ("#a", "#b", "#c")
    ]
    assert ben.ask("JOIN :") == []  # as irssi does


def test_the_refusal_of_a_channel_says_what_can_be_one(chat: Chat) -> None:
    assert chat.nc("ann").ask("JOIN dev") == [
        "!!! dev cannot be a channel: # and at most 49 characters, no space, no comma."
    ]


def test_one_is_in_no_more_channels_than_allowed(open_chat: OpenChat) -> None:
    ann = open_chat({"limits.channels_per_user": 2}).nc("ann")
    assert ann.ask("JOIN #a", "JOIN #b")[1] == "!!! You are in 2 channels; PART one first."


def test_part_without_being_there_is_refused(chat: Chat) -> None:
    chat.nc("ben").ask("JOIN #dev")
    ann = chat.nc("ann")
    assert ann.ask("PART #dev") == ["!!! You are not in #dev. JOIN #dev first."]
    assert ann.ask("PART #nowhere") == ["!!! There is no channel #nowhere."]


def test_irc_channels_are_named_not_guessed(chat: Chat) -> None:
    ben = chat.irc("ben", join="#dev")
    assert ben.ask("PART", "TOPIC") == [
        ":chat.example 461 ben PART :Not enough parameters",
        ":chat.example 461 ben TOPIC :Not enough parameters",
    ]
    assert ben.ask("TOPIC dev") == [":chat.example 403 ben dev :No such channel"]


# Who is where -----------------------------------------------------------------------------------


def test_names_shows_who_is_in_a_channel(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.ask("JOIN #dev")
    assert ann.ask("NAMES") == ["*** In #lobby: ben ann"]
    assert ann.ask("NAMES #dev") == ["*** In #dev: @ben"]
    assert ann.ask("NAMES #nowhere") == ["!!! There is no channel #nowhere."]
    irc = chat.irc("irc")
    assert irc.ask("NAMES #dev,#nowhere", "NAMES") == [
        ":chat.example 353 irc = #dev :@ben",
        ":chat.example 366 irc #dev,#nowhere :End of NAMES",
        ":chat.example 366 irc * :End of NAMES",
    ]


def test_names_are_shown_as_the_client_asked_for_them(chat: Chat) -> None:
    ben = chat.irc("ben", join="#dev")
    ben.ask("MODE #dev +v ben")
    both = chat.irc("both", ["multi-prefix", "userhost-in-names"])
    for client, shown in (
        (chat.nc("ann"), "*** In #dev: @ben"),
        (chat.irc("irc"), ":chat.example 353 irc = #dev :@ben"),
        (chat.irc("multi", ["multi-prefix"]), ":chat.example 353 multi = #dev :@+ben"),
        (both, ":chat.example 353 both = #dev :@+ben!~ben@127.0.0.1"),
    ):
        assert client.ask("NAMES #dev")[0] == shown


@pytest.mark.parametrize("capability", ["no-implicit-names", "draft/no-implicit-names"])
def test_who_asked_for_no_implicit_names_asks_by_themselves(chat: Chat, capability: str) -> None:
    ben = chat.irc("ben", [capability, "draft/read-marker"])
    assert ben.ask("JOIN #dev") == [
        ":ben!~ben@127.0.0.1 JOIN #dev",
        ":chat.example MARKREAD #dev *",
    ]
    assert len(ben.ask("NAMES #dev")) == 2
    with_names = chat.irc("cyd", ["draft/read-marker"]).ask("JOIN #dev")
    assert [line.split(" ")[1] for line in with_names] == ["JOIN", "MARKREAD", "353", "366"]


def test_who_is_invisible_is_named_to_members_alone(chat: Chat) -> None:
    ben, cyd, ann = chat.irc("ben", join="#dev"), chat.irc("cyd"), chat.nc("ann")
    ben.ask("MODE ben +i")
    assert ann.ask("NAMES #dev") == ["*** In #dev: nobody"]
    assert cyd.ask("NAMES #dev") == [":chat.example 366 cyd #dev :End of NAMES"]
    assert ":chat.example 353 cyd = #dev :@ben cyd" in cyd.ask("JOIN #dev")


def test_a_secret_channel_is_named_to_members_alone(chat: Chat) -> None:
    ben, cyd, ann = chat.irc("ben", join="#dev"), chat.irc("cyd"), chat.nc("ann")
    ben.ask("MODE #dev +s")
    assert ann.ask("NAMES #dev") == ["!!! There is no channel #dev."]
    assert cyd.ask("NAMES #dev") == [":chat.example 366 cyd #dev :End of NAMES"]
    assert ":chat.example 353 cyd @ #dev :@ben cyd" in cyd.ask("JOIN #dev")


def test_who_may_know_of_a_channel_and_of_those_in_it_is_one_rule(chat: Chat) -> None:
    ben, cyd = chat.irc("ben", join="#dev,#tea"), chat.irc("cyd", join="#tea")
    ben.ask("MODE ben +i")
    asked = {
        "LIST #dev": " 322 cyd #dev ",
        "NAMES #dev": ":@ben",
        "WHO #dev": " 352 cyd #dev ~ben ",
        "WHOIS ben": "@#dev",
    }

    def told() -> list[bool]:
        return [sign in " ".join(cyd.ask(line)) for line, sign in asked.items()]

    assert told() == [True, False, False, False]  # they share #tea, which tells nothing of #dev
    ben.ask("MODE #dev +s")
    assert told() == [False] * 4
    cyd.ask(f"OPER admin {chat.server.one_time_password}")
    assert told() == [True] * 4


def test_names_of_a_channel_that_is_remembered_and_empty(chat: Chat) -> None:
    ben = chat.irc("ben", join="#dev")
    ben.ask("TOPIC #dev :tea", "PART #dev")
    assert ben.ask("NAMES #dev") == [":chat.example 366 ben #dev :End of NAMES"]
    assert chat.nc("ann").ask("NAMES #dev") == ["*** In #dev: nobody"]


def test_many_names_come_in_several_lines_that_are_not_too_long(chat: Chat) -> None:
    nicks = [f"{'x' * 26}{number:03}" for number in range(20)]
    for nick in nicks:
        chat.irc(nick, join="#dev")
    for caps, end, count in (([], "", 2), (["userhost-in-names"], f"!~{'x' * 17}@127.0.0.1", 3)):
        lines = chat.irc(f"ben{count}", caps).ask("NAMES #dev")[:-1]
        assert len(lines) == count
        assert all(len(line) <= 510 for line in lines)
        named = [name for line in lines for name in line.split(":")[2].split(" ")]
        assert named == [f"@{nicks[0]}{end}", *(nick + end for nick in nicks[1:])]


# The topic --------------------------------------------------------------------------------------


def test_a_topic_is_set_read_heard_and_removed(chat: Chat) -> None:
    ben, irc, ann = chat.nc("ben"), chat.irc("irc", join="#lobby"), chat.nc("ann")
    ben.lines()
    irc.lines()
    assert ann.ask("TOPIC") == ["*** #lobby has no topic."]
    assert ann.ask("TOPIC tea at five") == ["*** ann set the topic of #lobby: tea at five"]
    assert ann.ask("TOPIC") == ["*** Topic of #lobby: tea at five"]
    assert ann.ask("TOPIC -") == ["*** ann removed the topic of #lobby"]
    assert ben.lines() == [
        "*** ann set the topic of #lobby: tea at five",
        "*** ann removed the topic of #lobby",
    ]
    assert irc.ask("TOPIC #lobby") == [
        ":ann!ann@127.0.0.1 TOPIC #lobby :tea at five",
        ":ann!ann@127.0.0.1 TOPIC #lobby :",
        ":chat.example 331 irc #lobby :No topic is set",
    ]
    assert irc.ask("TOPIC #lobby :milk", "TOPIC #lobby :") == [
        ":irc!~irc@127.0.0.1 TOPIC #lobby :milk",
        ":irc!~irc@127.0.0.1 TOPIC #lobby :",
    ]


def test_a_topic_of_another_channel_is_for_its_members(chat: Chat) -> None:
    chat.nc("ben").ask("JOIN #dev", "TOPIC secret")
    ann = chat.nc("ann")
    assert ann.ask("TOPIC #dev") == ["!!! You are not in #dev. JOIN #dev first."]
    assert ann.ask("TOPIC #dev mine") == ["!!! You are not in #dev. JOIN #dev first."]


def test_where_only_operators_set_the_topic_others_are_refused(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ben.ask("JOIN #dev")
    ann.ask("JOIN #dev")
    assert ann.ask("TOPIC mine") == ["!!! Only an operator of #dev may."]
    assert chat.irc("irc", join="#dev").ask("TOPIC #dev :mine") == [
        ":chat.example 482 irc #dev :You are not a channel operator"
    ]


def test_a_topic_longer_than_allowed_is_refused_with_the_length_that_fits(chat: Chat) -> None:
    assert chat.nc("ann").ask(f"TOPIC {'x' * 400}") == [
        "!!! That is 10 bytes too long for everyone to read; 390 fit. Nothing was sent."
    ]


# Rights -----------------------------------------------------------------------------------------


def test_the_founder_is_operator_but_not_in_the_default_channel(chat: Chat) -> None:
    ann = chat.nc("ann")
    assert ann.ask("NAMES", "JOIN #dev", "NAMES")[::2] == [
        "*** In #lobby: ann",
        "*** In #dev: @ann",
    ]


def test_an_operator_puts_somebody_out(chat: Chat) -> None:
    ann, ben, irc = chat.nc("ann"), chat.nc("ben"), chat.irc("irc")
    for each in (ann, ben, irc):
        each.ask("JOIN #dev")
    ann.lines()
    ben.lines()
    assert ben.ask("KICK ann") == ["!!! Only an operator of #dev may."]
    assert ann.ask("KICK BEN too loud") == ["*** ben was put out of #dev by ann (too loud)"]
    assert ann.ask("KICK ben") == ["!!! ben is not in #dev."]
    assert ben.lines() == ["*** ben was put out of #dev by ann (too loud)"]
    assert ben.ask("MSG #dev hello?") == ["!!! You are not in #dev. JOIN #dev first."]
    assert irc.lines() == [":ann!ann@127.0.0.1 KICK #dev ben :too loud"]
    ann.ask("KICK irc")
    assert irc.lines() == [":ann!ann@127.0.0.1 KICK #dev irc :ann"]


def test_several_are_put_out_at_once_and_each_is_answered_for(chat: Chat) -> None:
    irc = chat.irc("irc", join="#dev")
    for nick in ("ben", "cat"):
        chat.nc(nick).ask("JOIN #dev")
    irc.lines()
    assert irc.ask("KICK #dev ben,nobody,cat :out") == [
        ":irc!~irc@127.0.0.1 KICK #dev ben :out",
        ":chat.example 401 irc nobody :No such nick or channel",
        ":irc!~irc@127.0.0.1 KICK #dev cat :out",
    ]


def test_people_are_put_out_of_several_channels_pair_by_pair(chat: Chat) -> None:
    irc, ben = chat.irc("irc", join="#a,#b"), chat.irc("ben", join="#a,#b,#c")
    irc.lines()
    assert irc.ask("KICK #a,#b,#a ben,ben,ben :out") == [
        ":irc!~irc@127.0.0.1 KICK #a ben :out",
        ":irc!~irc@127.0.0.1 KICK #b ben :out",
    ]
    assert irc.ask("KICK #a,#b ben") == [":chat.example 461 irc KICK :Not enough parameters"]
    assert irc.ask("KICK #a,#c irc,ben") == [
        ":chat.example 442 irc #c :You are not on that channel"
    ]
    assert len(ben.lines()) == 2


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("KICK #no ann", "403 irc #no :No such channel"),
        ("KICK #dev ann", "442 irc #dev :You are not on that channel"),
        ("KICK #lobby nobody", "482 irc #lobby :You are not a channel operator"),
        ("KICK #lobby", "461 irc KICK :Not enough parameters"),
        ("INVITE ann #no", "403 irc #no :No such channel"),
        ("INVITE nobody #dev", "442 irc #dev :You are not on that channel"),
        ("TOPIC #no :x", "403 irc #no :No such channel"),
        ("TOPIC #dev", "442 irc #dev :You are not on that channel"),
        ("TOPIC #dev :x", "442 irc #dev :You are not on that channel"),
    ],
)
def test_who_may_not_is_told_so_in_numerics(chat: Chat, line: str, answer: str) -> None:
    chat.nc("ann").ask("JOIN #dev")
    assert chat.irc("irc", join="#lobby").ask(line) == [f":chat.example {answer}"]


def test_an_operator_of_the_server_puts_people_out_of_any_channel(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.nc("ben")
    ann.ask("JOIN #dev")
    ben.ask(f"OPER admin {chat.server.one_time_password}", "KICK #dev ann", "KICK #no ann")
    assert ann.lines()[-1] == "*** ann was put out of #dev by ben"
    assert ben.ask("KICK #no ann") == ["!!! There is no channel #no."]


def test_what_is_typed_by_somebody_put_out_is_not_said_in_another_channel(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.nc("ben")
    ann.ask("JOIN #dev")
    ben.ask("JOIN #dev")
    ann.ask("KICK ben")
    ben.lines()
    assert ben.ask("MSG not for #lobby", "NAMES", "PART", "TIME")[:2] == [
        "!!! You are no longer in #dev; nothing was done. You are in #lobby now.",
        "*** In #lobby: ann ben",
    ]
    assert not [line for line in ann.lines() if "not for" in line]


def test_who_was_put_out_of_their_last_channel_is_told_so_once(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.nc("ben")
    for each in (ann, ben):
        each.ask("JOIN #dev", "PART #lobby")
    ann.ask("KICK ben")
    ben.lines()
    assert [line[:60] for line in ben.ask("MSG hi", "MSG hi")] == [
        "!!! You are no longer in #dev; nothing was done. You are in ",
        "!!! You are in no channel. JOIN one first; LIST shows them.",
    ]


def test_somebody_is_asked_in(chat: Chat) -> None:
    ann, ben, irc = chat.nc("ann"), chat.nc("ben"), chat.irc("irc")
    ann.ask("JOIN #dev")
    ben.ask("AWAY lunch")
    ann.lines()
    assert ann.ask("INVITE ben") == [
        "*** You have asked ben into #dev.",
        "*** ben is away: lunch",
    ]
    assert ben.lines() == ["*** ann asks you into #dev. JOIN #dev to go there."]
    assert ann.ask("INVITE irc #dev") == ["*** You have asked irc into #dev."]
    assert irc.lines() == [":ann!ann@127.0.0.1 INVITE irc #dev"]
    irc.ask("JOIN #dev")
    assert irc.ask("INVITE ben #dev") == [
        ":chat.example 341 irc ben #dev",
        ":chat.example 301 irc ben :lunch",
    ]
    assert irc.ask("INVITE ann #dev") == [":chat.example 443 irc ann #dev :is already on channel"]
    assert ben.ask("INVITE ann #dev")[-1] == "!!! You are not in #dev. JOIN #dev first."


def test_one_is_told_into_which_channels_one_was_asked(chat: Chat) -> None:
    ann, irc = chat.nc("ann"), chat.irc("irc", join="#a,#b")
    end = ":chat.example 337 irc :End of invite list"
    assert ann.ask("INVITE") == ["*** You are asked into no channel."]
    assert irc.ask("INVITE ann #a", "INVITE ann #b", "INVITE")[-1] == end
    assert ann.ask("INVITE")[2:] == [
        f"*** You are asked into {name}. JOIN {name} to go there." for name in ("#a", "#b")
    ]
    ann.ask("JOIN #b", "JOIN #own", "INVITE irc")
    assert ann.ask("INVITE") == ["*** You are asked into #a. JOIN #a to go there."]
    assert irc.ask("INVITE")[-2:] == [":chat.example 336 irc #own", end]


def test_the_invitation_of_an_operator_lets_in_once_whatever_keeps_others_out(chat: Chat) -> None:
    irc, ben, cyd = chat.irc("irc", join="#dev"), chat.irc("ben", join="#dev"), chat.irc("cyd")
    irc.ask("MODE #dev +ikl key 1", "MODE #dev +b cyd")
    assert ben.ask("INVITE cyd #dev")[-1].startswith(":chat.example 482 ben #dev ")
    irc.ask("INVITE cyd #dev")
    assert " JOIN #dev" in cyd.ask("JOIN #dev")[1]
    assert cyd.ask("PART #dev", "JOIN #dev")[1:] == [
        ":chat.example 474 cyd #dev :You are banned (+b)"
    ]


# What is kept -----------------------------------------------------------------------------------


def test_a_channel_keeps_its_topic_and_modes_when_it_is_empty(chat: Chat) -> None:
    ben = chat.irc("ben", join="#dev")
    ben.ask("TOPIC #dev :tea", "MODE #dev -t", "PART #dev")
    cyd = chat.irc("cyd")
    assert ":chat.example 332 cyd #dev :tea" in cyd.ask("JOIN #dev")
    assert cyd.ask("MODE #dev")[0] == ":chat.example 324 cyd #dev +n"


def test_a_restart_keeps_topic_modes_and_history_and_shows_the_last_lines(chat: Chat) -> None:
    ben = chat.irc("ben", join="#dev")
    ben.ask(
        "TOPIC #dev :tea", "MODE #dev -t", "PRIVMSG #dev :saved", "PRIVMSG #dev :\x01ACTION x\x01"
    )
    chat.restart()
    ann = chat.nc("ann")
    entered, topic, *past = ann.ask("JOIN #dev")
    assert entered == "*** You are in #dev alone."
    assert topic == "*** Topic of #dev: tea"
    assert [line.partition("] ")[2] for line in past] == [
        "*** ben set the topic of #dev: tea",
        "<ben> saved",
        "* ben x",
    ]
    assert [line.partition("] ")[2] for line in ann.ask("HISTORY 2", "SEARCH saved")] == [
        "<ben> saved",
        "* ben x",
        "[#dev] <ben> saved",
    ]
    assert chat.irc("cyd").ask("MODE #dev")[0] == ":chat.example 324 cyd #dev +n"


def test_numbers_and_times_go_on_after_a_restart(chat: Chat) -> None:
    chat.nc("ann").ask("MSG one")
    last = chat.server.hub.seq
    chat.restart()
    assert chat.server.hub.seq >= last


@pytest.mark.parametrize("verb", ["JOIN", "NAMES"])
def test_many_channels_at_once_are_more_than_one_line_and_each_is_done_once(
    open_chat: Callable[..., Chat], verb: str
) -> None:
    chat = open_chat({"limits.flood_rate": 0.01, "limits.flood_burst": 20})
    ann = chat.irc("ann", join="#dev,#tea")  # with its PINGs 8 lines
    connection = chat.server.connections()[0]
    before = connection._tokens
    ann.ask(f"{verb} #a,#b,#A,#c,#B,#d,#e")  # five, and its PING
    assert before - connection._tokens == pytest.approx(3, abs=0.1)
