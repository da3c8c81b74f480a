"""A test that leaves a socket open is found at its end, without a look through all of the memory."""

import zmq
from sockets import open_sockets


def test_an_open_socket_is_known_until_it_is_closed():
    before = open_sockets()
    with zmq.Context() as context:
        socket = context.socket(zmq.DEALER)
        assert open_sockets() - before == {socket}
        shadow = zmq.Socket.shadow(socket)  # another name of it, which nobody has to close
        assert open_sockets() - before == {socket}
        del shadow
        socket.close()
        assert open_sockets() == before


def test_so_is_one_that_nobody_can_reach_any_more():
    """Such a one is in a circle, and warns when that is collected: in another test."""
    before = open_sockets()
    with zmq.Context() as context:
        circle = [context.socket(zmq.DEALER)]
        circle.append(circle)
        del circle
        (left,) = open_sockets() - before
        left.close()
    assert open_sockets() == before
