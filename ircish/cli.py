"""tmp"""


def main(argv=None):
    import argparse
    import signal
    import threading
    from pathlib import Path

    from ircish import config, log
    from ircish.server import Server

    p = argparse.ArgumentParser()
    s = p.add_subparsers(dest="cmd")
    v = s.add_parser("serve")
    names = {}
    for name, each, _ in config.settings():
        if each.flag:
            v.add_argument(each.flag, dest=name)
    v.add_argument("--config", type=Path)
    a = vars(p.parse_args(argv))
    a.pop("cmd")
    c = a.pop("config")
    log.configure("info")
    srv = Server(config.load(c, a))
    srv.start()
    print("listening", srv.address, srv.one_time_password, flush=True)
    e = threading.Event()
    for sig in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sig, lambda *_: e.set())
    e.wait()
    srv.stop()
    return 0
