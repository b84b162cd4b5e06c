"""The configuration: what is read, what is refused and in which words, what is printed."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from ircish.config import (
    Config,
    ConfigError,
    check_password,
    hash_password,
    load,
    parse_size,
    running,
    settings,
    settings_table,
    to_toml,
)

Write = Callable[[str], Path]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads the configuration of who runs it."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    return home


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(text: str) -> Path:
        path = tmp_path / "ircish.toml"
        path.write_text(text, "utf-8")
        return path

    return write_file


def complaint(path: Path | None, overrides: dict[str, Any] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, overrides or {})
    return str(caught.value)


# --- Where values come from -------------------------------------------------------------------


def test_without_a_file_everything_has_its_default(home: Path) -> None:
    config = load(None, {})
    assert config == Config()
    assert (config.server.host, config.server.port) == ("127.0.0.1", 5555)
    assert config.server.data_dir == home / "data" / "ircish"
    assert config.limits.sendq == 1024 * 1024
    assert (config.limits.flood_burst, config.limits.flood_rate) == (10, 4)
    assert config.history.on_join == 20
    assert config.operators == {}


def test_a_flag_wins_over_the_file_and_the_file_over_the_default(write: Write) -> None:
    path = write('[server]\nport = 7000\nhost = "::1"\n')
    config = load(path, {"server.port": 8000})
    assert (config.server.port, config.server.host) == (8000, "::1")
    assert config.server.description == "ircish chat"


def test_a_flag_that_was_not_given_changes_nothing(write: Write) -> None:
    assert load(write("[server]\nport = 7000"), {"server.port": None}).server.port == 7000


def test_a_flag_gives_a_number_as_the_shell_does_but_text_stays_text() -> None:
    config = load(None, {"server.port": "7000", "server.description": "2026"})
    assert (config.server.port, config.server.description) == (7000, "2026")


def test_without_a_path_the_users_own_file_is_read(home: Path) -> None:
    (home / "config" / "ircish").mkdir(parents=True)
    (home / "config" / "ircish" / "ircish.toml").write_text("[server]\nport = 7001")
    assert load(None, {}).server.port == 7001


def test_a_path_in_the_file_starts_from_the_file(write: Write, home: Path) -> None:
    path = write('[server]\ndata_dir = "data"\nplugins = ["plugins", "~/mine", "/opt/theirs"]')
    server = load(path, {}).server
    assert server.data_dir == path.parent / "data"
    assert server.plugins == (path.parent / "plugins", home / "mine", Path("/opt/theirs"))


def test_a_path_in_a_flag_starts_from_the_current_directory(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    overrides = {"server.data_dir": Path("data"), "server.plugins": ["plugins"]}
    server = load(write(""), overrides).server
    assert (server.data_dir, server.plugins) == (elsewhere / "data", (elsewhere / "plugins",))
    relative = load(Path("../ircish.toml"), {"server.data_dir": "data"}).server.data_dir
    assert relative.is_absolute()


@pytest.mark.parametrize(
    ("machine", "name"),
    [
        ("chat.example", "chat.example"),
        ("laptop", "localhost.ircish"),
        ("under_score.example", "localhost.ircish"),
        ("a." * 31 + "ab", "localhost.ircish"),
        ("a." * 31 + "a", "a." * 31 + "a"),
        ("", "localhost.ircish"),
    ],
)
def test_the_server_is_called_like_the_machine_where_irc_can_call_it_that(
    monkeypatch: pytest.MonkeyPatch, machine: str, name: str
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: machine)
    assert load(None, {}).server.name == name


def test_operators_and_the_plugins_own_tables_are_handed_on(write: Write) -> None:
    hashed = hash_password("secret")
    path = write(f'[operators]\nroot = "{hashed}"\n[plugins.roll]\nsides = 6\nx = {{y = [1]}}')
    config = load(path, {})
    assert config.operators == {"root": hashed}
    assert config.plugins == {"roll": {"sides": 6, "x": {"y": [1]}}}


def test_a_file_saved_by_windows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ircish.toml"
    path.write_bytes(b'\xef\xbb\xbf[server]\r\nmotd = """one\r\ntwo"""\r\n')
    assert load(path, {}).server.motd == "one\ntwo"


def test_what_takes_effect_only_at_a_start_is_kept_by_a_server_that_runs(write: Write) -> None:
    now = load(write('[server]\nport = 1\nmotd = "a"\n[history]\nsynchronous = "full"'), {})
    wanted = load(write('[server]\nport = 2\nmotd = "b"\n[limits]\nbans = 7'), {})
    after, later = running(now, wanted)
    assert later == ["server.port", "history.synchronous"]
    assert (after.server.port, after.server.motd, after.limits.bans) == (1, "b", 7)
    assert after.history.synchronous == "full"
    assert running(after, now) == (now, [])


# --- What is refused --------------------------------------------------------------------------

WHOLE = "it must be a whole number from "


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[server]\nprot = 1", "there is no setting server.prot; did you mean server.port?"),
        ("[server]\nnick_length = 9", "no setting server.nick_length; did you mean limits.nick_l"),
        ("[server]\nzzz = 1", "there is no setting server.zzz; `ircish serve --print-config`"),
        ("port = 1", "there is no setting port; did you mean server.port?"),
        ('plugins = ["x"]', "there is no setting plugins; did you mean server.plugins?"),
        ("[servers]", "there is no section [servers]; did you mean [server]?"),
        ("[zzz]", "no section [zzz]; there are server, limits, history, operators, plugins."),
        ('[plugins]\nroll = "x"', 'plugins.roll is "x"; it must be a table'),
        ('[server]\nport = "5555"', f'server.port is "5555"; {WHOLE}0 to 65535.'),
        ("[server]\nport = true", f"server.port is true; {WHOLE}0 to 65535."),
        ("[server]\nport = 65536", f"server.port is 65536; {WHOLE}0 to 65535."),
        ("[server]\nport = 5555.0", "server.port is 5555.0; it must"),
        ("[server.port]", "server.port is {}; it must"),
        ("[server]\nhost = 1", "server.host is 1; it must be an address"),
        ('[server]\nhost = ""', 'server.host is ""; it must be an address'),
        ('[server]\nhost = "a b"', "it must be an address"),
        ('[server]\nname = "chat"', 'server.name is "chat"; it must be a name with a dot'),
        ('[server]\nname = "chat .x"', "it must be a name with a dot"),
        (f'[server]\nname = "{"a" * 62}.b"', "a ...; it must be a name with a dot"),
        ('[server]\ndescription = "a\\nb"', 'is "a\\nb"; it must be one line'),
        ('[server]\ndescription = "a\\u202eb"', 'is "a\\U0000202eb"; it must be one line'),
        (f'[server]\ndescription = "{"a" * 301}"', "it must be one line of at most 300"),
        ('[server]\nmotd = "a\\u0000b"', "server.motd is"),
        (f'[server]\nmotd = "ok\\n{"é" * 201}"', "it must be text in lines of at most 400 bytes"),
        ('[server]\ndefault_channel = "lobby"', 'it must be a channel, such as "#lobby".'),
        ('[server]\ndefault_channel = "#"', "it must be a channel"),
        ('[server]\ndefault_channel = "#a,b"', "it must be a channel"),
        ('[server]\ndefault_channel = ""', "it must be a channel"),
        ('[server]\ndata_dir = ""', 'it must be a directory, such as "~/chat".'),
        ('[server]\ndata_dir = "a\\u0000"', "it must be a directory"),
        ('[server]\ndata_dir = "~nobody-has-this-name/x"', "it must be a directory"),
        ('[server]\nplugins = "~/mine"', "it must be a list of directories"),
        ("[server]\nplugins = [1]", "server.plugins is [1]; it must be a list of directories"),
        ('[server]\nwithout = ["a b"]', 'it must be a list of names, such as ["roll"].'),
        ('[server]\nnetwork = "tea net"', "it must be a name of at most 50 letters, digits"),
        ('[server]\nadmin = ["a", "b", "c", "d"]', "server.admin is"),
        ('[server]\nadmin = ["a\\nb"]', "it must be up to three lines, such as"),
        ("[limits]\nmultiline_bytes = 0", "limits.multiline_bytes is 0; it must be a size"),
        ('[server]\nlog_level = "loud"', 'it must be "debug" or "info" or "warning" or "error".'),
        ('[server]\nlog_level = ["info"]', 'server.log_level is ["info"]; it must'),
        ("[limits]\nflood_burst = 0", f"limits.flood_burst is 0; {WHOLE}1 to 1000000000."),
        ("[limits]\nflood_rate = -1", "it must be a number from 0 to 1000000."),
        ("[limits]\nflood_rate = nan", "limits.flood_rate is nan; it must be a number"),
        ("[limits]\nflood_rate = true", "limits.flood_rate is true; it must be a number"),
        ("[limits]\nping_seconds = 0", "it must be a number from 0.01 to 86400."),
        ('[limits]\nsendq = "1 MB"', 'limits.sendq is "1 MB"; it must be a size'),
        ("[limits]\nsendq = 0", "limits.sendq is 0; it must be a size"),
        ('[limits]\nsendq = "1025 GiB"', "it must be a size from 1 byte to 1 TiB"),
        ("[limits]\nsendq = true", "it must be a size"),
        ("[limits]\nconnections = -1", f"limits.connections is -1; {WHOLE}0"),
        ('[history]\nsynchronous = "off"', 'it must be "normal" or "full".'),
        ("[limits]\nchannel_length = 5", '"#lobby"; it must be a channel of at most 5 characters'),
        ('[operators]\n"a b" = "x"', 'operators."a b" is "a b"; it must be a name without spaces'),
        ("[server]\nport = 1\nport = 2", "is not valid TOML: "),
        ("[server]\n\nport 1", "(at line 3, column 6)."),
        ("x = " + "[" * 5000, "is not valid TOML: "),
        ("x = " + "9" * 5000, "is not valid TOML: "),
    ],
)
def test_a_mistake_is_named_with_its_file_and_what_would_be_right(
    write: Write, text: str, words: str
) -> None:
    path = write(text)
    said = complaint(path)
    assert words in said
    assert "server.default_channel" in said or said.startswith(str(path))
    assert "\n" not in said


def test_a_wrong_flag_is_named_as_it_was_typed() -> None:
    assert complaint(None, {"server.port": "many"}) == (
        '--port is "many"; it must be a whole number from 0 to 65535.'
    )
    assert complaint(None, {"server.data_dir": "\udcff"}).startswith("--data-dir is ")
    assert complaint(None, {"limits.nick_length": 0}).startswith("limits.nick_length is 0; ")


def test_an_override_of_a_setting_that_does_not_exist_is_refused() -> None:
    assert complaint(None, {"server.prot": 1}) == (
        "there is no setting server.prot; did you mean server.port?"
    )


def test_a_given_file_that_is_missing_is_an_error_with_the_way_out(tmp_path: Path) -> None:
    said = complaint(tmp_path / "none.toml")
    assert said.startswith(f"There is no file {tmp_path / 'none.toml'}; ")
    assert "--print-config" in said


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    assert complaint(tmp_path) == f"{tmp_path} cannot be read: Is a directory."


def test_a_file_that_is_not_utf_8_is_an_error_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes('[server]\ndescription = "Caf\xe9"\n'.encode("latin-1"))
    assert complaint(path) == f"{path} is not UTF-8 text (at line 2); save it as UTF-8."


def test_an_operators_plain_password_is_refused_and_not_repeated(write: Write) -> None:
    hashed = hash_password("secret")
    for stored in (
        '"swordfish"',
        '"$argon2id$swordfish"',
        '["swordfish"]',
        f'"{hashed}\\nswordfish"',
    ):
        said = complaint(write(f"[operators]\nroot = {stored}"))
        assert "operators.root must be the hash of a password" in said
        assert "`ircish passwd`" in said
        assert "swordfish" not in said


def test_a_wrong_password_setting_is_not_repeated(write: Write) -> None:
    for stored in ('"$argon2id$swordfish"', '["swordfish"]', '"swordfish\\n"'):
        said = complaint(write(f"[server]\npassword = {stored}"))
        assert "server.password must be one line of text, or a whole hash" in said
        assert "swordfish" not in said


# --- What is printed --------------------------------------------------------------------------


def printed_again(write: Write, config: Config) -> Config:
    return load(write(to_toml(config)), {})


def test_the_printed_defaults_give_the_defaults(write: Write) -> None:
    assert printed_again(write, Config()) == Config()


def test_the_printed_configuration_gives_the_same_again(write: Write) -> None:
    path = write(
        f"""
        [server]
        host = "::"
        port = 0
        motd = "Welcome \\\\o/ \\"all\\"\\n\\ttab \\u007f \\u009b \\u001b[1m \\U000e0001 é"
        password = '''it's "quoted" \\x41'''
        data_dir = "d\\u000aé"
        plugins = ["a", "b c"]
        without = ["roll"]
        [limits]
        sendq = "64 KiB"
        flood_rate = 0.5
        [operators]
        root = "{hash_password("secret")}"
        "#1" = "{hash_password("secret")}"
        [plugins.roll]
        sides = 6
        [plugins."two words"]
        "a key" = [true, false, 1.5, inf, {{x = "y"}}, [], {{}}]
        when = [2026-11-22T09:50:00Z, 2026-11-22, 09:50:00]
        """
    )
    config = load(path, {})
    assert config.plugins["two words"]["when"] == [
        datetime(2026, 11, 22, 9, 50, tzinfo=UTC),
        date(2026, 11, 22),
        time(9, 50),
    ]
    assert config.limits.sendq == 65536
    assert 'sendq = "64 KiB"' in to_toml(config)
    assert "\x1b" not in to_toml(config)
    assert "\x9b" not in to_toml(config)
    assert printed_again(write, config) == config


@examples(max_examples=40)
@given(
    table=st.dictionaries(
        st.text(max_size=3),
        st.recursive(
            st.booleans()
            | st.integers(-(2**63), 2**63 - 1)
            | st.floats(allow_nan=False)
            | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(st.text(max_size=3), inner, max_size=2)
            ),
            max_leaves=3,
        ),
        max_size=3,
    )
)
def test_whatever_a_plugin_is_configured_with_is_printed_as_toml(table: dict[str, Any]) -> None:
    config = dataclasses.replace(Config(), plugins={"any": table})
    assert tomllib.loads(to_toml(config))["plugins"]["any"] == table


def test_every_printed_setting_has_its_comment_above() -> None:
    lines = to_toml(Config()).splitlines()
    for name, setting, _ in settings():
        key = name.partition(".")[2]
        place = next(i for i, line in enumerate(lines) if line.startswith(f"{key} = "))
        comment = []
        while lines[place - 1].startswith("# "):
            place -= 1
            comment.insert(0, lines[place][2:])
        assert " ".join(comment).startswith(setting.doc)
        assert " ".join(comment).endswith(setting.unit and f" In {setting.unit}.")


def test_the_table_has_a_row_for_every_setting_and_nothing_of_this_machine(home: Path) -> None:
    table = settings_table()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    assert all(len(row) == 4 for row in rows)
    assert [row[0] for row in rows[2:]] == [
        *(f"`{name}`" for name, _, _ in settings()),
        "`[operators]`",
        "`[plugins]`",
    ]
    assert str(home) not in table
    by_name = {row[0]: row for row in rows}
    assert by_name["`server.port`"][1:3] == ["`--port`", "`5555`"]
    assert by_name["`limits.sendq`"][1:3] == ["", '`"1 MiB"`']
    assert by_name["`limits.flood_rate`"][2] == "`4` lines a second"
    assert "user's data directory" in by_name["`server.data_dir`"][2]


def test_every_default_is_a_value_that_the_file_may_give() -> None:
    for name, setting, default in settings():
        assert setting.kind.parse(default, Path("/")) == default, name
        assert setting.doc.endswith("."), name


def test_the_configuration_cannot_be_changed(write: Write) -> None:
    config = load(write("[operators]\n[plugins.roll]"), {})
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.server.port = 1  # type: ignore[misc]
    with pytest.raises(TypeError):
        config.operators["root"] = "x"  # type: ignore[index]
    with pytest.raises(TypeError):
        config.plugins["roll"]["sides"] = 6  # type: ignore[index]


# --- Sizes and passwords ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1 MiB", 2**20),
        ("64 KiB", 2**16),
        ("2GiB", 2**31),
        ("500", 500),
        ("500 B", 500),
        ("0", 0),
    ],
)
def test_a_size_is_a_number_with_a_unit(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "MiB", "1 MB", "1 mib", "1.5 MiB", "-1", "１", "1_0", " 1", "1\n"]
)
def test_what_is_no_size_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match=r'is not a size; try "1 MiB"'):
        parse_size(text)


@given(st.integers(1, 2**40))
def test_every_size_is_printed_so_that_it_is_read_again(size: int) -> None:
    kind = next(setting.kind for name, setting, _ in settings() if name == "limits.sendq")
    printed = tomllib.loads(f"size = {kind.write(size)}")["size"]
    assert kind.parse(printed, Path()) == size


def test_a_hashed_password_fits_itself_alone_and_the_hash_is_no_password() -> None:
    stored = hash_password("sécret")
    assert stored.startswith("$argon2id$")
    assert "sécret" not in stored
    assert check_password(stored, "sécret")
    assert not check_password(stored, "secret")
    assert not check_password(stored, stored)
    assert hash_password("sécret") != stored


def test_a_plain_password_fits_itself_alone() -> None:
    assert check_password("sécret", "sécret")
    assert not check_password("sécret", "secret")
    assert not check_password("sécret", "")
    assert not check_password("sécret", "\udcff")


def test_a_damaged_hash_fits_nothing() -> None:
    damaged = hash_password("secret")[:-4]
    assert not check_password(damaged, "secret")
    assert not check_password("$argon2", "$argon2")
    assert not check_password("$argon2id$v=19$m=8,t=1,p=1$!$!", "secret")


def test_a_hash_may_stand_as_the_connection_password(write: Write) -> None:
    stored = hash_password("secret")
    assert load(write(f'[server]\npassword = "{stored}"'), {}).server.password == stored
