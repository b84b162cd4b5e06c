"""What numerics say in words: answers as lines, refusals as sentences."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ircish.client.events import Failed, Told
from ircish.client.numerics import REFUSALS, UNASKED, WORDS, failure, lasted, words
from ircish.events import Source

AT = 1_795_348_800
DATE = time.strftime("%Y-%m-%d %H:%M", time.localtime(AT))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("001 :Welcome to chat.example, ann", "Welcome to chat.example, ann"),
        ("002 :Your host is chat.example", "Your host is chat.example"),
        ("004 chat.example ircish-1 iosw biklmnost", None),
        ("005 CASEMAPPING=ascii :are supported", None),
        (
            "010 other.example 6667 :Too many here",
            "This server sends you to other.example 6667: Too many here",
        ),
        ("221 +i", "Your modes: +i"),
        ("242 :Server up 3 days", "Server up 3 days"),
        ("251 :There are 3 users", "There are 3 users"),
        ("252 2 :operators online", "2 operators online"),
        ("254 5 :channels formed", "5 channels formed"),
        ("256 chat.example :Administrative info", "Administrative info"),
        ("263 LIST :Please wait a while", "LIST was not done: Please wait a while"),
        ("301 ben :at lunch", "ben is away: at lunch"),
        ("302 :ben=+~b@example", "ben=+~b@example"),
        ("303 :ben cas ", "Here: ben cas"),
        ("303 :", "None of them is here."),
        ("307 ben :has identified", "ben has identified"),
        ("311 ben ~b example * :Ben Ham", "ben is ~b@example (Ben Ham)"),
        ("312 ben chat.example :our server", "ben is on chat.example (our server)"),
        ("313 ben :is an IRC operator", "ben is an IRC operator"),
        ("314 ben ~b example * :Ben", "ben was ~b@example (Ben)"),
        ("315 ben :End", None),
        (
            f"317 ben 90 {AT} :seconds idle, signon time",
            f"ben has been silent for 1 min, here since {DATE}",
        ),
        ("317 ben 90 :seconds idle", "ben has been silent for 1 min"),
        ("317 ben x y :z", "ben"),
        ("318 ben :End", None),
        ("319 ben :@#dev #tea", "ben is in @#dev #tea"),
        ("321 Channel :Users  Name", None),
        ("322 #dev 3 :all of it", "3 #dev all of it"),
        ("323 :End", None),
        ("324 #dev +kl sesame 5", "#dev has the modes +kl sesame 5"),
        ("328 #dev :https://dev.example", "#dev is at https://dev.example"),
        (f"329 #dev {AT}", f"#dev was made on {DATE}"),
        ("329 #dev x", None),
        ("330 ben benjamin :is logged in as", "ben is logged in as benjamin"),
        ("331 #dev :No topic", "#dev has no topic."),
        ("332 #dev :\x02bold\x02 tea", "Topic of #dev: \x02bold\x02 tea"),
        (
            "338 ben b@example 10.0.0.1 :actually using host",
            "ben actually using host: b@example 10.0.0.1",
        ),
        ("341 ben #dev", "You have asked ben into #dev."),
        ("346 #dev *!*@good", "*!*@good may always come into #dev"),
        ("348 #dev *!*@good", "*!*@good may come into #dev in spite of bans"),
        ("351 ircish-1 chat.example :a chat", "chat.example runs ircish-1 (a chat)"),
        ("351 ircish-1 chat.example", "chat.example runs ircish-1"),
        ("352 #dev ~b example chat.example ben H@ :0 Ben Ham", "#dev @ben (~b@example) Ben Ham"),
        (
            "352 * ~b example chat.example ben G* :0 Ben",
            "ben (~b@example) Ben, away, operator of the server",
        ),
        ("353 = #dev :@ann ben", "#dev: @ann ben"),
        ("364 a.example b.example :1 far", "a.example 1 far"),
        ("366 #dev :End", None),
        (f"367 #dev *!*@bad ann {AT}", f"*!*@bad is banned from #dev, by ann on {DATE}"),
        ("367 #dev *!*@bad", "*!*@bad is banned from #dev"),
        ("368 #dev :End", "That is the ban list of #dev."),
        ("371 :ircish", "ircish"),
        ("372 :- Be kind.", "Be kind."),
        ("375 :- chat.example message of the day", "chat.example message of the day"),
        ("372 :- ", None),
        ("376 :End", None),
        ("381 :You are now an operator", "You are now an operator"),
        ("391 chat.example :noon", "It is noon on chat.example."),
        ("391 :noon", "noon"),
        ("422 :No MOTD", "No MOTD"),
        ("671 ben :is using a secure connection", "ben is using a secure connection"),
        ("704 JOIN :JOIN <channel>", "JOIN <channel>"),
        ("705 JOIN :  Go in.", "  Go in."),
        ("706 JOIN :End", None),
        (
            "710 #dev ben!b@example :has asked",
            "ben!b@example asks to be let into #dev; /invite NICK #dev does.",
        ),
        ("728 #dev q *!*@bad", "*!*@bad may not speak in #dev"),
        ("730 :ben!b@h", "ben is here"),
        ("731 :ben,cyd", "ben, cyd are not here"),
        ("732 :ben,cyd", "You are told of ben,cyd"),
        ("900 ann!a@h ann :You are logged in", "You are logged in"),
        ("799 one two :three four", "one two three four"),
        ("799 :", None),
        ("799", None),
        ("WALLOPS :tea is ready", "zoe tells all: tea is ready"),
        ("SQUID a :b c", "a b c"),
        ("AUTHENTICATE +", None),
    ],
)
def test_an_answer_in_words(line: str, shown: str | None) -> None:
    middle, _, trailing = line.partition(" :")
    verb, *params = middle.split()
    if " :" in line:
        params.append(trailing)
    assert words(Told(verb, tuple(params), source=Source("zoe"))) == shown


def test_names_cannot_steer_a_terminal() -> None:
    told = Told("311", ("b\x1b]0;x\x07en", "u\x02", "h\u202e", "*", "real"))
    assert words(told) == "b]0;xen is u@h (real)"
    assert failure(Failed("401", "No", ("b\x1b[2Jen",))) == "Nobody here is called b[2Jen."


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3660, "1 h 1 min"),
        (172_800, "2 days"),
    ],
)
def test_a_time_in_words(seconds: int, shown: str) -> None:
    assert lasted(seconds) == shown


@pytest.mark.parametrize(
    ("numeric", "about", "text", "shown"),
    [
        ("401", ["ben"], "No such nick", "Nobody here is called ben."),
        ("401", ["#x"], "No such nick", "There is no channel #x; /join #x makes it."),
        ("403", ["#x"], "No", "There is no channel #x; /list shows those there are."),
        ("404", ["#x"], "Moderated", "Not said in #x: Moderated"),
        ("404", ["#x"], "", "Not said in #x"),
        ("696", ["#x", "k", "*"], "A key is short", "#x cannot have mode k: A key is short"),
        ("421", ["FOO"], "Unknown", "The server has no command FOO; /help lists what there is."),
        (
            "432",
            ["1x"],
            "Bad",
            "1x cannot be a nick; letters, digits and _ - [ ] are fine: /nick NAME",
        ),
        ("433", ["ann"], "In use", "ann is taken; /nick NAME takes another one."),
        ("441", ["ben", "#x"], "Not there", "ben is not in #x."),
        ("441", ["ben"], "Not there", "ben: Not there"),
        ("442", ["#x"], "No", "You are not in #x; /join #x goes in."),
        ("443", ["ben", "#x"], "is there", "ben is in #x already."),
        (
            "461",
            ["KICK"],
            "Not enough parameters",
            "KICK needs more than that; /help shows what each command takes.",
        ),
        (
            "464",
            [],
            "Password",
            "The password is wrong or missing; /connect HOST -password WORD comes in with one.",
        ),
        ("465", [], "Go away", "You are banned from this server: Go away"),
        ("471", ["#x"], "Full", "#x is full; try again later."),
        (
            "473",
            ["#x"],
            "Invite",
            "#x lets in only those who were asked: somebody inside can /invite you.",
        ),
        ("474", ["#x"], "Banned", "You are banned from #x."),
        ("475", ["#x"], "Key", "#x has a key: /join #x KEY"),
        ("481", [], "No", "Only an operator of this server may do that."),
        ("482", ["#x"], "No", "Only an operator of #x may do that."),
        ("461", ["ROLL"], "Say which channel", "ROLL: Say which channel"),
        ("482", [], "No", "No"),
        ("599", ["a", "b"], "Something", "a b: Something"),
        ("599", ["a"], "", "a"),
        ("599", [], "", "Refused (599)."),
        ("INVALID_TARGET", ["#x"], "No history of that", "#x: No history of that"),
    ],
)
def test_a_refusal_in_words(numeric: str, about: list[str], text: str, shown: str) -> None:
    assert failure(Failed(numeric, text, tuple(about))) == shown


@given(
    st.sampled_from([*WORDS, *REFUSALS, *UNASKED, "303", "317", "329", "351", "352", "367", "391"]),
    st.lists(st.text(max_size=8), max_size=9),
)
def test_a_server_that_lies_about_numerics_is_shown_all_the_same(
    numeric: str, params: list[str]
) -> None:
    shown = words(Told(numeric, tuple(params)))
    assert shown is None or isinstance(shown, str)
    assert failure(Failed(numeric, "text", tuple(params)))


@given(st.integers(0, 10**20))
def test_no_number_is_too_large(number: int) -> None:
    assert words(Told("317", ("ben", str(number), str(number), "x")))
    words(Told("329", ("#dev", str(number))))
