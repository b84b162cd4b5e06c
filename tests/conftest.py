"""The fixtures of the tests are those that a plugin's author has: ``chat`` and ``open_chat``.

A server costs about 30 ms to start and stop, so every test has its own.
"""

from __future__ import annotations

pytest_plugins = ["ircish.testing.pytest_plugin"]
