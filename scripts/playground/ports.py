"""Ports of this machine: the wanted one, or a free one when it is taken."""

import socket
from contextlib import closing

HOST = "127.0.0.1"


def listen(*wanted: int) -> socket.socket:
    """A listening socket on the first of these ports that is free, else on any."""
    for port in [*wanted, 0]:
        found = socket.socket()
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((HOST, port))
            found.listen(128)
        except OSError:
            found.close()
            continue
        return found
    raise OSError(f"no port of {HOST} is free")


def free_port(wanted: int) -> int:
    """A port that nobody listens on now."""
    with closing(listen(wanted)) as found:
        port: int = found.getsockname()[1]
        return port
