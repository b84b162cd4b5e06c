"""Whether an installed ircish works: `python smoke.py path/to/ircish`, away from the checkout.

Only what a user does with it: the command, a server, a person at a raw TCP tool. pytest does not
collect this file: `.ci/run` runs it with the built wheel.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile

PATIENCE = 30.0
"""Seconds after which what is waited for counts as not coming."""


def main(ircish: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        os.environ["XDG_CONFIG_HOME"] = directory  # nobody's own ircish.toml
        check(ircish, f"{directory}/data")
    print("smoke test passed")


def check(ircish: str, data: str) -> None:
    def output(*words: str) -> str:
        done = subprocess.run(
            [ircish, *words], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, f"ircish {' '.join(words)}: {done.stderr}"
        return done.stdout

    assert "serve" in output("--help")
    assert re.search(r"^roll +bundled +ROLL$", output("plugins"), re.MULTILINE)

    serve = [ircish, "serve", "--port", "0", "--data-dir", data]
    server = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    try:
        first = server.stdout.readline()
        found = re.search(r"listens on 127\.0\.0\.1:([0-9]+)", first)
        assert found, first
        port = found[1]

        with socket.create_connection(("127.0.0.1", int(port)), PATIENCE) as ann:
            ann.sendall(b"NICK ann\nMSG hello\nROLL 2d1\n")
            lines = ann.makefile(encoding="utf-8")
            assert any("*** Welcome, ann." in line for line in lines)
            assert any("ann rolled 2d1: 1 + 1" in line for line in lines)
            output("send", "#lobby", "build green", "--nick", "robot", "--port", port)
            assert any("<robot> build green" in line for line in lines)

        # The history can be read while the server runs, and after it.
        for _ in range(2):
            said = output("history", "#lobby", "--data-dir", data)
            for text in ("<ann> hello", "ann rolled 2d1: 1 + 1", "<robot> build green"):
                assert text in said, said
            server.send_signal(signal.SIGTERM)
            server.wait(PATIENCE)
        assert server.returncode == 0, server.returncode
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
