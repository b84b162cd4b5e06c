"""What a server's numerics say, in words: answers as lines, refusals as sentences with the way out
where there is one. What changes a Session is receiving's, and most of that is not told here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from ircish.client.events import Failed, Told
from ircish.text import printable


def _each(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


UNASKED = _each("001 002 003 004 005 008 010 020 042 396 900 901 902 903 904 905 906 907 908")
"""Numerics that belong to the server's window, whatever was asked."""

SILENT = _each(
    "004 005 020 042 219 232 262 308 315 318 321 323 333 347 349 362 365 366 369 373 374 376",
    "394 706 729 733 903 AUTHENTICATE",
)
"""What says nothing to a person: the ends of lists, and what programs tell each other."""

WORDS: Mapping[str, str] = {
    "010": "This server sends you to {0} {1}: {last}",
    "221": "Your modes: {0}",
    "263": "{0} was not done: {last}",
    "301": "{0} is away: {last}",
    "307": "{0} {last}",
    "311": "{0} is {1}@{2} ({last})",
    "312": "{0} is on {1} ({last})",
    "313": "{0} {last}",
    "314": "{0} was {1}@{2} ({last})",
    "319": "{0} is in {last}",
    "322": "{1:>5} {0} {last}",
    "324": "{0} has the modes {rest}",
    "328": "{0} is at {last}",
    "330": "{0} is logged in as {1}",
    "331": "{0} has no topic.",
    "332": "Topic of {0}: {last}",
    "335": "{0} {last}",
    "338": "{0} {last}: {1} {2}",
    "341": "You have asked {0} into {1}.",
    "346": "{1} may always come into {0}",
    "348": "{1} may come into {0} in spite of bans",
    "353": "{1}: {last}",
    "364": "{0} {last}",
    "368": "That is the ban list of {0}.",
    "710": "{1} asks to be let into {0}; /invite NICK {0} does.",
    "711": "You have asked to be let into {0}.",
    "728": "{2} may not speak in {0}",
    "732": "You are told of {last}",
    "WALLOPS": "{by} tells all: {last}",
}
"""Of each numeric or verb: ``{0}`` is its first parameter after our nick, ``{last}`` its last,
``{rest}`` all but the first, ``{by}`` who says it."""

ONLY_TEXT = _each(
    "001 002 003 242 250 251 255 256 257 258 259 265 266 302 305 306 371 372 375 381 382 422 704",
    "705 900 901",
)
"""Numerics of which only the text at the end is for people (Modern IRC §5)."""


def words(told: Told) -> str | None:
    """The line that a person reads, None for what says nothing to one."""
    verb, params = told.verb, told.params
    if verb in SILENT or not params:
        return None
    if verb in ONLY_TEXT:
        return params[-1].removeprefix("- ") or None
    if make := _MADE.get(verb):
        return make(tuple(map(printable, params)))
    template = WORDS.get(verb)
    if template is None:
        text = " ".join((*map(printable, params[:-1]), params[-1]))
        return text.strip() or None
    names = [*map(printable, params), *[""] * 8]
    rest, by = " ".join(map(printable, params[1:])), printable(told.source.nick)
    return template.format(*names, last=params[-1], rest=rest, by=by).strip()


# Those that need more than a template -------------------------------------------------------------


def _padded(params: Sequence[str], many: int) -> tuple[str, ...]:
    return (*params, *("",) * many)[:many]


def _number(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 12 else None


def _moment(word: str) -> str:
    """Seconds since the epoch as a local date and time, "" for what is none."""
    seconds = _number(word)
    if not seconds:
        return ""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def lasted(seconds: int) -> str:
    """``40 s``, ``5 min``, ``3 h 20 min``, ``12 days``."""
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 2 * 86_400:
        return f"{seconds // 3600} h {seconds % 3600 // 60} min"
    return f"{seconds // 86_400} days"


def _idle(params: Sequence[str]) -> str:
    """nick seconds-idle signon :text (RPL_WHOISIDLE)"""
    nick, idle, signon = _padded(params, 3)
    seconds, since = _number(idle), _moment(signon) if len(params) > 3 else ""
    silent = f"{nick} has been silent for {lasted(seconds)}" if seconds is not None else nick
    return f"{silent}, here since {since}" if since else silent


def _created(params: Sequence[str]) -> str | None:
    """channel time (RPL_CREATIONTIME)"""
    channel, made = _padded(params, 2)
    return f"{channel} was made on {_moment(made)}" if _moment(made) else None


def _banned(params: Sequence[str]) -> str:
    """channel mask [who [when]] (RPL_BANLIST)"""
    channel, mask, by, at = _padded(params, 4)
    when = f" on {_moment(at)}" if _moment(at) else ""
    return f"{mask} is banned from {channel}{f', by {by}{when}' if by else ''}"


def _who(params: Sequence[str]) -> str:
    """channel user host server nick flags :hops realname (RPL_WHOREPLY)"""
    channel, user, host, _, nick, flags, name = _padded(params, 7)
    real = name.partition(" ")[2]
    away = ", away" if flags[:1] == "G" else ""
    operator = ", operator of the server" if "*" in flags else ""
    mark = flags.lstrip("GH*")[:1]
    where = f"{channel} " if channel not in ("", "*") else ""
    return f"{where}{mark}{nick} ({user}@{host}) {real}{away}{operator}"


def _monitored(what: str) -> Callable[[Sequence[str]], str]:
    """:nick!user@host,... (RPL_MONONLINE), :nick,... (RPL_MONOFFLINE)"""

    def told(params: Sequence[str]) -> str:
        nicks = [each.partition("!")[0] for each in params[-1].split(",")]
        return f"{', '.join(nicks)} {'is' if len(nicks) == 1 else 'are'} {what}"

    return told


def _here(params: Sequence[str]) -> str:
    """:nicks (RPL_ISON)"""
    return f"Here: {params[-1].strip()}" if params[-1].strip() else "None of them is here."


def _version(params: Sequence[str]) -> str:
    """version server :comments (RPL_VERSION)"""
    version, server, comment = _padded(params, 3)
    return f"{server} runs {version}{f' ({comment})' if comment else ''}"


def _time(params: Sequence[str]) -> str:
    """server [seconds offset] :text (RPL_TIME)"""
    return f"It is {params[-1]} on {params[0]}." if len(params) > 1 else params[-1]


_MADE: Mapping[str, Callable[[Sequence[str]], str | None]] = {
    "303": _here,
    "317": _idle,
    "329": _created,
    "351": _version,
    "352": _who,
    "367": _banned,
    "391": _time,
    "730": _monitored("here"),
    "731": _monitored("not here"),
}

# Refusals -----------------------------------------------------------------------------------------

REFUSALS: Mapping[str, str] = {
    "401": "Nobody here is called {0}.",
    "402": "There is no server {0}.",
    "403": "There is no channel {0}; /list shows those there are.",
    "404": "Not said in {0}: {text}",
    "405": "You are in too many channels for {0}; /part leaves one.",
    "406": "Nobody was called {0} lately.",
    "407": "{0} are too many at once.",
    "417": "That was too long for the server, and was not done.",
    "421": "The server has no command {0}; /help lists what there is.",
    "432": "{0} cannot be a nick; letters, digits and _ - [ ] are fine: /nick NAME",
    "433": "{0} is taken; /nick NAME takes another one.",
    "436": "{0} is taken; /nick NAME takes another one.",
    "437": "{0} cannot be had now: {text}",
    "441": "{0} is not in {1}.",
    "442": "You are not in {0}; /join {0} goes in.",
    "443": "{0} is in {1} already.",
    "451": "The server has not let you in yet.",
    "461": "{0} needs more than that; /help shows what each command takes.",
    "462": "You have come in already.",
    "464": "The password is wrong or missing; /connect HOST -password WORD comes in with one.",
    "465": "You are banned from this server: {text}",
    "467": "{0} has a key already; /mode {0} -k KEY takes it away.",
    "471": "{0} is full; try again later.",
    "472": "There is no channel mode {0} on this server.",
    "473": "{0} lets in only those who were asked: somebody inside can /invite you.",
    "474": "You are banned from {0}.",
    "475": "{0} has a key: /join {0} KEY",
    "476": "{0} cannot be the name of a channel.",
    "477": "{0} takes only those who are logged in: {text}",
    "478": "The list of {0} is full; /unban makes room.",
    "481": "Only an operator of this server may do that.",
    "482": "Only an operator of {0} may do that.",
    "489": "{0} takes only those who are connected by TLS: /connect HOST -tls",
    "491": "Nobody can become an operator of this server from where you are.",
    "501": "There is no such user mode.",
    "502": "You can change your own modes only.",
    "524": "There is no help on {0}; /help lists what there is.",
    "531": "{0} does not take your message: {text}",
    "696": "{0} cannot have mode {1}: {text}",
    "716": "{0} takes only messages of people they know; they are told that you wrote.",
}
"""Of each numeric: ``{0}`` is what it is about, ``{text}`` what the server says."""

ABOUT_A_CHANNEL = {"401": "There is no channel {0}; /join {0} makes it."}
"""The same for a channel."""


def failure(failed: Failed) -> str:
    """A refusal as a sentence."""
    numeric, about = failed.numeric, [printable(each) for each in failed.about]
    template = REFUSALS.get(numeric)
    if about and about[0][:1] in ("#", "&"):
        template = ABOUT_A_CHANNEL.get(numeric, template)
    text = failed.text.strip()
    if numeric == "461" and text.lower().rstrip(".") != "not enough parameters":
        template = None  # ircish says more: that it is not clear which channel is meant
    if template is None or len(about) < _needed(template):
        shown = " ".join(about)
        return f"{shown}: {text}" if shown and text else shown or text or f"Refused ({numeric})."
    return template.format(*about, text=text).removesuffix(": ")


def _needed(template: str) -> int:
    return 2 if "{1}" in template else int("{0}" in template)
