"""A command beside a running `serve`: its messages go through that one."""

import socket
import threading
from collections.abc import Iterator
from multiprocessing.connection import Client
from urllib.request import urlopen

import pytest
from werkzeug.wrappers import Response

from invoicesync_cli.errors import TryLater
from invoicesync_cli.load.qbd.channel import MessageRefused
from invoicesync_cli.load.qbd.web_connector import relay
from invoicesync_cli.load.qbd.web_connector.relay import Relayed, beside, key_of, relaying
from invoicesync_cli.load.qbd.web_connector.sessions import Sessions
from invoicesync_sandbox.qbd.web_connector import Kill, Killed
from invoicesync_sandbox.serve import serving
from tests.kits.qbxml import Desk, enveloped, request
from tests.kits.web_connector import PASSWORD, Counter, Polled, in_background, polled

ADD = enveloped(request("CustomerAdd", Name="Ann"), newMessageSetID="k1")
LONG = 30.0


@pytest.fixture
def at() -> Iterator[Polled]:
    """A `serve`."""
    sessions = Sessions(key_of(PASSWORD), hold=0.05)
    with relaying(sessions, PASSWORD) as port, polled(sessions, relay_port=port) as found:
        yield found


def command(at: Polled) -> Relayed:
    """A command of the same profile."""
    found = beside(at.port, PASSWORD, LONG)
    assert found
    return found


def test_messages_go_through_a_serve_beside(at: Polled) -> None:
    desk = Counter(Desk().qbd)
    channel = command(at)
    answer = in_background(lambda: channel.exchange(ADD, LONG))
    update = in_background(at.connector(desk).update)

    assert 'statusCode="0"' in answer.result(LONG)
    # The session is the command's: it ends with it, and not before.
    assert not update.done()
    channel.close()
    assert update.result(LONG) == "Done."


def test_a_refusal_is_the_same_through_it(at: Polled) -> None:
    channel = command(at)
    answer = in_background(lambda: channel.exchange(enveloped("<NonsenseRq/>"), LONG))
    in_background(at.connector(Desk().qbd).update)
    with pytest.raises(MessageRefused) as caught:
        answer.result(LONG)
    assert caught.value.exit_code == 7
    assert "-vv" in caught.value.hint
    channel.close()

    late = beside(at.port, PASSWORD, 0.0)
    assert late
    with pytest.raises(TryLater) as ended:
        late.exchange(ADD, LONG)
    assert (ended.value.code, ended.value.unknown) == ("no-web-connector", False)
    assert ended.value.hint
    late.close()


def test_a_lost_answer_leaves_the_outcome_open_through_it_too(at: Polled) -> None:
    channel = command(at)
    answer = in_background(lambda: channel.exchange(ADD, LONG))
    connector = at.connector(Desk().qbd)
    connector.kills.append(Kill("handed"))
    with pytest.raises(Killed):
        connector.update()
    at.authenticate()

    with pytest.raises(TryLater) as lost:
        answer.result(LONG)
    assert (lost.value.code, lost.value.unknown) == ("answer-lost", True)
    channel.close()


def test_the_answer_for_a_command_that_died_is_kept(at: Polled) -> None:
    desk = Counter(Desk().qbd)
    desk.held = held = threading.Event()
    dead = command(at)
    lost = in_background(lambda: dead.exchange(ADD, LONG))
    update = in_background(at.connector(desk).update)
    assert desk.reached.wait(LONG)
    # As the system does it for a process that is killed.
    with socket.fromfd(dead._connection.fileno(), socket.AF_INET, socket.SOCK_STREAM) as end:
        end.shutdown(socket.SHUT_RDWR)
    with pytest.raises(TryLater):
        lost.result(LONG)
    held.set()
    assert update.result(LONG) == "Done."

    channel = command(at)
    assert 'statusCode="0"' in in_background(lambda: channel.exchange(ADD, LONG)).result(LONG)
    channel.close()
    assert len(desk.messages) == 1


def test_without_a_serve_there_is_none() -> None:
    with polled() as alone:
        # A command of its own, which takes no messages of others.
        assert beside(alone.port, PASSWORD, LONG) is None
    assert beside(alone.port, PASSWORD, LONG) is None


@pytest.mark.parametrize("said", ["", "x", "99999999999999", "0", "-1", "<html>"])
def test_another_program_at_the_port_is_none(said: str) -> None:
    with serving({"other": Response(said)}) as roots:
        assert beside(int(roots["other"].rpartition(":")[2]), PASSWORD, LONG) is None


def test_who_does_not_know_the_password_gets_nowhere(at: Polled) -> None:
    assert beside(at.port, "guess", LONG) is None

    # What one end has shown is no proof of the other.
    with Client(("127.0.0.1", relay_port(at))) as mirror:
        for _ in range(2):
            mirror.send_bytes(mirror.recv_bytes())
        assert mirror.poll(LONG)
        with pytest.raises((EOFError, OSError)):
            mirror.recv_bytes()


def test_who_says_nothing_keeps_nobody_waiting(at: Polled) -> None:
    with socket.create_connection(("127.0.0.1", relay_port(at))):
        command(at).close()


def relay_port(at: Polled) -> int:
    """Where messages are taken."""
    with urlopen(f"{at.root}{relay.PATH}") as answer:  # noqa: S310 - our own service
        return int(answer.read())
