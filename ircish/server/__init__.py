"""The server: threads and sockets around the chat."""

from ircish.server.server import Server

__all__ = ["Server"]
