"""Every reply once: its numeric, its IRC parameters, and its sentence for people.

Numerics and parameters: Modern IRC (ircdocs), RFC 2812 §5 where that is silent. Handlers name
replies; only the dialects know what they look like. ``{fields}`` come from the caller: data, or
``phrases``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Reply:
    """One kind of answer.

    ``numeric`` is three digits, or the verb of a reply that has none. ``params`` is a template of
    what follows the client's nick. ``plain`` is the sentence, or None where people are not told.
    """

    numeric: str
    params: str
    plain: str | None
    refusal: bool = False
    code: str = "REFUSED"
    """What a refusal without a numeric is called (IRCv3 standard-replies)."""
    _middle: tuple[str, ...] = field(init=False, default=())
    _trailing: str | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        middle, colon, trailing = f" {self.params}".partition(" :")
        object.__setattr__(self, "_middle", tuple(middle.split()))
        object.__setattr__(self, "_trailing", trailing if colon else None)

    def irc(self, fields: Mapping[str, object]) -> list[str]:
        """The IRC parameters; what cannot stand as a middle one becomes ``*``, and a tuple
        as many parameters as it has."""
        words: list[str] = []
        for word in self._middle:
            several = fields.get(word[1:-1])
            each = several if isinstance(several, tuple) else (word.format_map(fields),)
            words += map(_middle, each)
        if self._trailing is not None:
            words.append(":" + self._trailing.format_map(fields))
        return words

    def fail(self, fields: Mapping[str, object]) -> list[str]:
        """The parameters of FAIL, which tells programs of a refusal that has no numeric: the verb,
        the code, the sentence."""
        verb = _middle(str(fields.get("verb", "*")))
        text = self.irc(fields)[-1].removeprefix(f":{verb}: ").removeprefix(":")
        return [verb, self.code, f":{text}"]

    def sentence(self, fields: Mapping[str, object]) -> str | None:
        """What a person reads."""
        return None if self.plain is None else self.plain.format_map(fields)


def _middle(word: str) -> str:
    return word if word and word[0] != ":" and " " not in word else "*"


def _no(numeric: str, params: str, plain: str, code: str = "REFUSED") -> Reply:
    return Reply(numeric, params, plain, refusal=True, code=code)


# Coming in --------------------------------------------------------------------------------------
WELCOME = Reply("001", ":Welcome to {server}, {prefix}", None)
YOUR_HOST = Reply("002", ":Your host is {server}, running ircish {version}", None)
CREATED = Reply("003", ":This server was started {started}", None)
MY_INFO = Reply("004", "{server} ircish-{version} {user_modes} {channel_modes} {with_params}", None)
ISUPPORT = Reply("005", "{tokens} :are supported by this server", None)
GREETING = Reply(
    "NOTICE",
    ":{server} runs ircish.",
    "{server} runs ircish. NICK <name> to come in, HELP for help, QUIT to leave.",
)
ENTERED = Reply(
    "NOTICE",
    ":You are in {channel}",
    "Welcome, {nick}. You are in {channel} {company}. MSG <text> speaks, HELP tells more.",
)
NOW_IN = Reply("NOTICE", ":You are in {channel}", "You are in {channel} {company}.")
MOTD_START = Reply("375", ":- {server} message of the day", None)
MOTD = Reply("372", ":- {line}", "{line}")
MOTD_END = Reply("376", ":End of the message of the day", None)
NO_MOTD = Reply("422", ":There is no message of the day", "There is no message of the day.")
PASSWORD_TAKEN = Reply("NOTICE", ":Password taken", "Thank you. Now NICK <name> to come in.")
NOT_REGISTERED = _no(
    "451", ":You have not registered", "Come in first: NICK <name>. HELP tells more."
)
ALREADY_REGISTERED = _no("462", ":You are already registered", "You are in already.")
PASSWORD_WRONG = _no("464", ":Password incorrect", "That is not the password.")
PASSWORD_NEEDED = _no(
    "464", ":Password required", "This server wants a password first: PASS <password>."
)
NO_NICK_GIVEN = _no("431", ":No nickname given", "Say which: NICK <name>.")
BAD_NICK = _no(
    "432",
    "{nick} :Erroneous nickname",
    "{nick} cannot be a nickname: letters, digits and []\\`_^{{|}}- only, no digit or - first, "
    "at most {longest}.",
)
NICK_IN_USE = _no(
    "433",
    "{nick} :Nickname is already in use",
    "The nickname {nick} is taken. Try {free} or another.",
)

# Commands ---------------------------------------------------------------------------------------
UNKNOWN_COMMAND = _no(
    "421",
    "{verb} :Unknown command",
    "There is no command {verb}. {hint} HELP lists the commands.",
)
NEED_MORE_PARAMS = _no(
    "461", "{verb} :Not enough parameters", "{missing} is missing. Usage: {usage}"
)
BAD_ARGUMENT = _no("NOTICE", ":{verb}: {wrong}", "{wrong} Usage: {usage}", code="INVALID_PARAMS")
NOT_SO_FAST = _no(
    "263", "{verb} :Not so fast; again in {wait}.", "{verb}: not so fast; again in {wait}."
)
REFUSED = _no("NOTICE", ":{text}", "{text}")
TOLD = Reply("NOTICE", ":{text}", "{text}")
LINE_TOO_LONG = _no(
    "417",
    ":Input line was too long",
    "That line is too long: {longest} bytes at most, it was not done.",
)
TAGS_TOO_LONG = _no("417", ":Input tags were too long", "The tags of that line are too long.")
RELAY_TOO_LONG = _no(
    "417",
    ":Input line was too long to pass on, by {over} bytes",
    "That is {over} bytes too long for everyone to read; {fits} fit. Nothing was sent.",
)
NOT_UTF8 = _no(
    "FAIL", "* INVALID_UTF8 :Lines must be UTF-8", "That line is not UTF-8 text; it was not done."
)
CONTROL_INSIDE = _no(
    "NOTICE",
    ":A line with NUL or CR inside was not done",
    "A line with NUL or CR inside was not done.",
    code="INVALID_LINE",
)
BROKEN = _no(
    "NOTICE",
    ":{verb} failed; this is a fault of the server's and has been logged",
    "{verb} failed, sorry. It is not your fault, and it has been logged.",
    code="INTERNAL_ERROR",
)
TAKES_LONG = _no(
    "NOTICE",
    ":{verb} has not come back for {seconds} seconds; you can go on without it",
    "{verb} has not come back for {seconds} seconds. You can go on without it.",
    code="TIMEOUT",
)
SWITCHED_OFF = _no(
    "NOTICE",
    ":{verb} is switched off, because it failed; the operators know",
    "{verb} is switched off, because it failed. The operators know.",
    code="SWITCHED_OFF",
)
NOT_SAVED = Reply(
    "NOTICE",
    ":Your message to {channel} was delivered, but could not be saved yet",
    "Your message to {channel} was delivered, but could not be saved in the history yet.",
)

# People -----------------------------------------------------------------------------------------
NO_SUCH_NICK = _no("401", "{nick} :No such nick or channel", "Nobody here is called {nick}.")
WHOIS_USER = Reply(
    "311", "{nick} {user} {host} * :{realname}", "{nick} is {user}@{host} ({realname})"
)
WHOIS_SERVER = Reply("312", "{nick} {server} :{description}", None)
WHOIS_OPERATOR = Reply(
    "313", "{nick} :is a server operator", "{nick} is an operator of this server"
)
WHOIS_IDLE = Reply(
    "317",
    "{nick} {idle} {signon} :seconds idle, signon time",
    "{nick} came in {signon_text}, last spoke {idle_text}",
)
WHOIS_END = Reply("318", "{nick} :End of WHOIS", None)
WHOIS_BOT = Reply("335", "{nick} :is a bot", "{nick} is a bot")
WHOIS_ACCOUNT = Reply(
    "330", "{nick} {account} :is logged in as", "{nick} is logged in as {account}"
)
WHOIS_ACTUALLY = Reply("338", "{nick} {host} :is actually using host", None)
WHOIS_MODES = Reply("379", "{nick} :is using modes +{modes}", None)
WHOIS_CHANNELS = Reply("319", "{nick} :{channels}", "{nick} is in {channels}")
IS_AWAY = Reply("301", "{nick} :{text}", "{nick} is away: {text}")
WHOWAS = Reply(
    "314", "{nick} {user} {host} * :{realname}", "{nick} was {user}@{host} ({realname}), {until}"
)
WHOWAS_END = Reply("369", "{nick} :End of WHOWAS", None)
WAS_NO_SUCH_NICK = _no(
    "406", "{nick} :There was no such nickname", "Nobody who is called {nick} has left lately."
)
ISON = Reply("303", ":{nicks}", None)
USERHOST = Reply("302", ":{people}", None)
BAD_REALNAME = _no(
    "FAIL",
    "SETNAME INVALID_REALNAME :A real name has 1 to {longest} characters",
    "Say which: a real name has 1 to {longest} characters.",
)
NOW_AWAY = Reply("306", ":You have been marked as being away", "You are marked as away.")
NOT_AWAY = Reply("305", ":You are no longer marked as being away", "You are no longer away.")
WHO = Reply(
    "352",
    "{channel} {user} {host} {server} {nick} {flags} :0 {realname}",
    "{nick} ({user}@{host}) {realname}{status}",
)
WHOX = Reply("354", "{fields}", None)
WHOX_NAMED = Reply("354", "{fields} :{realname}", None)
WHO_END = Reply("315", "{mask} :End of WHO", None)
NAMES = Reply("353", "{symbol} {channel} :{names}", "In {channel}: {names}")
NAMES_END = Reply("366", "{channel} :End of NAMES", None)
NOBODY = Reply("NOTICE", ":Nobody", "Nobody.")
USER_MODES = Reply("221", "{modes}", "You: {meaning}.")
UNKNOWN_USER_MODE = _no(
    "501", ":Unknown mode", "There is no user mode {letter}; there are B, i, s and w."
)
NOT_YOUR_MODES = _no("502", ":Cannot change modes of others", "You can change only your own modes.")
NOW_OPERATOR = Reply(
    "381", ":You are now a server operator", "You are an operator of this server now."
)
NOT_SERVER_OPERATOR = _no(
    "481",
    ":Permission denied: you are not a server operator",
    "Only an operator of this server may.",
)

BAD_HOST = _no(
    "NOTICE",
    ":{host} cannot be a user or host",
    "{host} cannot be a user or host.",
    code="INVALID_HOST",
)
MONITOR_ONLINE = Reply("730", ":{prefix}", "{nick} has come in.")
MONITOR_OFFLINE = Reply("731", ":{nick}", "{nick} is gone.")
MONITOR_ALL_ONLINE = Reply("730", ":{prefixes}", None)
MONITOR_ALL_OFFLINE = Reply("731", ":{nicks}", None)
MONITOR_LIST = Reply("732", ":{nicks}", "You are told of {nicks}.")
MONITOR_END = Reply("733", ":End of MONITOR list", None)
MONITORED = Reply("NOTICE", ":{nick}", "You will be told when {nick} comes or goes. {where}")
NOT_MONITORED = Reply("NOTICE", ":{nicks}", "You are no longer told of {nicks}.")
MONITOR_FULL = _no(
    "734", "{most} {nicks} :Monitor list is full", "You can monitor {most} nicks at the most."
)
SOMEBODY_CAME = Reply("NOTICE", ":*** {prefix} has come in", "{prefix} has come in.")
SOMEBODY_LEFT = Reply("NOTICE", ":*** {prefix} has left: {reason}", "{prefix} has left: {reason}")
SOMEBODY_OPERATES = Reply(
    "NOTICE", ":*** {nick} is operator {name} now", "{nick} is operator {name} now."
)

# Channels ---------------------------------------------------------------------------------------
NO_SUCH_CHANNEL = _no("403", "{channel} :No such channel", "There is no channel {channel}.")
BAD_CHANNEL = _no(
    "403",
    "{channel} :No such channel",
    "{channel} cannot be a channel: # and at most {rest} characters, no space, no comma.",
)
CANNOT_SEND = _no(
    "404", "{channel} :Cannot send to channel", "You are not in {channel}. JOIN {channel} first."
)
TOO_MANY_CHANNELS = _no(
    "405",
    "{channel} :You have joined too many channels",
    "You are in {most} channels; PART one first.",
)
NOT_IN_CHANNEL = _no(
    "442",
    "{channel} :You are not on that channel",
    "You are not in {channel}. JOIN {channel} first.",
)
THEY_ARE_NOT_IN = _no(
    "441", "{nick} {channel} :They are not on that channel", "{nick} is not in {channel}."
)
ALREADY_IN = _no(
    "443", "{nick} {channel} :is already on channel", "{nick} is in {channel} already."
)
NOT_CHANNEL_OPERATOR = _no(
    "482", "{channel} :You are not a channel operator", "Only an operator of {channel} may."
)
BANNED = _no("474", "{channel} :You are banned (+b)", "You are banned from {channel}.")
INVITE_ONLY = _no(
    "473",
    "{channel} :It is on invitation only (+i)",
    "{channel} is on invitation only: ask one of its operators.",
)
WRONG_KEY = _no(
    "475",
    "{channel} :It needs the right key (+k)",
    "{channel} needs the right key: JOIN {channel} <key>.",
)
FULL = _no("471", "{channel} :It is full (+l)", "{channel} is full: {most} may be in.")
MODERATED = _no(
    "404",
    "{channel} :Cannot send to channel: it is moderated (+m)",
    "{channel} is moderated: only those with a voice may speak.",
)
SILENCED = _no(
    "404",
    "{channel} :Cannot send to channel: you are banned (+b)",
    "You are banned from speaking in {channel}.",
)
NO_CTCP = _no("404", "{channel} :Cannot send CTCP to channel (+C)", "{channel} takes no CTCP.")
NOT_FOUNDER = _no(
    "482", "{channel} :You are not a founder of that channel", "Only a founder of {channel} may."
)
LIST_FULL = _no(
    "478", "{channel} b :Channel list is full", "The lists of {channel} are full: {most} entries."
)
INVALID_KEY = _no(
    "696",
    "{channel} {letter} * :A key has 1 to 23 characters, no space, no comma",
    "That cannot be a key: at most 23 characters, no space, no comma.",
)
INVALID_LIMIT = _no(
    "696",
    "{channel} {letter} * :A limit is a whole number from 1 on",
    "A limit is a whole number from 1 on.",
)
INVALID_MASK = _no(
    "696",
    "{channel} {letter} * :A mask is a nick, or nick!user@host with * and ?",
    "That cannot be a mask: a nick such as ben, or nick!user@host with * and ?.",
)
UNKNOWN_MODE = _no(
    "472",
    "{letter} :is an unknown mode",
    "There is no channel mode {letter}; HELP MODE tells which there are.",
)
WHOSE_MODES = _no(
    "461",
    "MODE :Not enough parameters",
    "Say whose: MODE {channel} {letters} or MODE {nick} {letters}.",
)
NO_LONGER_IN = _no(
    "442",
    "{channel} :You are not on that channel",
    "You are no longer in {channel}; nothing was done. {where}",
)
NO_CHANNEL = _no(
    "461",
    "{verb} :Not enough parameters",
    "You are in no channel. JOIN one first; LIST shows them.",
)
AMBIGUOUS_CHANNEL = _no(
    "461", "{verb} :Say which channel", "You are in {channels}; say which one: {usage}"
)
CHANNEL_MODES = Reply("324", "{channel} {modes}", "{channel}: {meaning}.")
CHANNEL_CREATED = Reply("329", "{channel} {created}", None)
NO_TOPIC = Reply("331", "{channel} :No topic is set", "{channel} has no topic.")
TOPIC = Reply("332", "{channel} :{topic}", "Topic of {channel}: {topic}")
TOPIC_BY = Reply("333", "{channel} {by} {at}", None)
INVITING = Reply("341", "{nick} {channel}", "You have asked {nick} into {channel}.")
NO_CHANGE = Reply("NOTICE", ":Nothing has changed", "Nothing has changed.")
INVITED_TO = Reply("336", "{channel}", "You are asked into {channel}. JOIN {channel} to go there.")
INVITED_TO_END = Reply("337", ":End of invite list", None)
NOT_INVITED = Reply("337", ":End of invite list", "You are asked into no channel.")
ENTRY: Mapping[str, Reply] = {
    "b": Reply("367", "{channel} {mask} {by} {at}", "Banned from {channel}: {mask}, by {by} {ago}"),
    "e": Reply(
        "348",
        "{channel} {mask} {by} {at}",
        "Excepted from the bans of {channel}: {mask}, by {by} {ago}",
    ),
    "I": Reply(
        "346", "{channel} {mask} {by} {at}", "Let into {channel} uninvited: {mask}, by {by} {ago}"
    ),
}
"""What is in a list of a channel's, by the letter of its mode."""
ENTRIES_END: Mapping[str, Reply] = {
    "b": Reply("368", "{channel} :End of channel ban list", None),
    "e": Reply("349", "{channel} :End of channel exception list", None),
    "I": Reply("347", "{channel} :End of channel invite exception list", None),
}
NO_ENTRIES: Mapping[str, Reply] = {
    "b": replace(ENTRIES_END["b"], plain="Nobody is banned from {channel}."),
    "e": replace(ENTRIES_END["e"], plain="Nobody is excepted from the bans of {channel}."),
    "I": replace(ENTRIES_END["I"], plain="Nobody is let into {channel} uninvited."),
}
NO_SUCH_BAN = _no("NOTICE", ":No ban of {channel} fits {mask}", "No ban of {channel} fits {mask}.")
STILL_THERE = Reply(
    "NOTICE",
    ":{nick} is still in {channel}",
    "{nick} is still in {channel}: KICK {channel} {nick} puts them out.",
)
LIST_START = Reply("321", "Channel :Users  Name", None)
LIST = Reply("322", "{channel} {count} :{topic}", "{aligned} ({count}) {topic}")
LIST_END = Reply("323", ":End of LIST", None)
NO_CHANNELS = Reply("323", ":End of LIST", "There is no such channel.")

# Talking ----------------------------------------------------------------------------------------
NO_RECIPIENT = _no("411", ":No recipient given ({verb})", "Say to whom: {usage}")
NO_TEXT = _no("412", ":No text to send", "Say something: {usage}")
TOO_MANY_TARGETS = _no(
    "407",
    "{targets} :Too many targets, at most {most} at once",
    "At most {most} at once; nothing was said to {targets}.",
)
PERSON_OR_ALL = _no(
    "NOTICE",
    ":{nick} is a person here",
    "{nick} is a person here. MSG @{nick} {said} tells only {nick}; "
    "MSG :{nick} {said} tells everyone in {channel}.",
)

TOO_MANY_BYTES = _no(
    "FAIL",
    "BATCH MULTILINE_MAX_BYTES {most} :Too many bytes",
    "That is more than {most} bytes; nothing was sent.",
)
OTHER_TARGET = _no(
    "FAIL",
    "BATCH MULTILINE_INVALID_TARGET {target} {other} :A line to another target",
    "Of one message to {target} a line is for {other}.",
)
BAD_BATCH = _no("FAIL", "BATCH MULTILINE_INVALID :{wrong}", "{wrong}.")
BAD_REFERENCE = _no(
    "FAIL",
    "BATCH INVALID_REFTAG {reference} :It begins with + or -, then letters, digits, hyphens",
    "{reference} cannot be the name of a batch.",
)
BATCH_TOO_LATE = _no(
    "FAIL",
    "BATCH TIMEOUT {reference} :It took too long, nothing was sent",
    "It took too long; nothing was sent.",
)
UNKNOWN_BATCH = _no(
    "FAIL",
    "BATCH UNKNOWN_TYPE {reference} {kind} :Unknown type of batch",
    "There is no batch of type {kind}.",
)
TOO_MANY_LINES = _no(
    "FAIL",
    "BATCH MULTILINE_MAX_LINES {most} :Too many lines",
    "That is more than {most} lines; nothing was sent.",
)
CANNOT_REDACT_THERE = _no(
    "FAIL",
    "REDACT INVALID_TARGET {target} :There is nothing of yours to take back",
    "There is nothing to take back in {target}.",
)
UNKNOWN_MSGID = _no(
    "FAIL",
    "REDACT UNKNOWN_MSGID {target} {msgid} :There is no such message, or it is too old",
    "There is no such message in {target}, or it is too old.",
)
TAKEN_BACK = Reply("NOTICE", ":Taken back: {text}", "You have taken back: {text}")
NOTHING_SAID = _no(
    "NOTICE",
    ":You have said nothing lately in {channel}",
    "You have said nothing lately in {channel} that could be taken back.",
)
MAY_NOT_REDACT = _no(
    "FAIL",
    "REDACT REDACT_FORBIDDEN {target} {msgid} :It is not your message",
    "Only who said it, or an operator of the channel, may take it back.",
)

# About the server -------------------------------------------------------------------------------
VERSION = Reply(
    "351",
    "ircish-{version} {server} :a chat for people who live in a terminal",
    "{server} runs ircish {version}.",
)
TIME = Reply("391", "{server} :{time}", "It is {time} on {server}.")
HELP_LIST = Reply("704", "* :The commands:", "The commands:")
HELP_LISTED = Reply("705", "* :  {usage}  {summary}{who}", "  {usage}  {summary}{who}")
HELP_MORE = Reply(
    "705", "* :HELP <command> tells more of one.", "HELP <command> tells more of one."
)
HELP_USAGE = Reply("704", "{verb} :{usage}{who}", "{usage}{who}")
HELP_TEXT = Reply("705", "{verb} :  {text}", "  {text}")
HELP_EXAMPLE = Reply("705", "{verb} :  For example: {example}", "  For example: {example}")
HELP_END = Reply("706", "{verb} :End of help", None)
NO_HELP = _no("524", "{verb} :No help on that", "There is no command {verb}. {hint}")
PONG = Reply("PONG", "{server} :{token}", "PONG {token}")
# The server itself, and its operators -------------------------------------------------------------
NO_SUCH_SERVER = _no("402", "{server} :No such server", "There is no server {server} here.")
LUSERS_CLIENTS = Reply(
    "251",
    ":There are {visible} users and {invisible} invisible on 1 servers",
    "{users} people are here.",
)
LUSERS_OPERATORS = Reply("252", "{operators} :operators online", None)
LUSERS_UNKNOWN = Reply("253", "{unknown} :unknown connections", None)
LUSERS_CHANNELS = Reply("254", "{channels} :channels formed", "{channels} channels.")
LUSERS_ME = Reply("255", ":I have {users} clients and 0 servers", None)
LUSERS_LOCAL = Reply("265", "{users} {most} :Current local users {users}, max {most}", None)
LUSERS_GLOBAL = Reply("266", "{users} {most} :Current global users {users}, max {most}", None)
INFO = Reply("371", ":{line}", "{line}")
INFO_END = Reply("374", ":End of INFO", None)
ADMIN_START = Reply("256", "{server} :Administrative info", None)
ADMIN_LINES = (
    Reply("257", ":{line}", "{line}"),
    Reply("258", ":{line}", "{line}"),
    Reply("259", ":{line}", "{line}"),
)
NO_ADMIN = _no(
    "423", "{server} :No administrative info available", "Nobody has said who runs this server."
)
LINKS = Reply("364", "{server} {server} :0 {description}", "{server}: {description}")
LINKS_END = Reply("365", "{mask} :End of LINKS", None)
STATS_UPTIME = Reply("242", ":Server Up {days} days {time}", "Up for {days} days {time}.")
STATS_OPERATOR = Reply("243", "O * * {name} 0 0", "{name} may be an operator.")
STATS_END = Reply("219", "{letter} :End of STATS", None)
SERVER_NOTICE = Reply("NOTICE", ":*** {text}", "{text}")
REHASHING = Reply("382", "ircish.toml :Rehashing", None)
KILLED = Reply(
    "ERROR",
    ":Closing Link: {host} (Killed ({by} ({reason})))",
    "{by} has ended your connection: {reason}",
)
KILL_NO_SERVER = _no("483", ":You can't kill a server!", "That is the server itself.")

# History ----------------------------------------------------------------------------------------
HISTORY_LINE = Reply("NOTICE", ":{line}", "{line}")
NOTHING_FOUND = Reply("NOTICE", ":Nothing found", "Nothing found.")
NO_HISTORY = Reply("NOTICE", ":No history yet", "Nothing has been said in {channel} yet.")
BAD_HISTORY_TARGET = _no(
    "FAIL",
    "CHATHISTORY INVALID_TARGET {subcommand} {target} :No history of that",
    "No history of {target}.",
)
BAD_HISTORY_PARAMS = _no(
    "FAIL",
    "CHATHISTORY INVALID_PARAMS {subcommand} {given} :{wrong}",
    "CHATHISTORY {subcommand}: {wrong}",
)
NO_MESSAGES = _no(
    "FAIL",
    "CHATHISTORY MESSAGE_ERROR {subcommand} {target} {given} :{wrong}",
    "CHATHISTORY {subcommand}: {wrong}",
)
SEARCH_FAILED = _no("NOTICE", ":{text}", "{text}")
HISTORY_UNREADABLE = _no(
    "NOTICE",
    ":The history cannot be read just now; this has been logged",
    "The history cannot be read just now. It has been logged.",
)
MARKER = Reply("MARKREAD", "{target} {moment}", None)
MARKER_OF_WHAT = _no("FAIL", "MARKREAD NEED_MORE_PARAMS :Missing parameters", "Say of what.")
BAD_MARKER = _no(
    "FAIL",
    "MARKREAD INVALID_PARAMS {target} {given} :{wrong}",
    "{given} is no time.",
)

# Capabilities -----------------------------------------------------------------------------------
CAP = Reply("CAP", "{subcommand} :{caps}", None)
CAP_MORE = Reply("CAP", "{subcommand} * :{caps}", None)
BAD_CAP_COMMAND = _no("410", "{subcommand} :Invalid CAP command", "CAP is for IRC programs.")

# The last line -----------------------------------------------------------------------------------
GOODBYE = Reply("ERROR", ":Closing link: {reason}", "Goodbye.")
NO_ENTRY = Reply("ERROR", ":Closing link: password incorrect", "Goodbye.")
TOO_SLOW = Reply(
    "ERROR", ":That took too long; connect again.", "That took too long; connect again."
)
TIMED_OUT = Reply("ERROR", ":Ping timeout: {seconds} s", "Ping timeout: {seconds} s")
STOPPING = Reply("ERROR", ":{reason}. Goodbye.", "{reason}. Goodbye.")
NO_WEB_SERVER = Reply("ERROR", ":This is no web server.", "This is no web server.")
