"""The client's settings: what may be typed, what client.toml keeps, and what survives there."""

from __future__ import annotations

import dataclasses
import os
import stat
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ircish.client.settings import (
    CHOICES,
    KNOWN,
    SettingError,
    Settings,
    load,
    own_file,
    settings_table,
)
from ircish.events import Source

Write = Callable[[str], Path]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "client.toml"


@pytest.fixture
def write(file: Path) -> Write:
    def write_file(text: str) -> Path:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
        return file

    return write_file


def written(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


# --- What may be typed ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("theme", "light", "light"),
        ("theme", '"light"', "light"),
        ("mouse", "on", True),
        ("mouse", "TRUE", True),
        ("mouse", "yes", True),
        ("bell", "off", False),
        ("bell", " No ", False),
        ("nick_list_width", "25", 25),
        ("escape_seconds", "0.2", 0.2),
        ("escape_seconds", "1", 1),
        ("completion_suffix", '", "', ", "),
        ("completion_suffix", '""', ""),
        ("completion_suffix", ",", ","),
        ("completion_suffix", '"', '"'),
        ("time_format", "%H:%M:%S", "%H:%M:%S"),
        ("time_format", "at %I %p", "at %I %p"),
        ("quit_message", "so long", "so long"),
        ("quit_message", "", ""),
        ("nick", "ann", "ann"),
        ("nick", "", ""),
        ("highlight", "lunch*, two words ,x", ("lunch*", "two words", "x")),
        ("highlight", '""', ()),
        ("ignore", "ben, *!*@*.example.org", ("ben", "*!*@*.example.org")),
        ("notify", "osc99", "osc99"),
    ],
)
def test_a_setting_takes_what_one_would_type(name: str, text: str, value: object) -> None:
    settings = Settings()
    settings.set(name, text)
    assert settings.get(name) == value == getattr(settings, name)
    assert type(settings.get(name)) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("theme", "blue", 'theme is "blue"; it must be "dark" or "light".'),
        ("mouse", "maybe", 'mouse is "maybe"; it must be on or off.'),
        ("mouse", "1", 'mouse is "1"; it must be on or off.'),
        (
            "nick_list_width",
            "99",
            "nick_list_width is 99; it must be a whole number from 4 to 60.",
        ),
        ("lines", "1e9", 'lines is "1e9"; it must be a whole number from 100 to 1000000.'),
        ("lines", "２００", 'lines is "２００"; it must be a whole number from 100 to 1000000.'),
        ("lines", "200.5", "lines is 200.5; it must be a whole number from 100 to 1000000."),
        ("escape_seconds", "nan", 'escape_seconds is "nan"; it must be a number from 0.01 to 2.'),
        ("escape_seconds", "-1", "escape_seconds is -1; it must be a number from 0.01 to 2."),
        (
            "time_format",
            "%Q",
            'time_format is "%Q"; it must be a time format, such as "%H:%M" or "%H:%M:%S".',
        ),
        (
            "time_format",
            "\x1b[2J",
            'time_format is "\\u001b[2J"; it must be a time format, such as "%H:%M" or "%H:%M:%S".',
        ),
        ("nick", "two words", 'nick is "two words"; it must be one word.'),
        (
            "ignore",
            "ben kim",
            'ignore is ["ben kim"]; it must be nicks or masks, with commas between them, such as: '
            "ben, *!*@*.example.org.",
        ),
        ("them", "dark", "There is no setting them; did you mean theme?"),
        ("Nick-List", "on", "There is no setting Nick-List; did you mean nick_list?"),
        ("zzz", "1", "There is no setting zzz; /set shows them all."),
        ("path", "/tmp/x", "There is no setting path; /set shows them all."),
        ("_saved", "x", "There is no setting _saved; /set shows them all."),
        ("aliases", "w = whois", "/alias NAME TEXT sets an alias."),
    ],
)
def test_a_mistake_is_told_with_the_way_out_and_changes_nothing(
    name: str, text: str, sentence: str
) -> None:
    settings = Settings()
    with pytest.raises(SettingError) as caught:
        settings.set(name, text)
    assert str(caught.value) == sentence
    assert settings == Settings()


@pytest.mark.parametrize("call", ["get", "unset", "shown"])
def test_a_name_that_is_none_is_told_everywhere(call: str) -> None:
    with pytest.raises(SettingError, match="did you mean theme"):
        getattr(Settings(), call)("themes")


@pytest.mark.parametrize("name", [name for name in KNOWN if name != "aliases"])
def test_every_setting_is_shown_as_one_would_type_it(name: str) -> None:
    settings = Settings()
    settings.set(name, settings.shown(name))
    assert settings == Settings()


@given(st.text(max_size=40))
def test_what_is_shown_of_any_text_is_what_would_be_typed_for_it(text: str) -> None:
    one, other = Settings(), Settings()
    try:
        one.put("completion_suffix", text)
        one.put("highlight", [text])
    except SettingError:
        pass
    for name in ("completion_suffix", "highlight"):
        other.set(name, one.shown(name))
    assert other == one


def test_values_are_shown_in_words() -> None:
    settings = Settings()
    settings.set("ignore", "ben,kim")
    settings.alias("w", "/whois $1")
    shown = {name: settings.shown(name) for name in ("mouse", "bell", "ignore", "aliases", "lines")}
    assert shown == {
        "mouse": "off",
        "bell": "on",
        "ignore": "ben, kim",
        "aliases": "w = /whois $1",
        "lines": "100000",
    }
    assert Settings().shown("aliases") == '""' == Settings().shown("quit_message")


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_that_is_offered_is_taken(name: str) -> None:
    for word in CHOICES[name]:
        settings = Settings()
        settings.set(name, word)
        assert settings.shown(name) == word


def test_listeners_hear_of_changes_and_only_of_those() -> None:
    settings, heard = Settings(), []
    settings.on_change(heard.append)
    settings.set("theme", "dark")
    settings.set("theme", "light")
    settings.set("theme", "light")
    settings.unset("theme")
    settings.unset("theme")
    settings.alias("w", "/whois $1")
    assert heard == ["theme", "theme", "aliases"]


def test_lists_grow_and_shrink_by_a_word() -> None:
    settings = Settings()
    assert settings.add("ignore", "Ben")
    assert not settings.add("ignore", "ben")
    assert settings.add("ignore", "kim")
    assert settings.ignore == ("Ben", "kim")
    assert settings.remove("ignore", "BEN")
    assert not settings.remove("ignore", "BEN")
    assert settings.ignore == ("kim",)
    for wrong in ("two words", "a,b", ""):
        with pytest.raises(SettingError, match="it must be nicks or masks"):
            settings.add("ignore", wrong)


def test_an_alias_is_set_changed_and_removed() -> None:
    settings = Settings()
    settings.alias("W", " /whois $1 ")
    settings.alias("j", "/join")
    assert settings.aliases == {"w": "/whois $1", "j": "/join"}
    settings.alias("w", "")
    assert settings.aliases == {"j": "/join"}


@pytest.mark.parametrize(("name", "text"), [("a b", "/x"), ("/w", "/x"), ("", "/x"), ("w", "a\nb")])
def test_an_alias_that_could_not_be_typed_is_refused_without_repeating_it(
    name: str, text: str
) -> None:
    with pytest.raises(SettingError) as caught:
        Settings().alias(name, text)
    assert str(caught.value) == (
        "aliases must be a name of a-z, 0-9, - and _, and one line that stands for it."
    )


@pytest.mark.parametrize(
    ("mask", "ignored"),
    [
        ("ben", True),
        ("BEN", True),
        ("be*", True),
        ("be", False),
        ("kim", False),
        ("*!*@*.example.org", True),
        ("ben!b?@*", True),
        ("*@HOST.example.org", True),
        ("@host.example.org", False),
        ("kim!*@*", False),
        ("ben@host.example.org", False),
        ("b1@host.example.org", True),
    ],
)
def test_masks_say_who_is_ignored(mask: str, ignored: bool) -> None:
    settings = Settings()
    settings.put("ignore", ["nobody", mask])
    assert settings.ignores(Source("Ben", "b1", "host.example.org")) is ignored
    assert not Settings().ignores(Source("Ben", "b1", "host.example.org"))


# --- client.toml: what is read ----------------------------------------------------------------


def test_without_a_file_there_are_the_defaults(file: Path) -> None:
    settings = load(file)
    assert settings == Settings()
    assert settings.errors == []
    assert not file.exists()


def test_the_files_values_count(write: Write) -> None:
    settings = load(
        write(
            'theme = "light"\nlines = 500\nhighlight = ["a", "b c"]\nescape_seconds = 1\n'
            '[aliases]\nw = "/whois $1"\n'
        )
    )
    assert (settings.theme, settings.lines, settings.escape_seconds) == ("light", 500, 1)
    assert settings.highlight == ("a", "b c")
    assert settings.aliases == {"w": "/whois $1"}
    assert settings.errors == []


def test_each_wrong_value_is_a_sentence_and_the_rest_counts(write: Write) -> None:
    file = write(
        'theme = "blue"\nthems = 1\nmouse = true\nnick = ["x"]\nhighlight = ["a", 5, "b"]\n'
        'ignore = "ben"\nfold = {a = 1}\n[aliases]\nw = "/whois $1"\nx = 5\n"a b" = "hunter2"\n'
    )
    settings = load(file)
    phrases = "words, with commas between them, such as: ircish, lunch*"
    masks = "nicks or masks, with commas between them, such as: ben, *!*@*.example.org"
    alias = "a name of a-z, 0-9, - and _, and one line that stands for it"
    assert settings.errors == [
        f'{file}: theme is "blue"; it must be "dark" or "light".',
        f"{file}: There is no setting thems; did you mean theme?",
        f'{file}: nick is ["x"]; it must be one word.',
        f"{file}: highlight is [5]; it must be {phrases}.",
        f'{file}: ignore is "ben"; it must be {masks}.',
        f"{file}: fold is {{a = 1}}; it must be true or false.",
        f"{file}: aliases.x must be {alias}.",
        f'{file}: aliases."a b" must be {alias}.',
    ]
    assert settings.mouse is True
    assert settings.highlight == ("a", "b")
    assert settings.aliases == {"w": "/whois $1"}
    assert (settings.theme, settings.nick, settings.ignore, settings.fold) == ("dark", "", (), True)


@pytest.mark.parametrize(
    "text", ["theme = ", "\x00", "a = 1\na = 2", "x = " + "[" * 5_000, "\ufeff\ufefftheme"]
)
def test_a_broken_file_never_stops_the_client(write: Write, text: str) -> None:
    settings = load(write(text))
    assert settings == Settings()
    assert len(settings.errors) == 1
    assert "is not valid TOML" in settings.errors[0]


def test_a_file_that_is_no_text_or_no_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"theme = \xff")
    assert "is not UTF-8 text" in load(tmp_path / "a").errors[0]
    assert "cannot be read: Is a directory" in load(tmp_path).errors[0]


def test_the_file_is_in_the_users_directory_for_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert own_file() == tmp_path / "ircish" / "client.toml" == load().path


# --- client.toml: what is written -------------------------------------------------------------


def test_only_what_differs_is_written_under_what_it_means(file: Path) -> None:
    settings = load(file)
    settings.set("theme", "light")
    settings.set("nick_list_width", "30")
    settings.set("mouse", "off")
    settings.alias("w", "/whois $1")
    settings.save()
    assert file.read_text() == (
        "# The settings of ircish's client. /set writes this file anew: comments are not kept.\n"
        "\n"
        "# The colours: `dark` for a dark background, `light` for a light one.\n"
        'theme = "light"\n'
        "\n"
        "# The width of that list. In columns.\n"
        "nick_list_width = 30\n"
        "\n"
        "# Commands of your own: `/alias wii /whois $1 $1` makes /wii.\n"
        "[aliases]\n"
        'w = "/whois $1"\n'
    )
    assert load(file) == settings


def test_a_file_that_somebody_wrote_is_kept_beside_ours(write: Write) -> None:
    file = write("# mine\nmouse = true\n")
    settings = load(file)
    for theme in ("light", "dark"):
        settings.set("theme", theme)
        settings.save()
    old = file.with_name("client.toml.old")
    assert old.read_text() == "# mine\nmouse = true\n"
    assert stat.S_IMODE(old.stat().st_mode) == 0o600
    assert written(file) == {"mouse": True}


def test_a_setting_put_back_to_its_default_leaves_the_file(file: Path) -> None:
    settings = load(file)
    settings.set("theme", "light")
    settings.add("ignore", "ben")
    settings.save()
    settings.unset("theme")
    settings.unset("ignore")
    settings.save()
    assert written(file) == {}


def test_nothing_is_written_where_nothing_was_changed(write: Write) -> None:
    file = write("theme='light' # mine\n")
    load(file).save()
    assert file.read_text() == "theme='light' # mine\n"
    Settings().save()
    settings = Settings()
    settings.set("theme", "light")
    settings.save()  # has no file


def test_what_is_not_ours_and_what_is_wrong_stays_in_the_file(write: Write) -> None:
    text = (
        'from_later = [1, {a = "b"}]\nwhen = 2026-11-22T10:00:00Z\n"odd key" = 1.5\n'
        'lines = "many"\n[plugins.dice]\nsides = 6\n[aliases]\nx = 5\n'
    )
    file = write(text)
    settings = load(file)
    settings.set("theme", "light")
    settings.alias("w", "/whois $1")
    settings.save()
    expected = tomllib.loads(text) | {"theme": "light", "aliases": {"x": 5, "w": "/whois $1"}}
    assert written(file) == expected


def test_a_wrong_value_in_the_file_is_mended_by_setting_it(write: Write) -> None:
    file = write('theme = "blue"\nignore = 5\naliases = 5\n')
    settings = load(file)
    settings.set("theme", "dark")
    settings.add("ignore", "ben")
    settings.alias("w", "/whois $1")
    settings.save()
    assert written(file) == {"ignore": ["ben"], "aliases": {"w": "/whois $1"}}
    assert load(file).errors == []


def test_a_file_that_was_broken_meanwhile_is_not_written_over(write: Write) -> None:
    file = write('theme = "light"\n')
    settings = load(file)
    settings.set("mouse", "on")
    file.write_text("half a li")
    with pytest.raises(SettingError, match=r"The settings were not saved: .* is not valid TOML"):
        settings.save()
    assert file.read_text() == "half a li"
    file.write_text('theme = "light"\n')
    settings.save()
    assert written(file) == {"theme": "light", "mouse": True}


def test_two_clients_each_write_only_what_they_changed(write: Write) -> None:
    file = write(
        'ignore = ["ben", "kim"]\nhighlight = ["x"]\n[aliases]\nw = "/whois"\nj = "/join"\n'
    )
    one, two = load(file), load(file)
    one.set("theme", "light")
    one.add("ignore", "one")
    one.remove("ignore", "ben")
    one.alias("w", "/who")
    one.alias("o", "/one")
    one.unset("highlight")
    two.set("mouse", "on")
    two.add("ignore", "two")
    two.alias("j", "")
    two.alias("t", "/two")
    one.save()
    two.save()
    assert written(file) == {
        "theme": "light",
        "mouse": True,
        "ignore": ["kim", "one", "two"],
        "aliases": {"w": "/who", "o": "/one", "t": "/two"},
    }
    one.add("ignore", "again")
    one.save()
    assert written(file)["ignore"] == ["kim", "one", "two", "again"]


def test_clients_that_save_at_the_same_moment_lose_nothing(file: Path) -> None:
    def save(number: int) -> None:
        settings = load(file)
        settings.add("ignore", f"ben{number}")
        settings.save()

    load(file).save()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(save, range(40)))
    assert set(written(file)["ignore"]) == {f"ben{number}" for number in range(40)}


def test_nobody_else_can_read_the_file_and_nothing_else_is_left(write: Write) -> None:
    file = write("")
    file.chmod(0o644)
    (file.parent / ".client.toml.new").write_text("left by one that was killed")
    settings = load(file)
    settings.set("theme", "light")
    settings.save()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(os.listdir(file.parent)) == ["client.toml", "client.toml.old"]


def test_a_link_stays_a_link(write: Write, tmp_path: Path) -> None:
    file = write("mouse = true\n")
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    settings = load(link)
    settings.set("theme", "light")
    settings.save()
    assert link.is_symlink()
    assert written(file) == {"mouse": True, "theme": "light"}


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = load(tmp_path / "file" / "client.toml")
    settings.set("theme", "light")
    with pytest.raises(SettingError, match="The settings were not saved: "):
        settings.save()
    settings.path = tmp_path / "new" / "client.toml"
    (tmp_path / "new").symlink_to(tmp_path / "file")
    with pytest.raises(SettingError, match="The settings were not saved: "):
        settings.save()
    settings.path = tmp_path / "later" / "client.toml"
    settings.save()
    assert written(settings.path) == {"theme": "light"}


@pytest.mark.parametrize("when", ["fsync", "replace"])
def test_what_goes_wrong_in_between_leaves_the_old_file(
    write: Write, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    file = write("mouse = true\n")
    settings = load(file)
    settings.set("theme", "light")

    def fail(*ignored: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, when, fail)
    with pytest.raises(SettingError, match="cannot be written: No space left on device"):
        settings.save()
    assert file.read_text() == "mouse = true\n"
    monkeypatch.undo()
    settings.save()
    assert written(file) == {"mouse": True, "theme": "light"}


VALUES = {
    "theme": st.sampled_from(["dark", "light"]),
    "quit_message": st.text(max_size=20),
    "notify_seconds": st.floats(0, 86_400) | st.integers(0, 86_400),
    "mouse": st.booleans(),
    "highlight": st.lists(st.text(max_size=5), max_size=3),
    "aliases": st.dictionaries(st.from_regex("[a-z]{1,3}", fullmatch=True), st.text(max_size=5)),
}


@given(st.fixed_dictionaries({}, optional=VALUES))
def test_what_is_saved_is_what_the_next_start_has(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, Any]
) -> None:
    settings = load(tmp_path_factory.mktemp("config") / "client.toml")
    for name, value in values.items():
        try:
            settings.put(name, value)
        except SettingError:
            continue
    settings.save()
    assert settings.path is not None
    again = load(settings.path)
    assert again == settings
    assert again.errors == []


# --- The table --------------------------------------------------------------------------------


def test_every_setting_is_in_the_table_with_default_and_meaning() -> None:
    rows = settings_table().splitlines()[2:]
    assert len(rows) == len(KNOWN)
    for row, (name, what) in zip(rows, KNOWN.items(), strict=True):
        assert row.startswith(f"| `{name}` | ")
        assert row.endswith(f" | {what.doc} |")
        assert row.count("|") == 4
    assert "| `nick_list_width` | `18` columns | The width of that list. |" in rows
    assert '| `completion_suffix` | `": "` | ' in settings_table()
    assert "| `quit_message` | empty | " in settings_table()


@pytest.mark.parametrize("name", KNOWN)
def test_every_default_is_a_value_that_would_be_taken(name: str) -> None:
    settings = Settings()
    settings.put(name, settings.get(name))
    assert settings == Settings()
    assert KNOWN[name].doc.endswith(".")


def test_no_two_clients_share_a_value() -> None:
    one, other = Settings(), Settings()
    for each in dataclasses.fields(Settings):
        value = getattr(one, each.name)
        if isinstance(value, list | dict | set):
            assert value is not getattr(other, each.name)
