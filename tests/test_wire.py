"""The line grammar: whole, byte by byte, and back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ircish.wire import (
    MAX_LINE,
    MAX_TAGS,
    Fault,
    LineBuffer,
    Message,
    decode,
    encode,
    format,
    format_tags,
    one_line,
    parse,
    parse_tags,
)

LONGEST = b"M" * (MAX_LINE - 2)
TAGS = b"@" + b"t" * (MAX_TAGS - 2) + b" "


def whole(data: bytes) -> list[bytes | Fault]:
    return LineBuffer().feed(data)


def byte_by_byte(data: bytes) -> list[bytes | Fault]:
    buffer = LineBuffer()
    return [line for byte in data for line in buffer.feed(bytes([byte]))]


@pytest.mark.parametrize("feed", [whole, byte_by_byte])
@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"NICK ann", []),
        (b"NICK ann\r\n", [b"NICK ann"]),
        (b"NICK ann\nMSG hi\r\nQUIT", [b"NICK ann", b"MSG hi"]),
        (b"\n\r\n\n\r\n", []),
        (b" \n", [b" "]),
        (b"a\rb\n", [b"a\rb"]),
        (b"a\r\r\n", [b"a\r"]),
        (b"a\0b\x0b\x0c\x1c\x85\xe2\x80\xa8c\n", [b"a\0b\x0b\x0c\x1c\x85\xe2\x80\xa8c"]),
        (LONGEST + b"\r\n", [LONGEST]),
        (LONGEST + b"M\n", [LONGEST + b"M"]),
        (LONGEST + b"M\r\nNEXT\n", [Fault.TOO_LONG, b"NEXT"]),
        (LONGEST + b"MM\nNEXT\n", [Fault.TOO_LONG, b"NEXT"]),
        (b"M" * 100_000 + b"\nNEXT\n", [Fault.TOO_LONG, b"NEXT"]),
        (b"M" * 100_000, [Fault.TOO_LONG]),
        (TAGS + LONGEST + b"\r\n", [TAGS + LONGEST]),
        (TAGS + LONGEST + b"M\r\nNEXT\n", [Fault.TOO_LONG, b"NEXT"]),
        (b"@t" + TAGS[1:] + b"V\r\nNEXT\n", [Fault.TOO_LONG, b"NEXT"]),
        (TAGS[:-1] + b"\n", [TAGS[:-1]]),
        (TAGS[:-1] + b"t\nNEXT\n", [Fault.TOO_LONG, b"NEXT"]),
        (b"@t " + LONGEST + b"M\r\nNEXT\n", [Fault.TOO_LONG, b"NEXT"]),
    ],
)
def test_lines_come_out_the_same_however_the_bytes_come_in(
    feed: type, data: bytes, lines: list[bytes | Fault]
) -> None:
    assert feed(data) == lines


def test_the_last_line_needs_no_end_where_the_other_side_has_closed() -> None:
    buffer = LineBuffer()
    assert buffer.feed(b"MSG done\nQUIT bye") == [b"MSG done"]
    assert buffer.end() == [b"QUIT bye"]
    assert buffer.end() == []


def test_the_end_of_a_line_that_is_too_long_is_not_a_line() -> None:
    buffer = LineBuffer()
    assert buffer.feed(b"M" * 10_000) == [Fault.TOO_LONG]
    assert buffer.end() == []


# Few different bytes, so that lines, tags and their limits are met often.
pieces = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"\n", b"\r\n", b"\r", b"@", b" ", b":", b"\0", b"\xff\xfb\x01", b"\xc3"]),
    st.sampled_from([LONGEST, TAGS, b"M" * 255, b"t" * 4000]),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(pieces, max_size=12).map(b"".join), st.randoms(use_true_random=False))
def test_any_bytes_in_any_portions_give_the_same_lines(data: bytes, random: object) -> None:
    portions, buffer, rest = [], LineBuffer(), data
    while rest:
        size = random.randint(1, 600)  # type: ignore[attr-defined]
        portions += buffer.feed(rest[:size])
        rest = rest[size:]
    assert portions == whole(data)
    if len(data) < 3000:
        assert byte_by_byte(data) == whole(data)


@settings(deadline=None, max_examples=100)
@given(st.lists(pieces, max_size=12).map(b"".join))
def test_any_bytes_become_messages_or_faults_and_nothing_is_raised(data: bytes) -> None:
    for line in whole(data + b"\n"):
        if isinstance(line, bytes):
            text = decode(line)
            if isinstance(text, str):
                assert one_line(text)
                parse(text)


@pytest.mark.parametrize("head", [b"", b"@", b"@t ", b"@" + b"t" * 5000 + b" "])
def test_a_buffer_holds_at_most_one_line(head: bytes) -> None:
    buffer = LineBuffer()
    buffer.feed(head)
    for _ in range(100):
        buffer.feed(b"M" * 1000)
        assert len(buffer._partial) <= MAX_TAGS + MAX_LINE


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"MSG hi", "MSG hi"),
        ("MSG grüße 👋".encode(), "MSG grüße 👋"),
        (b"a\0b", Fault.CONTROL),
        (b"a\rb", Fault.CONTROL),
        (b"MSG \xe9t\xe9", Fault.NOT_UTF8),
        (b"MSG \xed\xa0\x80", Fault.NOT_UTF8),
        (b"MSG \xc0\x80", Fault.NOT_UTF8),
        (b"\xff\xfb\x1f\xff\xfd\x03NICK ann", "NICK ann"),
        (b"\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0NICK ann", "NICK ann"),
        (b"NICK\xff\xf1 ann\xff", "NICK ann"),
        (b"\xff\xfd\x06\xff\xf4", ""),
        (b"MSG \xff\xffhi", "MSG hi"),
        (b"MSG hi\xff\xfa" + b"\x1f\xff\xfa" * 100, "MSG hi"),
    ],
)
def test_a_line_is_utf8_without_telnets_negotiation_or_refused_by_name(
    line: bytes, text: str | Fault
) -> None:
    assert decode(line) == text


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", None),
        ("   ", None),
        (":ann", None),
        ("@a=b", None),
        ("@a=b :ann ", None),
        ("quit", Message("QUIT")),
        ("  NICK   ann  ", Message("NICK", ("ann",))),
        ("PRIVMSG #a :", Message("PRIVMSG", ("#a", ""))),
        ("PRIVMSG #a :hi there ", Message("PRIVMSG", ("#a", "hi there "))),
        ("PRIVMSG #a ::)", Message("PRIVMSG", ("#a", ":)"))),
        ("PRIVMSG #a a:b", Message("PRIVMSG", ("#a", "a:b"))),
        ("PRIVMSG #a   :x", Message("PRIVMSG", ("#a", "x"))),
        ("MSG : :)", Message("MSG", (" :)",))),
        (":ann!a@b QUIT :bye", Message("QUIT", ("bye",), source="ann!a@b")),
        ("  @a=b;c  :ann  TAGMSG  #a", Message("TAGMSG", ("#a",), {"a": "b", "c": ""}, "ann")),
        ("X\ta\u2028b c", Message("X\tA\u2028B", ("c",))),
        ("V " + " ".join("abcdefghijklmnopqrst"), Message("V", tuple("abcdefghijklmnopqrst"))),
    ],
)
def test_a_line_is_read_as_modern_irc_says(line: str, message: Message | None) -> None:
    assert parse(line) == message


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("MSG hi  there ", "hi  there "),
        ("MSG  :)", " :)"),
        ("HELP", ""),
        ("@a=b :ann MSG x :y", "x :y"),
    ],
)
def test_what_a_person_typed_behind_the_verb_is_kept_as_it_came(line: str, rest: str) -> None:
    message = parse(line)
    assert message
    assert message.rest == rest


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", {}),
        (";;", {}),
        ("a;b=;c=d", {"a": "", "b": "", "c": "d"}),
        ("a=1;a=2", {"a": "2"}),
        ("=x;a==", {"a": "="}),
        (r"a=\:\s\\\r\n", {"a": "; \\\r\n"}),
        ("a=b\\", {"a": "b"}),
        (r"a=\b", {"a": "b"}),
        ("+draft/react=👍", {"+draft/react": "👍"}),
    ],
)
def test_tags_are_unescaped_as_message_tags_says(text: str, tags: dict[str, str]) -> None:
    assert parse_tags(text) == tags


words = st.text(
    st.characters(exclude_characters=" \r\n\0", exclude_categories=["Cs"]), min_size=1, max_size=9
)
middles = words.filter(lambda word: word[0] != ":")
texts = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=20)
verbs = st.from_regex(r"[A-Z0-9]{1,9}", fullmatch=True)
keys = st.text(
    st.characters(exclude_characters=" ;=\r\n\0", exclude_categories=["Cs"]),
    min_size=1,
    max_size=9,
)
values = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=9)


@settings(deadline=None, max_examples=200)
@given(
    verbs,
    st.lists(middles, max_size=20),
    st.lists(texts, max_size=1),
    st.dictionaries(keys, values, max_size=4),
    st.one_of(st.just(""), words),
)
def test_parse_gives_back_what_format_was_given(
    verb: str, middle: list[str], last: list[str], tags: dict[str, str], source: str
) -> None:
    message = Message(verb, (*middle, *last), tags, source)
    line = format(message)
    assert line.endswith(b"\r\n")
    assert line.count(b"\n") == line.count(b"\r") == 1
    assert parse(line[:-2].decode()) == message


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60).filter(one_line))
def test_format_gives_back_what_parse_read(line: str) -> None:
    message = parse(line)
    if message is not None:
        try:
            data = format(message)
        except ValueError:
            return
        assert parse(data[:-2].decode()) == message


@pytest.mark.parametrize(
    "message",
    [
        Message(""),
        Message("A B"),
        Message(":A"),
        Message("@A"),
        Message("V", ("", "x")),
        Message("V", (":a", "x")),
        Message("V", ("a b", "x")),
        Message("V", ("a\nQUIT",)),
        Message("V\rX"),
        Message("V", ("a\0b",)),
        Message("V", source="a b"),
        Message("V", source="a\nb"),
        Message("V", tags={"": "x"}),
        Message("V", tags={"a b": "x"}),
        Message("V", tags={"a;b": "x"}),
        Message("V", tags={"a": "x\0"}),
    ],
)
def test_what_has_no_line_is_refused(message: Message) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        format(message)


def test_a_tag_may_hold_any_text_but_nul() -> None:
    assert format_tags({"a": "x; y\\\r\n", "b": ""}) == r"a=x\:\sy\\\r\n;b"


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\0b"])
def test_nothing_can_write_two_lines(text: str) -> None:
    assert not one_line(text)
    with pytest.raises(ValueError, match="not one line"):
        encode(text)


def test_an_encoded_line_ends_in_cr_lf() -> None:
    assert encode("grüß dich") == "grüß dich\r\n".encode()


@pytest.mark.parametrize("line", ["MSG hi", "@a=b :ann MSG  hi :there", "@ben hello", ":x"])
def test_a_message_knows_the_line_it_was(line: str) -> None:
    message = parse(f"  {line}")
    assert message is None or message.typed == line
    assert message or line == ":x"
