"""Parameters: each type read from a word, shown in a usage, refused in words; and what cannot be an
argument at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any, Literal, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ircish.parameters import (
    YEAR,
    Between,
    Channel,
    Duration,
    Nick,
    Parameter,
    Rest,
    Unlike,
    parameters_of,
    spelt,
)

Context = Any
Size = Literal["small", "large"]


def one(type_: Any, name: str = "x", **options: Any) -> Parameter:
    """A parameter as a function would have it."""

    def function(ctx: Context, given: Any) -> None: ...

    function.__annotations__["given"] = type_
    (parameter,) = parameters_of("X", function)
    return Parameter(name, parameter.type, parameter.required, bounds=parameter.bounds, **options)


# Words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "word", "value"),
    [
        (str, "１２", "１２"),
        (Nick, "Ben", "Ben"),
        (int, "12", 12),
        (int, "+12", 12),
        (int, "-0", 0),
        (int, "9" * 18, int("9" * 18)),
        (float, "12", 12.0),
        (float, "-1.25", -1.25),
        *[(bool, word, True) for word in ("on", "yes", "true", "ON", "Yes")],
        *[(bool, word, False) for word in ("off", "no", "false", "OFF")],
        (Size, "large", "large"),
        (Duration, "90s", 90.0),
        (Duration, "10m", 600.0),
        (Duration, "1h30m", 5_400.0),
        (Duration, "1H30M", 5_400.0),
        (Duration, "2d", 172_800.0),
        (Duration, "1w1d1h1m1s", 694_861.0),
        (Duration, "365d", float(YEAR)),
        (Annotated[int, Between(1, 100)], "100", 100),
        (Annotated[int, Between(1, 100)], "1", 1),
        (Annotated[int, Between(least=1)], "1000", 1000),
        (Annotated[Duration, Between(60, 3600)], "1h", 3600.0),
        (Annotated[Duration, Between(0, 3600)], "0s", 0.0),
    ],
)
def test_a_word_becomes_a_value(type_: Any, word: str, value: object) -> None:
    got = one(type_).convert(word)
    assert got == value
    assert type(got) is type(value)


WHOLE, NUMBER, SWITCH = "x is a whole number", "x is a number", "x is on or off"
TIME = "x is a time such as 30s, 10m, 1h30m or 2d"
UNLIKE, WRONG = Unlike, ValueError


@pytest.mark.parametrize(
    ("type_", "word", "kind", "sentence"),
    [
        (int, "many", UNLIKE, f"{WHOLE}, not many."),
        (int, "2d6", UNLIKE, f"{WHOLE}, not 2d6."),
        (int, "²", UNLIKE, f"{WHOLE}, not ²."),
        (int, "...", UNLIKE, f"{WHOLE}, not ...."),
        (int, "1.5", WRONG, f"{WHOLE}, not 1.5."),
        (int, "１２", WRONG, f"{WHOLE}, not １２."),
        (int, "1_0", WRONG, f"{WHOLE}, not 1_0."),
        (int, "9" * 19, WRONG, f"{WHOLE}, not {'9' * 19}."),
        (float, "nan", UNLIKE, f"{NUMBER}, not nan."),
        (float, "inf", UNLIKE, f"{NUMBER}, not inf."),
        (float, "1e9", UNLIKE, f"{NUMBER}, not 1e9."),
        (float, ".5", WRONG, f"{NUMBER}, not .5."),
        (float, "1,5", WRONG, f"{NUMBER}, not 1,5."),
        (bool, "1", UNLIKE, f"{SWITCH}, not 1."),
        (bool, "maybe", UNLIKE, f"{SWITCH}, not maybe."),
        (Size, "medium", UNLIKE, "x is one of small, large, not medium."),
        (Size, "Small", WRONG, "x is one of small, large, not Small."),
        (Duration, "soon", UNLIKE, f"{TIME}, not soon."),
        (Duration, "m", UNLIKE, f"{TIME}, not m."),
        (Duration, "10y", UNLIKE, f"{TIME}, not 10y."),
        (Duration, "１０m", UNLIKE, f"{TIME}, not １０m."),
        (Duration, "-5m", WRONG, f"{TIME}, not -5m."),
        (Duration, "1.5h", WRONG, f"{TIME}, not 1.5h."),
        (Duration, "1h30", WRONG, f"{TIME}, not 1h30."),
        (Duration, "30m1h", WRONG, f"{TIME}, not 30m1h."),
        (Duration, "９０", WRONG, f"{TIME}, not ９０."),
        (Duration, "90", WRONG, "x needs a unit, as 90s, 90m, 90h or 90d; not 90 alone."),
        (Duration, "-90", WRONG, "x needs a unit, as 90s, 90m, 90h or 90d; not 90 alone."),
        (Duration, "0s", WRONG, "x must be from 1s to 365d, not 0s."),
        (Duration, "53w", WRONG, "x must be from 1s to 365d, not 53w."),
        (Duration, "999999999w", WRONG, "x must be from 1s to 365d, not 999999999w."),
        (Duration, "9" * 400 + "s", WRONG, f"{TIME}, not {'9' * 400}s."),
        (Annotated[int, Between(1, 100)], "500", WRONG, "x must be from 1 to 100, not 500."),
        (Annotated[int, Between(1, 100)], "0", WRONG, "x must be from 1 to 100, not 0."),
        (Annotated[int, Between(1, 100)], "all", UNLIKE, f"{WHOLE}, not all."),
        (Annotated[int, Between(least=1)], "0", WRONG, "x must be at least 1, not 0."),
        (Annotated[float, Between(most=0.5)], "1", WRONG, "x must be at most 0.5, not 1."),
        (
            Annotated[Duration, Between(60, 5400)],
            "2h",
            WRONG,
            "x must be from 1m to 1h30m, not 2h.",
        ),
    ],
)
def test_a_refusal_names_the_argument_what_was_wrong_and_what_would_be_right(
    type_: Any, word: str, kind: type[ValueError], sentence: str
) -> None:
    parameter = one(type_)
    with pytest.raises(ValueError, match=r".") as error:
        parameter.convert(word)
    assert str(error.value) == sentence
    assert type(error.value) is kind
    assert not parameter.takes(word)


TYPES = (str, int, float, bool, Size, Nick, Duration, Annotated[int, Between(1, 6)])
NEAR = st.from_regex(r"[+-]?[0-9.,_ⅷ²１]{0,25}[wdhmsenaif]{0,2}[0-9]{0,3}[smh]?", fullmatch=True)


@given(st.sampled_from(TYPES), st.text() | NEAR)
def test_whatever_is_typed_is_a_value_or_a_sentence(type_: Any, word: str) -> None:
    parameter = one(type_)
    if not parameter.takes(word):
        with pytest.raises(ValueError, match=r"^x "):
            parameter.convert(word)
        return
    value = parameter.convert(word)
    assert not isinstance(value, float) or math.isfinite(value)
    assert word.isascii() or type_ in (str, Nick)


@given(st.integers(1, YEAR))
def test_a_duration_is_spelt_as_it_is_typed(seconds: int) -> None:
    assert one(Duration).convert(spelt(seconds)) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.4, "0s"), (89.6, "1m30s"), (3600, "1h"), (90_061, "1d1h1m1s")],
)
def test_a_duration_is_spelt_shortly(seconds: float, text: str) -> None:
    assert spelt(seconds) == text


# Usage --------------------------------------------------------------------------------------------


def plain(ctx: Context, dice: str, from_: int, per_day: float = 1, text: Rest = "") -> None: ...
def channels(ctx: Context, channel: Channel) -> None: ...
def typed_channel(ctx: Context, where: Channel | None) -> None: ...
def choices(ctx: Context, size: Size, on: bool = True) -> None: ...
def many(
    ctx: Context, colour: Literal["vermilion", "ultramarine", "chartreuse", "cornflower"]
) -> None: ...
def people(ctx: Context, nick: Nick, who: Nick, old_nick: Nick, winner: Nick) -> None: ...
def several(ctx: Context, *nicks: Nick) -> None: ...
def more(ctx: Context, nick: Nick, *more: Nick) -> None: ...
def words(ctx: Context, *words: str) -> None: ...
def glasses(ctx: Context, *glasses: int) -> None: ...
def classes(ctx: Context, *class_: int) -> None: ...
def switches(ctx: Context, *switches: Size) -> None: ...
def optional(ctx: Context, many: int | None, wait: Optional[Duration], text: Rest) -> None: ...  # noqa: UP045
def untyped(ctx, word, more="x"): ...  # type: ignore[no-untyped-def]


@pytest.mark.parametrize(
    ("function", "usage"),
    [
        (plain, "<dice> <from> [<per-day>] [<text>]"),
        (channels, "[#channel]"),
        (typed_channel, "[<channel>]"),
        (choices, "<small|large> [<on|off>]"),
        (many, "<colour>"),
        (people, "<nick> <who> <old-nick> <winner>"),
        (several, "[<nick>...]"),
        (more, "<nick> [<more>...]"),
        (words, "[<word>...]"),
        (glasses, "[<glasses>...]"),
        (classes, "[<class>...]"),
        (switches, "[<small|large>...]"),
        (optional, "[<many>] [<wait>] <text>"),
        (untyped, "<word> [<more>]"),
    ],
)
def test_a_signature_is_a_usage(function: Callable[..., None], usage: str) -> None:
    assert " ".join(each.usage for each in parameters_of("X", function)) == usage


def test_what_may_be_left_out_has_its_default() -> None:
    found = parameters_of("X", optional)
    assert [(each.required, each.default) for each in found] == [
        (False, None),
        (False, None),
        (True, None),
    ]
    assert [each.default for each in parameters_of("X", plain)] == [None, None, 1, ""]


def test_a_channel_is_taken_by_its_sign() -> None:
    assert one(Channel).takes("#dev")
    assert not one(Channel).takes("dev")


@pytest.mark.parametrize(
    ("type_", "offered"), [(Size, ("small", "large")), (bool, ("on", "off")), (Nick, ())]
)
def test_what_there_is_to_choose_from_is_known(type_: Any, offered: tuple[str, ...]) -> None:
    assert one(type_).choices == offered


# What cannot be an argument -----------------------------------------------------------------------


def a_list(ctx: Context, words: list[str]) -> None: ...
def a_union(ctx: Context, words: int | str) -> None: ...
def a_note(ctx: Context, many: Annotated[int, "up to 6"]) -> None: ...
def unhashable(ctx: Context, many: Annotated[int, []]) -> None: ...
def by_name_only(ctx: Context, *, word: str) -> None: ...
def all_names(ctx: Context, **words: str) -> None: ...
def of_numbers(ctx: Context, size: Literal[1, 2]) -> None: ...
def of_two_words(ctx: Context, size: Literal["very big"]) -> None: ...
def of_nothing(ctx: Context, size: Literal[""]) -> None: ...
def of_signs(ctx: Context, size: Literal["a|b"]) -> None: ...
def of_controls(ctx: Context, size: Literal["\x07"]) -> None: ...
def after_the_rest(ctx: Context, text: Rest, more: str) -> None: ...
def words_after_the_rest(ctx: Context, text: Rest, *more: str) -> None: ...
def rests(ctx: Context, *text: Rest) -> None: ...
def many_channels(ctx: Context, *channels: Channel) -> None: ...
def bounded_word(ctx: Context, word: Annotated[str, Between(1, 6)]) -> None: ...
def no_bounds(ctx: Context, many: Annotated[int, Between(6, 1)]) -> None: ...
def wrong_default(ctx: Context, many: int = "1") -> None: ...  # type: ignore[assignment]
def wrong_choice(ctx: Context, size: Size = "medium") -> None: ...  # type: ignore[assignment]
def a_default_channel(ctx: Context, channel: Channel = "#dev") -> None: ...
def typed_default(ctx: Context, wait: Duration = "10m") -> None: ...  # type: ignore[assignment]
def any_word_first(ctx: Context, who: Nick | None, wait: Duration) -> None: ...
def any_word_before(ctx: Context, who: Nick | None, many: int | None, text: Rest) -> None: ...
def same_twice(ctx: Context, a: int | None, b: int) -> None: ...
def numbers(ctx: Context, a: int | None, b: float) -> None: ...
def unknown(ctx: Context, many: Unknown) -> None: ...  # type: ignore[name-defined]  # noqa: F821
def broken(ctx: Context, many: int[1 / 0]) -> None: ...  # type: ignore[type-arg,valid-type]
def nothing() -> None: ...
def only_names(*, ctx: Context) -> None: ...
def only_words(*ctx: str) -> None: ...


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (a_list, r"words has a type that nobody can type: list\[str\]; write str, int"),
        (a_union, r"words has a type that nobody can type: int \| str"),
        (a_note, "many has a type that nobody can type"),
        (unhashable, "many has a type that nobody can type"),
        (by_name_only, "word must be a plain parameter; nobody types names"),
        (all_names, "words must be a plain parameter; nobody types names"),
        (of_numbers, "the choices of size must be strings"),
        (of_two_words, "'very big' of size is no word that one can type"),
        (of_nothing, "'' of size is no word"),
        (of_signs, r"'a\|b' of size is no word"),
        (of_controls, r"'\\x07' of size is no word"),
        (after_the_rest, "nothing can come after text, the rest"),
        (words_after_the_rest, "nothing can come after text, the rest"),
        (rests, r"text can be there only once; write it without \*"),
        (many_channels, "channels can be there only once"),
        (bounded_word, "word cannot be between 1 and 6"),
        (no_bounds, "many cannot be between 6 and 1"),
        (wrong_default, "the default of many cannot be '1'"),
        (wrong_choice, "the default of size cannot be 'medium'"),
        (a_default_channel, "the default of channel cannot be '#dev'"),
        (typed_default, "the default of wait cannot be '10m'"),
        (any_word_first, "who takes every word that wait could be, so it cannot be left out"),
        (any_word_before, "who takes every word that text could be"),
        (same_twice, "a takes every word that b could be"),
        (numbers, "a takes every word that b could be"),
        (unknown, "the types of its arguments cannot be read: name 'Unknown' is not defined"),
        (broken, "the types of its arguments cannot be read: division by zero"),
        (nothing, "its function takes the context as its first argument"),
        (only_names, "its function takes the context as its first argument"),
        (only_words, "its function takes the context as its first argument"),
    ],
)
def test_what_nobody_could_type_fails_the_load_with_a_sentence(
    function: Callable[..., None], sentence: str
) -> None:
    with pytest.raises(TypeError, match=f"^X: {sentence}"):
        parameters_of("X", function)


def good_defaults(
    ctx: Context,
    a: float = 1,
    b: Size = "large",
    c: Duration = 60.0,
    d: int = None,  # noqa: RUF013
    e: Nick = "",  # type: ignore[assignment]
) -> None: ...
def choices_around(ctx: Context, a: int | None, channel: Channel, size: Size, e: str) -> None: ...


@pytest.mark.parametrize("function", [good_defaults, choices_around])
def test_what_can_be_told_apart_may_be_left_out(function: Callable[..., None]) -> None:
    assert parameters_of("X", function)


def test_the_contexts_type_need_not_be_there() -> None:
    def function(ctx: NotImported, word: str) -> AlsoNot: ...  # type: ignore[name-defined]  # noqa: F821

    assert len(parameters_of("X", function)) == 1


def test_types_of_others_are_words() -> None:
    setting = Annotated[str, "a setting"]

    def function(ctx: Context, name: setting) -> None: ...  # type: ignore[valid-type]

    function.__annotations__["name"] = setting
    (parameter,) = parameters_of("X", function, (setting,))
    assert parameter.type is setting
    assert parameter.convert("theme") == "theme"
