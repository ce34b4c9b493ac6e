"""How a command reaches QuickBooks through the `serve` that runs beside it.

`serve` has the port that the Web Connector knows. It takes messages from other commands of the
same profile too, over a connection of its own on this machine: who does not know the profile's
password gets nowhere, and the password never travels.
"""

import contextlib
import hmac
import json
import secrets
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

from invoicesync_cli.errors import ConfigError, InvoiceSyncError, SignInNeeded, TryLater
from invoicesync_cli.load.qbd.channel import MessageRefused
from invoicesync_cli.load.qbd.web_connector.sessions import Sessions

PATH = "/serve"
"""The page that says at which port messages are taken. That is no secret."""
LONGEST_PORT = 5
HOST = "127.0.0.1"
LONGEST = 256 << 20
"""Bytes of a message or an answer, as JSON."""
PATIENCE = 5.0
"""Seconds for whoever connects to show that they belong here."""
SERVE, COMMAND = b"serve", b"command"
"""Which end somebody is."""
_CLOSED = (OSError, EOFError, ValueError)
_KINDS: dict[str, type[InvoiceSyncError]] = {
    kind.__name__: kind for kind in (TryLater, SignInNeeded, ConfigError, MessageRefused)
}


def key_of(password: str) -> bytes:
    """What both ends know. It is no password, and tells of none."""
    return hmac.new(password.encode(), b"invoicesync relay", "sha256").digest()


@contextlib.contextmanager
def relaying(sessions: Sessions, password: str) -> Iterator[int]:
    """Take messages from other commands while the block runs; gives the port."""
    key = key_of(password)
    listener = Listener((HOST, 0), backlog=16)
    ended = threading.Event()

    def listen() -> None:
        while not ended.is_set():
            try:
                connection = listener.accept()
            except OSError:
                return
            threading.Thread(target=_serve, args=(connection, sessions, key), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    host, port = listener.address
    try:
        yield port
    finally:
        ended.set()
        # Whoever waits in `accept` hears of an end only by a connection.
        with contextlib.suppress(*_CLOSED):
            Client((host, port)).close()
        listener.close()


def _serve(connection: "Connection[Any, Any]", sessions: Sessions, key: bytes) -> None:
    """One command: its messages, until it goes."""
    with connection, contextlib.suppress(*_CLOSED):
        _prove(connection, key, SERVE, COMMAND)
        with sessions.run():
            while True:
                asked = json.loads(connection.recv_bytes(LONGEST))
                connection.send_bytes(_answered(connection, sessions, asked))


def _prove(connection: "Connection[Any, Any]", key: bytes, role: bytes, other: bytes) -> None:
    """Show the other end that this one knows the key, and see that it does too.

    Raises `OSError` where it does not, or says nothing.
    """
    nonce = secrets.token_bytes(32)
    connection.send_bytes(nonce)
    theirs = _heard(connection)
    connection.send_bytes(hmac.digest(key, role + nonce + theirs, "sha256"))
    if not hmac.compare_digest(
        _heard(connection), hmac.digest(key, other + theirs + nonce, "sha256")
    ):
        raise OSError("The other end is somebody else.")


def _heard(connection: "Connection[Any, Any]") -> bytes:
    if not connection.poll(PATIENCE):
        raise OSError("The other end says nothing.")
    return connection.recv_bytes(64)


def _answered(connection: "Connection[Any, Any]", sessions: Sessions, asked: Any) -> bytes:
    def alive() -> bool:
        # There is something to read of a command that has gone: the end.
        try:
            return not connection.poll(0)
        except OSError:
            return False

    try:
        answer = sessions.exchange(
            asked["message"], limit=asked["limit"], wait=asked["wait"], alive=alive
        )
    except InvoiceSyncError as error:
        return json.dumps(_packed(error)).encode()
    return json.dumps({"answer": answer}).encode()


class Relayed:
    """A `Channel` through a `serve` that runs beside this command."""

    def __init__(self, connection: "Connection[Any, Any]", wait: float) -> None:
        self._connection = connection
        self._wait = wait
        self._one_by_one = threading.Lock()

    def exchange(self, message: str, limit: float) -> str:
        """The answer to a message."""
        asked = {"message": message, "limit": limit, "wait": self._wait}
        with self._one_by_one:
            try:
                self._connection.send_bytes(json.dumps(asked).encode())
                while not self._connection.poll(0.5):
                    # On Windows nothing interrupts a wait that has no end.
                    pass
                said = json.loads(self._connection.recv_bytes(LONGEST))
            except _CLOSED:
                raise TryLater(
                    "The invoicesync serve that carried the messages has ended.",
                    hint="Start it again, or run the command without it. What became of the last "
                    "message is looked up first.",
                    code="serve-ended",
                ) from None
        if "answer" in said:
            return str(said["answer"])
        raise _unpacked(said)

    def close(self) -> None:
        """Go."""
        self._connection.close()


def beside(port: int, password: str, wait: float) -> Relayed | None:
    """The `serve` that has this port, if it is one of this profile."""
    found = _port_of(port)
    if not found:
        return None
    try:
        connection = Client((HOST, found))
    except OSError:
        return None
    try:
        _prove(connection, key_of(password), COMMAND, SERVE)
    except _CLOSED:
        connection.close()
        return None
    return Relayed(connection, wait)


def _port_of(port: int) -> int:
    """Where whoever has the Web Connector's port takes messages; 0 for nowhere."""
    asked = HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        asked.request("GET", PATH)
        answer = asked.getresponse()
        said = answer.read(LONGEST_PORT)
        found = int(said) if answer.status == 200 else 0
    except (OSError, HTTPException, ValueError):
        found = 0
    finally:
        asked.close()
    return found if 0 < found < 1 << 16 else 0


def _packed(error: InvoiceSyncError) -> dict[str, Any]:
    return {
        "kind": type(error).__name__,
        "message": error.message,
        "hint": error.hint,
        "code": error.code,
        "unknown": error.unknown,
    }


def _unpacked(said: dict[str, Any]) -> InvoiceSyncError:
    kind = _KINDS.get(said["kind"], TryLater)
    error = kind.__new__(kind)
    InvoiceSyncError.__init__(error, said["message"], hint=said["hint"])
    error.code, error.unknown = said["code"], said["unknown"]
    return error
