"""Addresses of every family: what is accepted, and how it is refused. The descriptor beneath is an internet socket's, so the system
refuses what goes through; families that it has no driver for can be tried all the same."""
import _socket
import socket

LO, DEVICE = "lo", "00:11:22:33:44:55"
CAN_ISOTP, CAN_J1939 = 6, 7


def descriptor():
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).detach()


def attempt(what, *args, **kwargs):
    try:
        print("   ", args, kwargs, what(*args, **kwargs))
    except Exception as e:
        print("   ", args, kwargs, type(e).__name__, e)


for family, protocol, addresses in [
    (socket.AF_NETLINK, 0, ["x", (1,), (1, 2), (-1, 3)]),
    (socket.AF_QIPCRTR, 0, ["x", (1,), (1, 2)]),
    (socket.AF_VSOCK, 0, ["x", (1,), (1, 2)]),
    (socket.AF_RDS, 0, ["x", (1,), ("127.0.0.1", -1)]),
    (socket.AF_PACKET, 0, ["x", (1, 2), (LO,), (LO, 3), ("nope", 3), (LO, 70000), (LO, -1), (LO, 1 << 40), (LO, 1, 2, 3, b"123456789"),
                           (LO, 1, 2, 3, b"12345678")]),
    (socket.AF_TIPC, 0, ["x", (1, 2), (1, 2, 3, 4, 5), (9, 2, 3, 4, 5), (2, 2, 3, 4), (3, 2, 3, 4)]),
    (socket.AF_CAN, socket.CAN_RAW, ["x", (), ("x",), (LO,), (LO, 2), ("x" * 20,), (b"lo",), ("",)]),
    (socket.AF_CAN, CAN_ISOTP, ["x", (), ("x",), (LO, 2, 3), ("y" * 30, 2, 3)]),
    (socket.AF_CAN, CAN_J1939, ["x", (), ("x",), (LO, 2, 3, 4), (LO, 2, 3, 400)]),
    (socket.AF_CAN, 3, [(LO,)]),
    (socket.AF_ALG, 0, ["x", (), ("hash", "sha1"), ("hash", "sha1", 1, 2), ("h" * 14, "sha1"), ("h" * 13, "sha1"), ("hash", "s" * 64),
                        ("hash", "s" * 63)]),
    (socket.AF_BLUETOOTH, socket.BTPROTO_L2CAP if hasattr(socket, "BTPROTO_L2CAP") else 0,
     ["x", (1, 2, 3), (DEVICE, 5), ("zz", 4), ("0:1:2:3:4:5:6", 1), ("1:2:3:4:5:fff", 1)]),
    (socket.AF_BLUETOOTH, _socket.BTPROTO_HCI, ["x", (1, 2, 3), (1,), 1]),
    (socket.AF_BLUETOOTH, _socket.BTPROTO_SCO, ["x", (1, 2, 3), DEVICE.encode(), b"dd"]),
    (socket.AF_BLUETOOTH, _socket.BTPROTO_RFCOMM, ["x", (1, 2, 3), (DEVICE, 5)]),
    (socket.AF_BLUETOOTH, 9, ["x"]),
    (99, 0, ["x"]),
]:
    s = _socket.socket(family, socket.SOCK_DGRAM, protocol, descriptor())
    print(int(family), protocol)
    for address in addresses:
        attempt(s.connect, address)
    s.close()

s = _socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0, descriptor())
for args, kwargs in [((), {}), ((), {"op": -1}), ((), {"op": 1, "assoclen": -1}), ((), {"op": 1, "x": 2}), ((1,), {"op": 1}),
                     (([b"a"],), {"op": 1, "iv": 3}), ((), {"op": "x"}), ((), {"op": 1, "assoclen": "3"}),
                     ((), {"op": 1, "assoclen": 1 << 40}), (([1],), {"op": 1}), ((b"ab", 1), {"op": 1}), ((None,), {"op": 2}),
                     (([b"a", b"b"],), {"op": 1, "iv": b"12345678", "assoclen": 8, "flags": 0})]:
    attempt(s.sendmsg_afalg, *args, **kwargs)
s.close()
attempt(_socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg_afalg, [b"q"], op=1)
