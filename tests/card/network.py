"""A place on the network of a machine in QEMU: raw Ethernet frames, as a neighbour on the same cable sends and sees them."""
import socket
import struct

from guest import free_port

MDNS, MDNS_MAC = ("224.0.0.251", 5353), bytes.fromhex("01005e0000fb")  # RFC 6762 section 3
A, PTR, SRV = 1, 12, 33  # RFC 1035, RFC 2782


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


class Neighbour:
    MAC, ADDRESS = bytes.fromhex("025167000077"), "10.0.2.77"

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.peer = free_port()

    def cable(self, netdev):
        """QEMU's options, instead of `-netdev user,id=n…`: the machine, the way out and the neighbour on one hub."""
        return ["-netdev", netdev.replace("id=n,", "id=out,"), "-netdev", "hubport,hubid=0,id=n", "-netdev", "hubport,hubid=0,id=h,netdev=out",
                "-netdev", f"dgram,id=raw,local.type=inet,local.host=127.0.0.1,local.port={self.peer},remote.type=inet,remote.host=127.0.0.1,"
                f"remote.port={self.socket.getsockname()[1]}", "-netdev", "hubport,hubid=0,id=g,netdev=raw"]

    def ask(self, name, kind, seconds=1):
        """Asks all by multicast DNS; what the first answer to it has, as bytes; None where nobody says anything."""
        labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
        question = struct.pack("!HHHHHH", 0, 0, 1, 0, 0, 0) + labels + struct.pack("!HH", kind, 1)
        udp = struct.pack("!HHHH", MDNS[1], MDNS[1], 8 + len(question), 0) + question
        addresses = socket.inet_aton(self.ADDRESS) + socket.inet_aton(MDNS[0])
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 255, socket.IPPROTO_UDP, 0) + addresses
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        self.socket.sendto(MDNS_MAC + self.MAC + b"\x08\x00" + ip + udp, ("127.0.0.1", self.peer))
        self.socket.settimeout(seconds)
        try:
            while True:
                frame = self.socket.recv(2048)
                message = frame[42:]  # Ethernet, IP, UDP
                if frame[:6] == MDNS_MAC and frame[6:12] != self.MAC and frame[36:38] == struct.pack("!H", MDNS[1]) and message[2] & 0x80 and \
                        labels in message:
                    return message
        except TimeoutError:
            return None

    def close(self):
        self.socket.close()
