"""@command: from a typed function to arguments, usage, help and refusals, in both dialects."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ircish import replies
from ircish.command import (
    Channel,
    Command,
    CommandTable,
    Nick,
    Parameter,
    Rest,
    Taken,
    command,
)
from ircish.dialects.irc import Irc
from ircish.errors import Refused
from ircish.parameters import Between, Duration
from ircish.rates import Rates
from ircish.wire import parse

Context = Any
Size = Literal["small", "large"]


class Caller:
    """As much of a context as a command looks at."""

    def __init__(self, dialect: str, channel: str = "#lobby") -> None:
        self.dialect = dialect
        self.channel = ""
        self._current = channel
        self.got: tuple[Any, ...] | None = None
        self.required: list[str] = []

    def at(self, channel: str) -> None:
        self.channel = channel

    def here(self, command: Command) -> str:
        if not self._current:
            raise Refused(replies.NO_CHANNEL, verb=command.verb, usage=command.usage)
        return self._current

    def require(self, allow: str) -> None:
        self.required.append(allow)


def run(each: Command, line: str, dialect: str, channel: str = "#lobby") -> Any:
    caller = Caller(dialect, channel)
    message = parse(line)
    assert message
    each.run(caller, message)  # type: ignore[arg-type]
    return caller.got


def refused(each: Command, line: str, dialect: str, channel: str = "#lobby") -> Refused:
    with pytest.raises(Refused) as refused:
        run(each, line, dialect, channel)
    return refused.value


@command("DICE")
def dice(ctx: Context, dice: str, times: int = 1, sum: float = 0.5) -> None:
    """Roll dice."""
    ctx.got = dice, times, sum


@command("PICK")
def pick(ctx: Context, size: Size, who: Nick = "nobody") -> None:
    """Pick a size."""
    ctx.got = size, who


@command("TELL", aliases=["SAYTO"], allow="member")
def tell(ctx: Context, channel: Channel, nick: Nick, text: Rest) -> None:
    """Tell somebody something.

    Once more,
    on two lines.
    """
    ctx.got = channel, nick, text


@command("PUT", strict=True)
def put(ctx: Context, channel: Channel, reason: Rest = "no reason") -> None:
    """Put it away."""
    ctx.got = channel, reason


@command("REMIND")
def remind(
    ctx: Context, wait: Duration | None, channel: Channel, often: int | None, text: Rest
) -> None:
    """Remind everyone."""
    ctx.got = wait, channel, often, text


@command("INVITE")
def invite(ctx: Context, nick: Nick, *more: Nick) -> None:
    """Invite people."""
    ctx.got = nick, *more


@command("ADD")
def add(ctx: Context, *numbers: Annotated[int, Between(0, 99)]) -> None:
    """Add numbers."""
    ctx.got = numbers


@command("LIGHT")
def light(ctx: Context, room: Literal["hall", "attic"] = "hall", on: bool = True) -> None:
    """Switch a light."""
    ctx.got = room, on


@command("COUNT")
def count(ctx: Context, channel: Channel | None, most: int = 10) -> None:
    """Count people, here or everywhere."""
    ctx.got = channel, most


@command("GO")
def go(ctx: Context) -> None:
    """Go."""
    ctx.got = ()


@pytest.mark.parametrize(
    ("each", "usage"),
    [
        (dice, "DICE <dice> [<times>] [<sum>]"),
        (pick, "PICK <small|large> [<who>]"),
        (remind, "REMIND [<wait>] [#channel] [<often>] <text>"),
        (invite, "INVITE <nick> [<more>...]"),
        (light, "LIGHT [<hall|attic>] [<on|off>]"),
        (count, "COUNT [<channel>] [<most>]"),
        (tell, "TELL [#channel] <nick> <text>"),
        (put, "PUT [#channel] [<reason>]"),
        (go, "GO"),
    ],
)
def test_the_signature_is_the_usage(each: Command, usage: str) -> None:
    assert each.usage == usage


def test_the_docstring_is_the_help_and_its_first_line_the_summary() -> None:
    assert tell.summary == "Tell somebody something."
    assert tell.help == "Tell somebody something.\nOnce more, on two lines."


BOTH = ("irc", "plain")
IRC = ("irc",)
PLAIN = ("plain",)


@pytest.mark.parametrize(
    ("each", "line", "dialects", "got"),
    [
        (dice, "DICE 2d6", BOTH, ("2d6", 1, 0.5)),
        (dice, "DICE 2d6 3 4", BOTH, ("2d6", 3, 4.0)),
        (dice, "DICE  2d6   +3   -1.25 ", BOTH, ("2d6", 3, -1.25)),
        (dice, "DICE :2 d 6", IRC, ("2 d 6", 1, 0.5)),
        (dice, "DICE 2d6 1 1 more and more", IRC, ("2d6", 1, 1.0)),
        (dice, "DICE x " + "9" * 18, BOTH, ("x", int("9" * 18), 0.5)),
        (pick, "PICK small", BOTH, ("small", "nobody")),
        (pick, "PICK large Ben", BOTH, ("large", "Ben")),
        (tell, "TELL ben hi there", PLAIN, ("#lobby", "ben", "hi there")),
        (tell, "TELL ben :hi there", IRC, ("#lobby", "ben", "hi there")),
        (tell, "TELL ben hi there", IRC, ("#lobby", "ben", "hi there")),
        (tell, "TELL #dev ben :hi", IRC, ("#dev", "ben", "hi")),
        (tell, "TELL #dev   ben   hi  there ", PLAIN, ("#dev", "ben", "hi  there")),
        (tell, "TELL ben :)", PLAIN, ("#lobby", "ben", ":)")),
        (tell, "TELL ben #dev", PLAIN, ("#lobby", "ben", "#dev")),
        (put, "PUT", PLAIN, ("#lobby", "no reason")),
        (put, "PUT #dev", BOTH, ("#dev", "no reason")),
        (put, "PUT away", PLAIN, ("#lobby", "away")),
        (put, "PUT #dev :it is late", IRC, ("#dev", "it is late")),
        (dice, "DICE x :", IRC, ("x", 1, 0.5)),
        (remind, "REMIND 10m 3 tea", BOTH, (600.0, "#lobby", 3, "tea")),
        (remind, "REMIND 10m tea time", BOTH, (600.0, "#lobby", None, "tea time")),
        (remind, "REMIND 10m :tea time", IRC, (600.0, "#lobby", None, "tea time")),
        (remind, "REMIND #dev tea", BOTH, (None, "#dev", None, "tea")),
        (remind, "REMIND 10m #dev 3 tea", BOTH, (600.0, "#dev", 3, "tea")),
        (remind, "REMIND tea  time", PLAIN, (None, "#lobby", None, "tea  time")),
        (invite, "INVITE ben", BOTH, ("ben",)),
        (invite, "INVITE ben  cas dora ", BOTH, ("ben", "cas", "dora")),
        (invite, "INVITE ben :cas  dora", IRC, ("ben", "cas", "dora")),
        (invite, "INVITE ben cas :dora eve", IRC, ("ben", "cas", "dora", "eve")),
        (add, "ADD", BOTH, ()),
        (add, "ADD :", IRC, ()),
        (add, "ADD 1 2", BOTH, (1, 2)),
        (light, "LIGHT", BOTH, ("hall", True)),
        (light, "LIGHT off", BOTH, ("hall", False)),
        (light, "LIGHT attic", BOTH, ("attic", True)),
        (light, "LIGHT attic No", BOTH, ("attic", False)),
        (count, "COUNT", BOTH, (None, 10)),
        (count, "COUNT 5", BOTH, (None, 5)),
        (count, "COUNT #dev 5", BOTH, ("#dev", 5)),
        (go, "GO", BOTH, ()),
        (go, "GO on and on", IRC, ()),
    ],
)
def test_arguments_are_what_was_typed(
    each: Command, line: str, dialects: tuple[str, ...], got: tuple[Any, ...]
) -> None:
    for dialect in dialects:
        assert run(each, line, dialect) == got


@pytest.mark.parametrize(
    ("each", "line", "dialects", "reply", "text"),
    [
        (dice, "DICE", BOTH, replies.NEED_MORE_PARAMS, "<dice> is missing."),
        (tell, "TELL", BOTH, replies.NEED_MORE_PARAMS, "<nick> is missing."),
        (tell, "TELL #dev", BOTH, replies.NEED_MORE_PARAMS, "<nick> is missing."),
        (tell, "TELL ben", BOTH, replies.NEED_MORE_PARAMS, "<text> is missing."),
        (tell, "TELL ben :", IRC, replies.NEED_MORE_PARAMS, "<text> is missing."),
        (dice, "DICE x y", BOTH, replies.BAD_ARGUMENT, "times is a whole number, not y."),
        (dice, "DICE x 1.5", BOTH, replies.BAD_ARGUMENT, "times is a whole number, not 1.5."),
        (dice, "DICE x １２", BOTH, replies.BAD_ARGUMENT, "times is a whole number, not １２."),
        (dice, "DICE x 1_0", BOTH, replies.BAD_ARGUMENT, "times is a whole number, not 1_0."),
        (dice, "DICE x ²", BOTH, replies.BAD_ARGUMENT, "times is a whole number, not ²."),
        (dice, "DICE x " + "9" * 19, BOTH, replies.BAD_ARGUMENT, "not " + "9" * 19),
        (dice, "DICE x 1 nan", BOTH, replies.BAD_ARGUMENT, "sum is a number, not nan."),
        (dice, "DICE x 1 inf", BOTH, replies.BAD_ARGUMENT, "sum is a number, not inf."),
        (dice, "DICE x 1 1e9", BOTH, replies.BAD_ARGUMENT, "sum is a number, not 1e9."),
        (dice, "DICE x 1 １.５", BOTH, replies.BAD_ARGUMENT, "sum is a number"),
        (dice, "DICE x 1 .5", BOTH, replies.BAD_ARGUMENT, "sum is a number, not .5."),
        (dice, "DICE x 1 1 more", PLAIN, replies.BAD_ARGUMENT, "more than DICE takes: more."),
        (go, "GO on and on", PLAIN, replies.BAD_ARGUMENT, "more than GO takes: on and on."),
        (
            pick,
            "PICK medium",
            BOTH,
            replies.BAD_ARGUMENT,
            "size is one of small, large, not medium",
        ),
        (pick, "PICK Small", BOTH, replies.BAD_ARGUMENT, "size is one of small, large, not Small"),
        (remind, "REMIND", BOTH, replies.NEED_MORE_PARAMS, "<text> is missing."),
        (remind, "REMIND 10m", BOTH, replies.NEED_MORE_PARAMS, "<text> is missing."),
        (remind, "REMIND 90 tea", BOTH, replies.BAD_ARGUMENT, "wait needs a unit, as 90s, 90m"),
        (remind, "REMIND -5m tea", BOTH, replies.BAD_ARGUMENT, "wait is a time such as"),
        (remind, "REMIND 10m 1.5 tea", BOTH, replies.BAD_ARGUMENT, "often is a whole number"),
        (remind, "REMIND 60w tea", BOTH, replies.BAD_ARGUMENT, "wait must be from 1s to 365d"),
        (invite, "INVITE", BOTH, replies.NEED_MORE_PARAMS, "<nick> is missing."),
        (add, "ADD 1 two", BOTH, replies.BAD_ARGUMENT, "number is a whole number, not two."),
        (add, "ADD 1 100", BOTH, replies.BAD_ARGUMENT, "number must be from 0 to 99, not 100."),
        (light, "LIGHT cellar", BOTH, replies.BAD_ARGUMENT, "room is one of hall, attic, not"),
        (light, "LIGHT hall up", BOTH, replies.BAD_ARGUMENT, "on is on or off, not up."),
        (light, "LIGHT off hall", PLAIN, replies.BAD_ARGUMENT, "more than LIGHT takes: hall."),
        (count, "COUNT some", BOTH, replies.BAD_ARGUMENT, "most is a whole number, not some."),
        (put, "PUT", IRC, replies.NO_CHANNEL, ""),
        (put, "PUT away", IRC, replies.NO_SUCH_CHANNEL, ""),
    ],
)
def test_what_cannot_be_understood_is_refused_in_words(
    each: Command, line: str, dialects: tuple[str, ...], reply: replies.Reply, text: str
) -> None:
    for dialect in dialects:
        error = refused(each, line, dialect)
        assert error.reply is reply
        assert text in str(error)
        if reply in (replies.BAD_ARGUMENT, replies.NEED_MORE_PARAMS):
            assert f"Usage: {each.usage}" in str(error)


def test_where_no_channel_is_clear_one_is_asked_for() -> None:
    for dialect in BOTH:
        assert refused(tell, "TELL ben hi", dialect, "").reply is replies.NO_CHANNEL


def test_rights_are_asked_for_when_the_arguments_are_known() -> None:
    caller = Caller("plain")
    tell.run(caller, parse("TELL #dev ben hi"))  # type: ignore[arg-type]
    assert caller.required == ["member"]
    assert caller.channel == "#dev"
    caller = Caller("plain")
    go.run(caller, parse("GO"))  # type: ignore[arg-type]
    assert caller.required == []


# What cannot be a command -------------------------------------------------------------------------


def no_docstring(ctx: Context) -> None: ...


def no_context() -> None:
    """Nothing to act by."""


def a_list(ctx: Context, words: list[str]) -> None:
    """Nobody can type that."""


async def waits(ctx: Context) -> None:
    """Nobody awaits it."""


def yields(ctx: Context) -> Any:
    """Nobody asks for more."""
    yield


def steers(ctx: Context) -> None:
    """Help with \x1b[2J in it."""


def halves(ctx: Context) -> None:
    """Help with \ud800 in it."""


def fine(ctx, word, more="x"):  # type: ignore[no-untyped-def]
    """Without annotations, words."""
    ctx.got = word, more


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (no_docstring, "X has no help"),
        (no_context, "X: its function takes the context"),
        (a_list, "X: words has a type that nobody can type"),
        (waits, "X: write def, not async def"),
        (yields, "X: its function must not yield"),
        (steers, "X: its help has what cannot be shown"),
        (halves, "X: its help has what cannot be shown"),
    ],
)
def test_a_function_that_cannot_be_a_command_is_refused_when_its_file_is_loaded(
    function: Callable[..., None], says: str
) -> None:
    with pytest.raises(TypeError, match=says):
        command("X")(function)


@pytest.mark.parametrize(
    "verb", ["", "roll", "ROLL DICE", "1UP", "RÖLL", "/ROLL", "ROLL\n", "RO-LL"]
)
def test_a_verb_is_capital_letters_and_digits(verb: str) -> None:
    with pytest.raises(TypeError, match="cannot be a verb"):
        command(verb)(fine)
    with pytest.raises(TypeError, match="cannot be a verb"):
        command("ROLL", aliases=[verb])(fine)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"aliases": "SAY"}, r'X: aliases are a list, as \["SAY"\]'),
        ({"aliases": [1]}, "1 cannot be a verb"),
        ({"allow": "admin"}, "X: allow is one of anyone, member, op, oper, not 'admin'"),
        ({"allow": "op", "unregistered": True}, "X: who has not come in is no op"),
        ({"rate": "often"}, "X: the rate is a number .*, as 5/min; not 'often'"),
        ({"rate": 5}, "X: the rate is a number"),
        ({"rate": None}, "X: the rate is a number"),
        ({"examples": ["X 1"]}, "X: examples are a dict from a line to what ann then reads"),
        ({"examples": {"X 1": 1}}, "X: examples are a dict"),
        ({"examples": {"X \x07": "no"}}, "X: its help has what cannot be shown"),
    ],
)
def test_what_is_said_of_a_command_is_checked_when_its_file_is_loaded(
    given: dict[str, Any], says: str
) -> None:
    with pytest.raises(TypeError, match=says):
        command("X", **given)(fine)


def test_the_verb_must_not_be_forgotten() -> None:
    with pytest.raises(TypeError, match=r'after @command comes its verb: @command\("ROLL"\)'):
        command(fine)  # type: ignore[arg-type]


# How often ----------------------------------------------------------------------------------------


class Hasty(Caller):
    """A caller on a server whose clock stands still."""

    def __init__(self, dialect: str, rates: Rates, *, registered: bool = True) -> None:
        super().__init__(dialect)
        self.server = SimpleNamespace(rates=rates)
        self.connection = SimpleNamespace(user_id=7, registered=registered)
        self.operator = False

    @property
    def user(self) -> SimpleNamespace:
        assert self.connection.registered, "who has not come in is no user"
        return SimpleNamespace(operator=self.operator)


@command("NOW", rate="2/min", allow="member", unregistered=False)
def now(ctx: Context, how: int = 0) -> None:
    """Do it now."""
    ctx.got = (how,)


@pytest.mark.parametrize("dialect", BOTH)
def test_who_is_too_fast_is_told_when(dialect: str) -> None:
    time = [100.0]
    caller = Hasty(dialect, Rates(lambda: time[0]))
    for _ in range(2):
        now.run(caller, parse("NOW"))  # type: ignore[arg-type]
    time[0] += 48
    with pytest.raises(Refused) as refused:
        now.run(caller, parse("NOW"))  # type: ignore[arg-type]
    assert refused.value.reply is replies.NOT_SO_FAST
    assert str(refused.value) == "NOW: not so fast; again in 12 s."
    assert Irc("s").reply("ann", refused.value.reply, refused.value.fields) == (
        b":s 263 ann NOW :Not so fast; again in 12 s.\r\n"
    )
    time[0] += 12
    now.run(caller, parse("NOW"))  # type: ignore[arg-type]


def test_what_was_refused_before_does_not_count() -> None:
    caller = Hasty("plain", Rates(lambda: 0.0))
    for _ in range(5):
        with pytest.raises(Refused, match="whole number"):
            now.run(caller, parse("NOW x"))  # type: ignore[arg-type]
    caller.require = lambda allow: (_ for _ in ()).throw(Refused(replies.NO_CHANNEL))  # type: ignore[method-assign]
    for _ in range(5):
        with pytest.raises(Refused, match="no channel"):
            now.run(caller, parse("NOW"))  # type: ignore[arg-type]
    del caller.require
    now.run(caller, parse("NOW"))  # type: ignore[arg-type]


def test_operators_of_the_server_need_not_wait() -> None:
    caller = Hasty("plain", Rates(lambda: 0.0))
    caller.operator = True
    for how in range(5):
        now.run(caller, parse(f"NOW {how}"))  # type: ignore[arg-type]
        assert caller.got == (how,)


def test_a_rate_holds_before_one_has_come_in() -> None:
    early = command("EARLY", rate="1/s", unregistered=True)(now.function)
    caller = Hasty("plain", Rates(lambda: 0.0), registered=False)
    early.run(caller, parse("EARLY"))  # type: ignore[arg-type]
    with pytest.raises(Refused, match="EARLY: not so fast; again in 1 s"):
        early.run(caller, parse("EARLY"))  # type: ignore[arg-type]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=40))
def test_whatever_follows_a_verb_is_done_or_refused(text: str) -> None:
    for each in (dice, pick, tell, put, remind, invite, add, light, count):
        for dialect in BOTH:
            message = parse(f"{each.verb} {text}")
            assert message
            with contextlib.suppress(Refused):
                each.run(Caller(dialect), message)  # type: ignore[arg-type]


def test_a_parameter_without_a_type_is_a_word() -> None:
    assert run(command("FINE2")(fine), "FINE2 a", "plain") == ("a", "x")


# The table ----------------------------------------------------------------------------------------


def test_each_dialect_finds_its_own_commands() -> None:
    one = command("SAY", dialects=["irc"], aliases=["TALK"])(fine)
    other = command("SAY", dialects=["plain"])(fine)
    table = CommandTable([one, other])
    assert table.find("irc", "SAY") is table.find("irc", "TALK") is one
    assert table.find("plain", "SAY") is other
    assert table.find("plain", "TALK") is None
    assert table.find("plain", "say") is None
    assert CommandTable().find("irc", "SAY") is None


def home(name: str) -> Any:
    """As much of a plugin as a command looks at."""
    return SimpleNamespace(name=name)


def test_two_plugins_cannot_have_one_verb() -> None:
    early, late = (
        command("SAY")(fine).of(home("talk")),
        command("X", aliases=["SAY"])(fine).of(home("mine")),
    )
    with pytest.raises(Taken, match="mine: the command SAY is talk's already") as taken:
        CommandTable([early, late])
    assert taken.value.verb == "SAY"


def test_help_lists_the_commands_that_are_not_hidden_in_order_and_once() -> None:
    commands = [go, tell, command("AA", hidden=True)(fine), command("BB", dialects=["irc"])(fine)]
    table = CommandTable(commands)
    assert [each.verb for each in table.listed("plain")] == ["GO", "TELL"]
    assert [each.verb for each in table.listed("irc")] == ["BB", "GO", "TELL"]


@pytest.mark.parametrize(
    ("typed", "meant"), [("TEL", "TELL"), ("DIEC", "DICE"), ("PCIK", "PICK"), ("HELLO", None)]
)
def test_a_verb_that_is_nearly_right_is_recognised(typed: str, meant: str | None) -> None:
    assert CommandTable([dice, pick, tell]).nearest("plain", typed) == meant


def test_a_plugins_command_knows_whose_it_is() -> None:
    assert dice.plugin == ""
    named = dice.of(home("dice"))
    assert named.plugin == "dice"
    assert named.function is dice.function
    assert SimpleNamespace(verb=named.verb).verb == "DICE"


def test_a_word_is_itself() -> None:
    assert Parameter("word", str, required=True).convert("１２") == "１２"
