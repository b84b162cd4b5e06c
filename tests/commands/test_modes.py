"""Modes: MODE in both dialects, OP, DEOP, VOICE, DEVOICE, BAN and UNBAN."""

from __future__ import annotations

import re

import pytest

from ircish import phrases
from ircish.chat.modes import CHANMODES, FLAGS, STATUS, USER_MODES
from ircish.testing import Chat

# IRC clients ------------------------------------------------------------------------------------


def test_modes_are_asked_and_set(chat: Chat) -> None:
    ann, ben, cyd = chat.nc("ann"), chat.irc("ben", join="#dev"), chat.irc("cyd", join="#dev")
    ann.ask("JOIN #dev")
    ben.lines()
    modes, created = ben.ask("MODE #DEV")
    assert modes == ":chat.example 324 ben #dev +nt"
    assert created.startswith(":chat.example 329 ben #dev ")
    assert ben.ask("MODE #dev -t+ov ann ann") == [":ben!~ben@127.0.0.1 MODE #dev -t+ov ann ann"]
    assert ann.lines() == [
        "*** ben opened the topic of #dev to all members",
        "*** ben made ann an operator of #dev",
        "*** ben gave ann a voice in #dev",
    ]
    assert ben.ask("MODE #dev -t", "MODE #dev +n-t", "MODE #dev +-") == []
    for line, answer in (
        ("MODE #dev +o nobody", "401 ben nobody :No such nick or channel"),
        ("MODE #dev +o", "461 ben MODE :Not enough parameters"),
        ("MODE #dev +k :", "696 ben #dev k * :A key has 1 to 23 characters, no space, no comma"),
        ("MODE #dev +l 0", "696 ben #dev l * :A limit is a whole number from 1 on"),
        ("MODE #dev +b :a b", "696 ben #dev b * :A mask is a nick, or nick!user@host with * and ?"),
        ("MODE #dev +q ben", "482 ben #dev :You are not a founder of that channel"),
        ("MODE #dev +Z", "472 ben Z :is an unknown mode"),
        ("MODE #nowhere", "403 ben #nowhere :No such channel"),
        ("MODE #nowhere +b", "403 ben #nowhere :No such channel"),
        ("MODE", "461 ben MODE :Not enough parameters"),
    ):
        assert ben.ask(line) == [f":chat.example {answer}"]
    cyd.lines()
    only_operators = ":chat.example 482 cyd #dev :You are not a channel operator"
    assert cyd.ask("MODE #dev -nt+b x") == [only_operators]


def test_what_may_be_set_is_set_and_each_refusal_told_once(chat: Chat) -> None:
    ben = chat.irc("ben", join="#dev")
    assert ben.ask("MODE #dev +mZYZ+v-n+oe nobody") == [
        ":chat.example 461 ben MODE :Not enough parameters",
        ":chat.example 349 ben #dev :End of channel exception list",
        ":ben!~ben@127.0.0.1 MODE #dev +m",
        ":ben!~ben@127.0.0.1 MODE #dev -n",
        ":chat.example 472 ben Z :is an unknown mode",
        ":chat.example 472 ben Y :is an unknown mode",
        ":chat.example 401 ben nobody :No such nick or channel",
    ]
    assert ben.ask("MODE #dev -mntC+o-o+o ben ben ben") == [
        ":ben!~ben@127.0.0.1 MODE #dev -mto+o ben ben"
    ]


@pytest.mark.parametrize(
    ("letter", "entry", "end"),
    [
        ("b", "367", "368 ben #dev :End of channel ban list"),
        ("e", "348", "349 ben #dev :End of channel exception list"),
        ("I", "346", "347 ben #dev :End of channel invite exception list"),
    ],
)
def test_lists_are_shown_with_who_put_it_there_and_when(
    chat: Chat, letter: str, entry: str, end: str
) -> None:
    ben, cyd = chat.irc("ben", join="#dev"), chat.irc("cyd")
    assert ben.ask(f"MODE #dev +{letter}") == [f":chat.example {end}"]
    ben.ask(f"MODE #dev +{letter}{letter} Ann *@x")
    for line in (f"MODE #dev {letter}", f"MODE #dev -{letter}{letter}"):
        first, second, last = ben.ask(line)
        assert first.startswith(f":chat.example {entry} ben #dev Ann!*@* ben 1")
        assert second.startswith(f":chat.example {entry} ben #dev *!*@x ben 1")
        assert last == f":chat.example {end}"
    assert len(cyd.ask(f"MODE #dev {letter}")) == 3
    assert ben.ask(f"MODE #dev -{letter} ANN!*@*") == [
        f":ben!~ben@127.0.0.1 MODE #dev -{letter} Ann!*@*"
    ]


def test_outsiders_learn_no_key_and_nothing_of_a_secret_channel(chat: Chat) -> None:
    ben, cyd, ann = chat.irc("ben", join="#dev"), chat.irc("cyd"), chat.nc("ann")
    ben.ask("MODE #dev +kl sesame 20")
    assert ben.ask("MODE #dev")[0] == ":chat.example 324 ben #dev +klnt sesame 20"
    assert cyd.ask("MODE #dev")[0] == ":chat.example 324 cyd #dev +klnt"
    assert ann.ask("MODE #dev") == [
        "*** #dev: needs a key (+k), at most so many people (+l), only members speak (+n), "
        "operators set the topic (+t)."
    ]
    ben.ask("MODE #dev +s")
    for line in ("MODE #dev", "MODE #dev b"):
        assert cyd.ask(line) == [":chat.example 442 cyd #dev :You are not on that channel"]
        assert ann.ask(line) == ["!!! You are not in #dev. JOIN #dev first."]
    ann.ask(f"OPER admin {chat.server.one_time_password}")
    assert "needs a key: sesame (+k)" in ann.ask("MODE #dev")[0]


def test_ones_own_modes_are_asked_and_set(chat: Chat) -> None:
    chat.nc("ann")
    ben = chat.irc("ben")
    assert ben.ask("MODE BEN") == [":chat.example 221 ben +"]
    assert ben.ask("MODE ben +iw-o") == [":ben!~ben@127.0.0.1 MODE ben +iw"]
    assert ben.ask("MODE ben +o", "MODE ben +s", "MODE ben") == [":chat.example 221 ben +iw"]
    assert ben.ask("MODE ben -iZ+B") == [
        ":ben!~ben@127.0.0.1 MODE ben -i",
        ":ben!~ben@127.0.0.1 MODE ben +B",
        ":chat.example 501 ben :Unknown mode",
    ]
    assert ben.ask("MODE ann", "MODE ann +i", "MODE nobody") == [
        ":chat.example 502 ben :Cannot change modes of others",
        ":chat.example 502 ben :Cannot change modes of others",
        ":chat.example 401 ben nobody :No such nick or channel",
    ]


def test_where_strangers_may_speak_they_are_heard(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.irc("ben", join="#dev")
    ben.ask("MODE #dev -n")
    assert ann.ask("MSG #dev hello") == []
    assert ben.lines() == [":ann!ann@127.0.0.1 PRIVMSG #dev :hello"]


# People -----------------------------------------------------------------------------------------


def test_people_read_and_set_modes_in_words(chat: Chat) -> None:
    ben, ann = chat.nc("ben"), chat.nc("ann")
    ann.ask("JOIN #dev")
    ben.ask("JOIN #dev")
    ann.lines()
    for line, answer in (
        ("MODE #dev", "*** #dev: only members speak (+n), operators set the topic (+t)."),
        ("MODE", "*** You: no modes."),
        ("MODE +m", "*** ann made #dev moderated: only those with a voice speak"),
        ("MODE +m", "*** Nothing has changed."),
        ("MODE ann +s", "*** Nothing has changed."),
        ("mode #DEV -nt", "*** ann opened #dev to words from outside: not only members speak"),
        ("MODE #dev", "*** #dev: only those with a voice speak (+m)."),
        ("MODE -m", "*** ann made #dev unmoderated: all members speak"),
        ("MODE #dev", "*** #dev: open to all, no modes."),
        ("MODE +k secret", "*** ann locked #dev: one needs the key secret to come in"),
        ("MODE #dev", "*** #dev: needs a key: secret (+k)."),
        ("MODE #dev +v ben", "*** ann gave ben a voice in #dev"),
        ("MODE +o ben", "*** ann made ben an operator of #dev"),
        ("MODE +s", "!!! Say whose: MODE #dev +s or MODE ann +s."),
        ("MODE +w", "*** You are told now what operators tell all."),
        ("MODE", "*** You: told what operators tell all (+w)."),
        ("MODE ben", "!!! You can change only your own modes."),
        ("MODE ann +Z", "!!! There is no user mode Z; there are B, i, s and w."),
        ("MODE moderated", "!!! Nobody here is called moderated."),
        (
            "MODE #dev mod",
            "!!! A change begins with + or -: +mod or -mod. "
            "Usage: MODE [<target>] [<modes>] [<params>]",
        ),
        ("MODE #dev b", "*** Nobody is banned from #dev."),
        ("MODE +e", "*** Nobody is excepted from the bans of #dev."),
        ("MODE #dev +o", "!!! [<params>] is missing. Usage: MODE [<target>] [<modes>] [<params>]"),
    ):
        assert ann.ask(line)[0] == answer
    assert "*** ann made #dev moderated: only those with a voice speak" in ben.lines()


def test_the_words_know_every_mode(chat: Chat) -> None:
    letters = set(CHANMODES) - {","} | set(STATUS)
    assert set(phrases.CHANNEL_MODES_MEAN) == {*FLAGS, "k", "l"}
    assert set(phrases.USER_MODES_MEAN) == set(USER_MODES)
    ann = chat.nc("ann")
    assert letters <= set(re.findall(r"\b[A-Za-z]\b", " ".join(ann.ask("HELP MODE"))))
    ann.ask("JOIN #dev")
    assert ann.ask("MODE #dev +Z") == [
        "!!! There is no channel mode Z; HELP MODE tells which there are."
    ]


def test_operators_and_voices_are_made_and_unmade(chat: Chat) -> None:
    ben, irc, ann = chat.nc("ben"), chat.irc("irc"), chat.nc("ann")
    ann.ask("JOIN #dev")
    ben.ask("JOIN #dev")
    irc.ask("JOIN #dev")
    ann.lines()
    ben.lines()
    assert ben.ask("OP ben") == ["!!! Only an operator of #dev may."]
    assert ann.ask("VOICE BEN") == ["*** ann gave ben a voice in #dev"]
    assert ann.ask("DEVOICE #dev ben") == ["*** ann took the voice of ben in #dev"]
    assert ann.ask("OP BEN") == ["*** ann made ben an operator of #dev"]
    assert ben.ask("DEOP ann")[-1] == "*** ann is no longer an operator of #dev, by ben"
    assert irc.lines() == [
        f":{nick}!{nick}@127.0.0.1 MODE #dev {change}"
        for nick, change in (
            ("ann", "+v ben"),
            ("ann", "-v ben"),
            ("ann", "+o ben"),
            ("ben", "-o ann"),
        )
    ]
    assert ann.ask("OP ann")[-1] == "!!! Only an operator of #dev may."
    assert ben.ask("OP nobody", "OP") == [
        "!!! Nobody here is called nobody.",
        "!!! <nick> is missing. Usage: OP [#channel] <nick>",
    ]


def test_a_founder_is_an_operator_whom_no_other_touches(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.nc("ben")
    ann.ask("JOIN #dev", f"OPER admin {chat.server.one_time_password}")
    ben.ask("JOIN #dev")
    ann.ask("OP ben", "MODE #dev +q-o ann ann", "MODE ann -o")
    ben.lines()
    assert ann.ask("NAMES") == ["*** In #dev: ~ann @ben"]
    assert (
        ben.ask("KICK ann", "MODE #dev -q ann", "MODE #dev +q ben")
        == ["!!! Only a founder of #dev may."] * 3
    )
    assert ann.ask("KICK ben") == ["*** ben was put out of #dev by ann"]


def test_who_is_banned_stays_out_by_their_user_name_and_host(chat: Chat) -> None:
    ann, ben, irc = chat.nc("ann"), chat.nc("ben"), chat.irc("irc")
    ann.ask("JOIN #dev")
    ben.ask("JOIN #dev")
    ann.lines()
    assert ben.ask("BAN") == ["*** Nobody is banned from #dev."]
    assert ben.ask("BAN ann", "BAN *!*@*") == ["!!! Only an operator of #dev may."] * 2
    assert ann.ask("BAN BEN") == [
        "*** ann banned *!ben@127.0.0.1 from #dev",
        "*** ben is still in #dev: KICK #dev ben puts them out.",
    ]
    assert ben.ask("MSG hello")[-1] == "!!! You are banned from speaking in #dev."
    ann.ask("KICK ben")
    ben.ask("NICK other")
    assert ben.ask("JOIN #dev") == ["!!! You are banned from #dev."]
    irc.send("QUIT")
    irc.rest()
    ann.lines()
    assert ann.ask("BAN irc", "BAN #dev m:X", "BAN nobody", "BAN #no ben") == [
        "*** ann banned *!~irc@127.0.0.1 from #dev",
        "*** ann silenced X!*@* in #dev",
        "!!! Nobody here is called nobody.",
        "!!! There is no channel #no.",
    ]
    assert ann.ask("BAN") == [
        f"*** Banned from #dev: {mask}, by ann just now"
        for mask in ("*!ben@127.0.0.1", "*!~irc@127.0.0.1", "m:X!*@*")
    ]


def test_every_ban_that_fits_somebody_is_lifted(chat: Chat) -> None:
    ann, ben = chat.nc("ann"), chat.nc("ben")
    ann.ask("JOIN #dev", "MODE #dev +bbbbb x!*@* b?n!*@* *!BEN@* m:*!*@127.* *!*@elsewhere")
    assert ann.ask("UNBAN ben") == [
        "*** ann lifted the ban of b?n!*@* from #dev",
        "*** ann lifted the ban of *!BEN@* from #dev",
        "*** ann lets *!*@127.* speak in #dev again",
    ]
    assert ben.ask("JOIN #dev")[0] == "*** You are in #dev with ann."
    ann.lines()
    assert ann.ask("UNBAN ben", "UNBAN *!*@Elsewhere", "UNBAN X", "UNBAN X") == [
        "!!! No ban of #dev fits ben.",
        "*** ann lifted the ban of *!*@elsewhere from #dev",
        "*** ann lifted the ban of x!*@* from #dev",
        "!!! No ban of #dev fits X.",
    ]
    assert ben.ask("UNBAN x")[-1] == "!!! Only an operator of #dev may."
