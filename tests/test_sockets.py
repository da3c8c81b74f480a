"""A socket or a context that a test leaves open is found at its end, without a look through all memory."""

import zmq
from sockets import open_sockets


def test_an_open_socket_is_known_until_it_is_closed():
    with zmq.Context() as context:
        before = open_sockets()
        socket = context.socket(zmq.DEALER)
        assert open_sockets() - before == {socket}
        shadow = zmq.Socket.shadow(socket)  # another name of it, which nobody has to close
        assert open_sockets() - before == {socket}
        del shadow
        socket.close()
        assert open_sockets() == before


def test_so_is_one_that_nobody_can_reach_any_more():
    """Such a one is in a circle, and warns when that is collected: in another test."""
    with zmq.Context() as context:
        before = open_sockets()
        circle = [context.socket(zmq.DEALER)]
        circle.append(circle)
        del circle
        (left,) = open_sockets() - before
        left.close()
        assert open_sockets() == before


def test_and_a_context_without_any_socket():
    before = open_sockets()
    circle = [zmq.Context()]
    circle.append(circle)
    del circle
    (left,) = open_sockets() - before
    left.term()
    assert open_sockets() == before


def test_but_not_the_one_that_a_process_keeps():
    before = open_sockets()
    context = zmq.Context.instance()
    assert open_sockets() == before
    context.term()
