"""irssi and WeeChat in terminals, set up so that they hide nothing: what each does not understand
is kept in a file."""

from __future__ import annotations

import re
from pathlib import Path

from programs import Terminal

IRSSI_CONFIG = """
servers = ({{ address = "127.0.0.1"; port = "{port}"; chatnet = "ircish"; autoconnect = "yes"; }});
chatnets = {{ ircish = {{ type = "IRC"; }}; }};
channels = ({{ name = "#dev"; chatnet = "ircish"; autojoin = "yes"; }});
settings = {{
  core = {{ nick = "{nick}"; user_name = "{nick}"; real_name = "{nick} at irssi"; }};
  "irc/core" = {{ cmd_queue_speed = "1msec"; cmds_max_at_once = "1000"; }};
  "fe-text" = {{ paste_verify_line_count = "0"; }};
  "fe-common/core" = {{ autocreate_windows = "no"; }};
}};
"""

# irssi emits "default event" for what nothing in it handles, and shows it as it comes; 421 is
# what the server does not know.
IRSSI_UNKNOWN = r"""
use Irssi;
sub keep {
    my ($server, $line) = @_;
    open(my $file, '>>', Irssi::get_irssi_dir() . '/unknown') or die;
    print $file "$line\n";
}
Irssi::signal_add('default event', 'keep');
Irssi::signal_add('event 421', 'keep');
"""

# What irssi leaves to people, who can read it: numerics with nothing but a sentence for them, and
# these of RFC 2812.
FOR_PEOPLE = re.compile(
    "[0-9]{3} [^ ]+ :|(219|252|253|265|266|321|322|351|364|365|382|391|406|423|443|461) "
)

UNKNOWN = re.compile("not found: |Unknown command$")

WEECHAT_SETTINGS = """
/set irc.server_default.anti_flood_prio_high 0
/set irc.server_default.anti_flood_prio_low 0
/set irc.server_default.autoreconnect_delay 1
/set logger.file.flush_delay 0
/set logger.look.backlog 0
/set weechat.startup.display_logo off
/set weechat.look.paste_max_lines -1
/server add ircish 127.0.0.1/{port} -notls -nicks={nick} -username={nick} -autojoin=#dev
/bar hide nicklist
/bar hide title
/window splith
/connect ircish
"""


class Irssi(Terminal):
    """irssi, which goes to #dev as ``nick``. All is shown in one window."""

    def __init__(self, home: Path, port: int, nick: str) -> None:
        self._unknown = home / ".irssi/unknown"
        scripts = home / ".irssi/scripts/autorun"
        scripts.mkdir(parents=True)
        (scripts / "unknown.pl").write_text(IRSSI_UNKNOWN)
        (home / ".irssi/config").write_text(IRSSI_CONFIG.format(port=port, nick=nick))
        super().__init__(home, ["irssi"])

    def unknown(self) -> list[str]:
        """What it has not understood so far, nor can a person, and what the server has not."""
        lines = self._unknown.read_text().splitlines() if self._unknown.exists() else []
        return [line for line in lines if not FOR_PEOPLE.match(line)]


class WeeChat(Terminal):
    """WeeChat, which goes to #dev as ``nick``. The server's buffer is shown below the channel's."""

    def __init__(self, home: Path, port: int, nick: str) -> None:
        self._logs = home / "weechat/logs"
        command = ["weechat", "--dir", str(home / "weechat"), "--plugins", "alias,irc,logger"]
        for setting in WEECHAT_SETTINGS.format(port=port, nick=nick).strip().splitlines():
            command += ["--run-command", setting]
        super().__init__(home, command)

    def unknown(self) -> list[str]:
        """The commands that it, or the server, has not understood so far. It shows any numeric."""
        lines = [line for log in self._logs.iterdir() for line in log.read_text().splitlines()]
        return [line.split("\t")[-1] for line in lines if UNKNOWN.search(line)]
