"""What was typed: what is kept, what never is, and what two clients and a kill do to the file."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from ircish.client import inputs
from ircish.client.inputs import Inputs, own_file, redacted, secret


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "inputs"


# --- What is never kept -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "/oper ann hunter2",
        "/OPER ann hunter2",
        "  /oper ann hunter2",
        "/ oper ann hunter2",
        "//oper ann hunter2",
        "/oper\tann\thunter2",
        "/oper\N{NO-BREAK SPACE}ann hunter2",
        "oper ann hunter2",
        "/pass hunter2",
        "PASS :hunter2",
        "AUTHENTICATE hunter2",
        "/quote PASS hunter2",
        "/raw oper ann hunter2",
        "/QUOTE Authenticate hunter2",
        "/quote :ann OPER ann hunter2",
        "/quote @label=1 OPER ann hunter2",
        "/quote webirc hunter2 a b c",
        "/quote quote pass hunter2",
        "quote pass hunter2",
        "/msg nickserv identify hunter2",
        "/msg NickServ IDENTIFY ann hunter2",
        "/msg NickServ@services.example.org identify hunter2",
        "/msg @nickserv identify hunter2",
        "/msg ben,nickserv identify hunter2",
        "/msg nickserv register hunter2 ann@example.org",
        "/msg nickserv ghost ann hunter2",
        "/msg nickserv set password hunter2",
        "/msg nickserv hunter2 identify",
        "/msg Q@CServe.quakenet.org AUTH ann hunter2",
        "/msg x@channels.undernet.org login ann hunter2",
        "/msg chanserv identify #a hunter2",
        "/msg chanserv set #a password hunter2",
        "/query nickserv identify hunter2",
        "/notice nickserv identify hunter2",
        "/quote PRIVMSG nickserv :identify hunter2",
        "PRIVMSG NickServ :identify hunter2",
        "/squery nickserv identify hunter2",
        "/ns identify hunter2",
        "/nickserv identify hunter2",
        "/cs identify #a hunter2",
        "/identify hunter2",
        "identify hunter2",
        "/login ann hunter2",
        "/register ann a@example.org hunter2",
        "/sasl plain ann hunter2",
        "/vhost ann hunter2",
        "/passwd hunter2",
        "/set sasl_password hunter2",
        "/alias id /msg nickserv identify hunter2",
        "/alias x /join #a; oper ann hunter2",
        "hello\n/oper ann hunter2",
        "/oper ann hunter2\r\nhello",
    ],
)
def test_a_line_with_a_password_is_not_kept_at_all(text: str, file: Path) -> None:
    assert redacted(text) is None
    assert secret(text)
    kept = Inputs(file)
    kept.add("#a", text)
    assert kept.lines("#a") == []
    assert not file.exists()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("/join #a hunter2", "/join #a"),
        ("  /J #a,#b hunter2,x", "  /J #a,#b"),
        ("join #a hunter2", "join #a"),
        ("/quote JOIN #a hunter2", "/quote JOIN #a"),
        ("/mode #a +k hunter2", "/mode #a +k"),
        ("/mode +k hunter2", "/mode +k"),
        ("MODE #a +lk 5 hunter2", "MODE #a +lk"),
        ("/quote mode #a -k hunter2", "/quote mode #a -k"),
        ("/connect chat.example.org 6667 hunter2", "/connect chat.example.org 6667"),
        ("/connect chat.example.org hunter2", "/connect chat.example.org"),
        ("/connect chat.example.org --password hunter2", "/connect chat.example.org"),
        ("/connect chat.example.org --password=hunter2 --tls", "/connect chat.example.org"),
        (
            "/connect --nick ann --tls chat.example.org 6697 --join #a --password 'a hunter2'",
            "/connect --nick ann --tls chat.example.org 6697 --join #a",
        ),
        ("/connect --password hunter2 chat.example.org", "/connect"),
        ("/connect ann:hunter2@chat.example.org", "/connect"),
        ("/server chat.example.org 6667 hunter2 ann", "/server chat.example.org 6667"),
    ],
)
def test_only_the_password_goes_where_the_rest_is_worth_keeping(text: str, kept: str) -> None:
    assert redacted(text) == kept
    assert redacted(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "",
        "  ",
        "/",
        "//",
        "/oper",
        "/join #a",
        "join us at noon today",
        "/join",
        "connect me to ben please",
        "/connect chat.example.org 6697 --tls --nick ann ",
        "/connect",
        "/mode #a +o ben",
        "/mode",
        "/mode #a",
        "/msg ben identify yourself",
        "/msg nickserv help register",
        "/msg nickserv",
        "/msg chanserv op #a ben",
        "/msg x how are you",
        "/ns help",
        "/quote WHOIS ben",
        "/quote",
        "/alias w /whois $1",
        "/alias w",
        "/set theme light",
        "login fails since noon",
        "two\nlines",
        "say /oper ann x",
    ],
)
def test_all_else_is_kept_as_it_was_typed(text: str) -> None:
    assert redacted(text) == text
    assert not secret(text)


def test_all_that_a_service_is_told_in_its_own_window_may_be_a_password(file: Path) -> None:
    kept = Inputs(file)
    kept.add("NickServ", "identify hunter2")
    kept.add("NickServ", "ghost ann hunter2")
    kept.add("NickServ", "help identify")
    kept.add("NickServ", "/join #a")
    assert kept.lines("nickserv") == ["help identify", "/join #a"]


def test_an_alias_is_judged_by_what_it_comes_to(file: Path) -> None:
    kept = Inputs(file)
    kept.add("#a", "/o hunter2", meant="/oper ann hunter2")
    kept.add("#a", "/w ben", meant="/whois ben")
    assert kept.lines("#a") == ["/w ben"]


PLACES = st.sampled_from(
    ["/oper ann {}", "/quote pass {}", "/msg nickserv identify {}", "/ns ghost ann {}",
     "/join #a {}", "/connect h.example.org 6667 {}", "/connect --password {}", "/mode #a +k {}"]
)  # fmt: skip


@given(PLACES, st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=6))
def test_no_password_stays_whatever_it_looks_like(place: str, password: str) -> None:
    password = f"pw{password}wp"
    assert password not in (redacted(place.format(password)) or "")


@given(st.text(), st.text())
def test_nothing_that_is_typed_is_too_strange_to_be_judged(text: str, window: str) -> None:
    kept = redacted(text, window)
    assert kept is None or text.startswith(kept) or kept == text


# --- What is kept -----------------------------------------------------------------------------


def test_each_window_has_its_own_lines_and_the_next_start_has_them_too(file: Path) -> None:
    first = Inputs(file)
    first.add("#Dev", "one")
    first.add("ben", "two")
    first.add("#dev", "three\nfour")
    for kept in (first, Inputs(file)):
        assert kept.lines("#dev") == ["one", "three\nfour"]
        assert kept.lines("BEN") == ["two"]
        assert kept.lines("#else") == []
        assert kept.error == ""


def test_the_same_twice_in_a_row_and_blank_lines_are_not_kept(file: Path) -> None:
    kept = Inputs(file)
    for text in ["a", "a", " ", "b", "a", "/join #a x", "/join #a y"]:
        kept.add("#a", text)
    assert kept.lines("#a") == ["a", "b", "a", "/join #a"]


def test_a_search_finds_the_newest_first_in_all_windows_each_once(file: Path) -> None:
    kept = Inputs(file)
    for window, text in [("#a", "old lunch"), ("#b", "Lunch?"), ("#a", "no"), ("#b", "old lunch")]:
        kept.add(window, text)
    assert kept.search("lunch") == ["old lunch", "Lunch?"]
    assert kept.search("LUNCH") == ["old lunch", "Lunch?"]
    assert kept.search("dinner") == []


def test_without_a_file_lines_are_kept_for_this_run() -> None:
    kept = Inputs()
    kept.add("#a", "one")
    assert kept.lines("#a") == ["one"]


def test_nobody_else_can_read_the_file(file: Path) -> None:
    Inputs(file).add("#a", "one")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    file.chmod(0o644)
    Inputs(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_two_clients_at_once_both_keep_their_lines(file: Path) -> None:
    one, two = Inputs(file), Inputs(file)
    for number in range(3):
        one.add("#a", f"one {number}")
        two.add("#a", f"two {number}")
    expected = [f"{who} {number}" for number in range(3) for who in ("one", "two")]
    assert Inputs(file).lines("#a") == expected


def test_clients_that_write_at_the_same_moment_lose_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "SPARE", -1)  # every start writes the file anew

    def type_some(who: int) -> None:
        for number in range(10):
            Inputs(file).add(f"#{who}", f"line {number}")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(type_some, range(4)))
    kept = Inputs(file)
    for who in range(4):
        assert kept.lines(f"#{who}") == [f"line {number}" for number in range(10)]


def test_a_client_that_makes_the_file_smaller_does_not_lose_the_others_lines(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "PER_WINDOW", 3)
    monkeypatch.setattr(inputs, "SPARE", 2)
    one = Inputs(file)
    for number in range(8):
        one.add("#a", str(number))
    two = Inputs(file)  # writes the file anew
    assert len(file.read_text().splitlines()) == 3
    one.add("#a", "from one")
    two.add("#a", "from two")
    assert Inputs(file).lines("#a") == ["7", "from one", "from two"]


def test_the_file_is_bounded_per_window_and_in_all(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "PER_WINDOW", 2)
    monkeypatch.setattr(inputs, "MOST", 5)
    monkeypatch.setattr(inputs, "SPARE", 0)
    kept = Inputs(file)
    for text in "abcdef":
        kept.add("#a", text)
        kept.add("#b", text.upper())
    kept.add("#c", "x")
    again = Inputs(file)
    assert again.lines("#a") == ["e", "f"]
    assert again.lines("#b") == ["E", "F"]
    assert again.lines("#c") == ["x"]
    assert [json.loads(line)[1] for line in file.read_text().splitlines()] == [*"eEfF", "x"]


def test_a_huge_file_is_read_from_its_end_and_made_small(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "MOST_BYTES", 100)
    kept = Inputs(file)
    for number in range(100):
        kept.add("#a", f"line {number}")
    again = Inputs(file)
    assert again.lines("#a")[-2:] == ["line 98", "line 99"]
    assert file.stat().st_size <= 100


def test_a_very_long_line_is_kept_for_this_run_only(file: Path) -> None:
    kept = Inputs(file)
    kept.add("#a", "x" * (inputs.LONGEST + 1))
    assert len(kept.lines("#a")) == 1
    assert Inputs(file).lines("#a") == []


def test_damaged_lines_are_passed_over(file: Path) -> None:
    file.parent.mkdir()
    damaged = [
        b"", b"\xff\xfe", b"null", b"5", b"[]", b'["#a"]', b'["#a", 5]', b'[5, "x"]', b"{}",
        b'{"a": 1, "b": 2}', b'["#a", "b", "c"]', b'["#a", ""]', b'["#a", "\\ud800"]', b'["#A", 1]',
        b"[" * 100_000, b'["#a", "half', b'"ab"',
    ]  # fmt: skip
    file.write_bytes(b'["#a", "good"]\n' + b"\n".join(damaged) + b'\n["#a", "good too"]\n')
    assert Inputs(file).lines("#a") == ["good", "good too"]


def test_half_a_line_at_the_end_costs_only_itself(file: Path) -> None:
    Inputs(file).add("#a", "one")
    with file.open("ab") as stream:
        stream.write(b'["#a", "tw')
    kept = Inputs(file)
    assert kept.lines("#a") == ["one"]
    kept.add("#a", "three")
    assert Inputs(file).lines("#a") == ["one", "three"]


@examples(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["#a", "ben"]), st.text())))
def test_what_the_next_start_reads_is_what_was_kept(
    tmp_path_factory: pytest.TempPathFactory, typed: list[tuple[str, str]]
) -> None:
    file = tmp_path_factory.mktemp("state") / "inputs"
    kept = Inputs(file)
    for window, text in typed:
        kept.add(window, text)
    again = Inputs(file)
    for window in ("#a", "ben"):
        assert again.lines(window) == kept.lines(window)


def test_a_file_that_cannot_be_read_is_said_and_lines_stay_for_this_run(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    kept = Inputs(tmp_path / "inputs")
    assert kept.error == f"What you type is not kept: {tmp_path / 'inputs'}: Is a directory."
    kept.add("#a", "one")
    assert kept.lines("#a") == ["one"]


def test_a_file_that_cannot_be_written_any_more_is_said(file: Path) -> None:
    kept = Inputs(file)
    kept.add("#a", "one")
    file.unlink()
    file.mkdir()
    kept.add("#a", "two")
    assert kept.error.startswith("What you type is not kept: ")
    assert kept.lines("#a") == ["one", "two"]


def test_the_file_is_in_the_users_directory_for_state(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert own_file() == tmp_path / "ircish" / "inputs"
