# Sockets and signals to the host. Each that reaches anything outside is an escape.
def connect(family, kind, address, payload=b"x"):
    with socket.socket(family, kind) as link:
        link.settimeout(2)
        link.connect(address)
        link.send(payload)
        return True


INET, INET6, UNIX = socket.AF_INET, socket.AF_INET6, socket.AF_UNIX
STREAM, DGRAM, RAW, SEQPACKET = socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET
LINKS = {
    "TCP to the host's loopback": (INET, STREAM, ("127.0.0.1", FACTS["tcp"])),
    "TCP to the host's own address": (INET, STREAM, (FACTS["address"], FACTS["tcp_any"])),
    "TCP to any address": (INET, STREAM, ("0.0.0.0", FACTS["tcp"])),
    "TCP over IPv6 loopback": (INET6, STREAM, ("::1", FACTS["tcp"])),
    "TCP over mapped IPv6": (INET6, STREAM, ("::ffff:127.0.0.1", FACTS["tcp"])),
    "TCP outside": (INET, STREAM, ("192.0.2.1", 80)),
    "TCP over IPv6 outside": (INET6, STREAM, ("2001:db8::1", 80)),
    "the cloud's metadata": (INET, STREAM, ("169.254.169.254", 80)),
    "UDP outside": (INET, DGRAM, ("192.0.2.1", 53)),
    "UDP over IPv6 outside": (INET6, DGRAM, ("2001:db8::1", 53)),
    "multicast": (INET, DGRAM, ("224.0.0.251", 5353)),
    "path socket, stream": (UNIX, STREAM, FACTS["path_stream"]),
    "path socket, datagrams": (UNIX, DGRAM, FACTS["path_datagram"]),
    "path socket by process 1": (UNIX, STREAM, "/proc/1/root" + FACTS["path_stream"]),
    "abstract socket, stream": (UNIX, STREAM, "\0" + FACTS["abstract_stream"]),
    "abstract socket, datagrams": (UNIX, DGRAM, "\0" + FACTS["abstract_datagram"]),
    "abstract socket, packets": (UNIX, SEQPACKET, "\0" + FACTS["abstract_stream"]),
    "docker's socket": (UNIX, STREAM, "/var/run/docker.sock"),
    "the system bus": (UNIX, STREAM, "/run/dbus/system_bus_socket"),
    "the agent's socket": (UNIX, STREAM, FACTS["agent"]),
    "the display": (UNIX, STREAM, "\0/tmp/.X11-unix/X0"),
    "systemd's notices": (UNIX, DGRAM, "/run/systemd/notify"),
}
for name, words in LINKS.items():
    attempt(name)(lambda words=words: connect(*words))


@attempt("a name by DNS")
def _():
    return socket.getaddrinfo("example.com", 80)


@attempt("UDP to the host's loopback")  # loopback is the sandbox's own: only what arrives at the host would count
def _():
    connect(INET, DGRAM, ("127.0.0.1", FACTS["udp"]))


@attempt("ICMP, raw")
def _():
    return socket.socket(INET, RAW, socket.IPPROTO_ICMP)


@attempt("ICMP, unprivileged")
def _():
    with socket.socket(INET, DGRAM, socket.IPPROTO_ICMP) as link:
        return link.sendto(struct.pack("!BBHHH", 8, 0, 0xF7FF, 0, 0), ("192.0.2.1", 0))


@attempt("raw packets")
def _():
    return socket.socket(socket.AF_PACKET, RAW, 3)


@attempt("the machine's hypervisor")
def _():
    with socket.socket(socket.AF_VSOCK, STREAM) as link:
        link.settimeout(2)
        link.connect((2, 1))
        return True


@attempt("an address of our own by netlink")
def _():
    with socket.socket(socket.AF_NETLINK, RAW, 0) as link:
        head = struct.pack("=LHHLL", 24 + 8, 20, 0x605, 1, 0)  # RTM_NEWADDR, create, acknowledged
        body = struct.pack("=BBBBL", INET, 24, 0, 0, 1) + struct.pack("=HH4s", 8, 2, bytes((10, 9, 8, 7)))
        link.send(head + body)
        return struct.unpack("=i", link.recv(4096)[16:20])[0] == 0


@attempt("more than loopback is there")
def _():
    return set(os.listdir("/sys/class/net") if os.path.isdir("/sys/class/net") else []) - {"lo"} or (
        {line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]} - {"lo"} or None
    )


@attempt("raw audit messages by netlink")
def _():
    with socket.socket(socket.AF_NETLINK, RAW, 9) as link:
        link.send(struct.pack("=LHHLL", 20, 1005, 5, 1, 0) + b"evil")
        return struct.unpack("=i", link.recv(4096)[16:20])[0] == 0


@attempt("shared memory of the host")
def _():
    return call(libc.shmget, ctypes.c_int(FACTS["shm_key"]), ctypes.c_size_t(0), 0)


@attempt("a message queue of the host")
def _():
    return call(libc.msgget, ctypes.c_int(FACTS["shm_key"]), 0)


@attempt("signals to everything that can be seen")  # the test looks whether its own process still is there
def _():
    for number in range(2, 1 << 16):
        if number not in (os.getpid(), os.getppid()):
            try:
                os.kill(number, signal.SIGKILL)
            except OSError:
                pass


main()
