# Secrets of the host. What is read is printed: the test looks for the canary in everything that comes back.
for place in FACTS["secrets"]:
    attempt(f"read {place}")(lambda place=place: show(place))


@attempt("through the root of process 1")
def _():
    return [show("/proc/1/root" + place) for place in FACTS["secrets"]]


@attempt("through our own root and ..")
def _():
    return [show("/proc/self/root/../.." + place) for place in FACTS["secrets"]]


@attempt("through the folder of process 1")
def _():
    return show("/proc/1/cwd" + FACTS["secrets"][0])


@attempt("through a link in the tree")
def _():
    os.symlink(FACTS["secrets"][0], "link")
    return show("link")


@attempt("through a hard link")
def _():
    os.link(FACTS["secrets"][0], "hard")
    return show("hard")


@attempt("through .. of the repository")
def _():
    return show("../" * 20 + FACTS["secrets"][0])


@attempt("through .. of a descriptor of the tree")
def _():
    handle = os.open(".", os.O_RDONLY)
    for _ in range(20):
        handle = os.open("..", os.O_RDONLY, dir_fd=handle)
    return os.open(FACTS["secrets"][0].lstrip("/"), os.O_RDONLY, dir_fd=handle)


@attempt("through inherited descriptors")
def _():
    found = False
    for number in range(3, 256):
        try:
            os.fstat(number)
        except OSError:
            continue
        if stat.S_ISDIR(os.fstat(number).st_mode):
            os.open(FACTS["secrets"][0].lstrip("/"), os.O_RDONLY, dir_fd=number)
            found = True
    return found


@attempt("environments of all processes")
def _():
    for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/task/*/environ"):
        try:
            show(path)
        except OSError:
            pass
    return None


@attempt("command lines of all processes")
def _():
    mark = FACTS["host_mark_reversed"][::-1].encode()
    return any(mark in open(path, "rb").read() for path in glob.glob("/proc/[0-9]*/cmdline")) or None


@attempt("rights of process 1")
def _():
    lines = [line.split() for line in open("/proc/1/status") if line.startswith(("CapPrm", "CapEff", "CapBnd"))]
    return any(int(value, 16) for _, value in lines) or None


@attempt("memory of process 1")  # it is the sandbox's own and has no rights: only what it holds would count
def _():
    with open("/proc/1/maps") as maps, open("/proc/1/mem", "rb", buffering=0) as memory:
        for line in maps:
            start, end = (int(part, 16) for part in line.split(" ")[0].split("-"))
            if ("[heap]" in line or "[stack]" in line) and end - start < 1 << 22:
                memory.seek(start)
                sys.stdout.buffer.write(memory.read(end - start).replace(b"\0", b"").replace(b"\n", b"") + b"\n")


@attempt("physical memory by /dev/mem")
def _():
    return open("/dev/mem", "rb").read(16)


@attempt("kernel memory by /proc/kcore")
def _():
    return open("/proc/kcore", "rb").read(64)


@attempt("the disk by its device")
def _():
    return [open(path, "rb").read(16) for path in ("/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/root")]


@attempt("the disk by a device of our own")
def _():
    os.mknod("disk", stat.S_IFBLK | 0o600, os.makedev(*FACTS["disk"]))
    return open("disk", "rb").read(16)


@attempt("the kernel's log")
def _():
    return open("/dev/kmsg", "rb", buffering=0).read(16)


@attempt("a file by its handle")
def _():
    class Handle(ctypes.Structure):
        _fields_ = [("size", ctypes.c_uint), ("kind", ctypes.c_int), ("bytes", ctypes.c_ubyte * 8)]

    handle = Handle(8, 1, (ctypes.c_ubyte * 8)(2, 0, 0, 0, 0, 0, 0, 0))
    return system_call(304, os.open("/usr", os.O_RDONLY), ctypes.byref(handle), os.O_RDONLY)


@attempt("keys of the keyrings")
def _():
    for line in open("/proc/keys"):
        print("key", line)
    return None


@attempt("the whole file system, searched")
def _():
    mark = FACTS["prefix"].encode()
    for folder, folders, names in os.walk("/"):
        if folder == "/":
            folders[:] = [f for f in folders if f not in ("usr", "proc", "sys")]
        if folder in FACTS["interpreter"]:
            folders.clear()
        for name in names:
            path = os.path.join(folder, name)
            try:
                if stat.S_ISREG(os.lstat(path).st_mode) and mark in (found := open(path, "rb").read(1 << 16)):
                    print(path, found.decode("utf-8", "replace"))
                    return True
            except OSError:
                pass


main()
