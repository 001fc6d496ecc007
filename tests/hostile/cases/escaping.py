# Ways out of namespaces and back to rights. System call numbers are those of x86_64.
NAMESPACES = {"user": 0x10000000, "mount": 0x20000, "pid": 0x20000000, "net": 0x40000000, "ipc": 0x8000000,
              "uts": 0x4000000, "cgroup": 0x2000000, "time": 0x80}  # fmt: skip
for name, flag in NAMESPACES.items():
    attempt(f"a new {name} namespace")(lambda flag=flag: call(libc.unshare, flag))
    attempt(f"a new {name} namespace with a user's")(lambda flag=flag: call(libc.unshare, flag | 0x10000000))

attempt("clone3 with a user namespace")(
    lambda: system_call(435, (ctypes.c_uint64 * 8)(0x10000000, 0, 0, 0, 17, 0, 0, 0), 64) and os.getpid()
)
for name in ("user", "mnt", "pid", "net"):

    @attempt(f"entering the {name} namespace of process 1's parent")
    def _(name=name):
        handle = os.open(f"/proc/{FACTS['host_pid']}/ns/{name}", os.O_RDONLY)
        return call(libc.setns, handle, 0)

    @attempt(f"entering the {name} namespace of process 1")
    def _(name=name):
        return call(libc.setns, os.open(f"/proc/1/ns/{name}", os.O_RDONLY), 0)


@attempt("the namespace that owns ours")
def _():
    return fcntl.ioctl(os.open("/proc/self/ns/user", os.O_RDONLY), 0xB701)  # NS_GET_USERNS


def mount(source, place, kind, flags, data=b""):
    return call(libc.mount, source, place, kind, ctypes.c_ulong(flags), data)


MOUNTS = {
    "tmpfs": (b"none", b".", b"tmpfs", 0),
    "proc": (b"proc", b".", b"proc", 0),
    "sysfs": (b"sysfs", b".", b"sysfs", 0),
    "cgroup": (b"none", b".", b"cgroup", 0, b"memory"),
    "cgroup2": (b"none", b".", b"cgroup2", 0),
    "devtmpfs": (b"none", b".", b"devtmpfs", 0),
    "debugfs": (b"none", b".", b"debugfs", 0),
    "overlay": (b"none", b".", b"overlay", 0, b"lowerdir=/usr,upperdir=/tmp,workdir=/tmp"),
    "bind of the root": (b"/", b".", None, 4096),
    "root writable again": (b"none", b"/", None, 32),
    "root writable again, by bind": (b"none", b"/", None, 32 | 4096),
    "/usr writable again": (b"none", b"/usr", None, 32 | 4096),
    "/proc/sys writable again": (b"none", b"/proc/sys", None, 32 | 4096),
    "shared propagation": (b"none", b"/", None, 1 << 20),
}
for name, words in MOUNTS.items():
    attempt(f"mount: {name}")(lambda words=words: mount(*words))
attempt("mount by fsopen")(lambda: system_call(430, b"tmpfs", 0))
attempt("a detached copy by open_tree")(lambda: system_call(428, -100, b"/", 1 | 0x8000))
attempt("attributes by mount_setattr")(
    lambda: system_call(442, -100, b"/", 0, (ctypes.c_uint64 * 4)(0, 1, 0, 0), 32)
)
for place in (b"/usr", b"/proc", b"/tmp", os.fsencode(os.getcwd())):
    attempt(f"umount {place.decode()}")(lambda place=place: call(libc.umount2, place, 2))
attempt("pivot_root")(lambda: system_call(155, b".", b"."))
attempt("chroot")(lambda: os.chroot(".") or True)


@attempt("chroot and out by a descriptor")
def _():
    handle = os.open("/", os.O_RDONLY)
    os.makedirs("jail", exist_ok=True)
    os.chroot("jail")
    os.fchdir(handle)
    for _ in range(20):
        os.chdir("..")
    os.chroot(".")
    return True


# Process 1 is the sandbox's own and has no rights that its command has not: to control it gives nothing.
attempt("more rights by process 1")(
    lambda: any(int(l.split()[1], 16) for l in open("/proc/1/status") if l.startswith("Cap")) or None
)
attempt("ptrace of the host's process")(lambda: call(libc.ptrace, 0x4206, FACTS["host_pid"], 0, 0))
attempt("folders out of process 1")(
    lambda: [n for n in os.listdir("/proc/1/fd") if os.path.isdir(f"/proc/1/fd/{n}")] or None
)


@attempt("the sandbox's own program by /proc/1/exe")  # CVE-2019-5736
def _():
    return os.open("/proc/1/exe", os.O_WRONLY)


@attempt("our own program by /proc/self/exe")
def _():
    return os.open("/proc/self/exe", os.O_WRONLY | os.O_APPEND)


for place in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname",
              "/proc/sys/kernel/pid_max", "/proc/sys/vm/overcommit_memory", "/proc/sys/vm/drop_caches",
              "/proc/sys/fs/binfmt_misc/register", "/proc/sys/user/max_user_namespaces", "/proc/sysrq-trigger",
              "/proc/self/uid_map", "/proc/self/gid_map", "/proc/self/setgroups", "/proc/irq/default_smp_affinity",
              "/proc/acpi/wakeup", "/sys/kernel/uevent_helper", "/sys/power/state", "/sys/fs/cgroup/release_agent",
              "/sys/fs/cgroup/memory/release_agent", "/sys/fs/cgroup/cgroup.procs", "/etc/ld.so.preload",
              "/proc/scsi/scsi", "/dev/cpu_dma_latency"):  # fmt: skip

    @attempt(f"open to write: {place}")
    def _(place=place):
        with open(place, "r+b", buffering=0) as stream:
            return stream.write(stream.read(4096) or b"0")


attempt("bpf")(lambda: system_call(321, 5, (ctypes.c_uint64 * 16)(), 128))
attempt("a map by bpf")(lambda: system_call(321, 0, (ctypes.c_uint32 * 32)(2, 4, 4, 1), 128))
attempt("a module into the kernel")(lambda: system_call(175, b"\x7fELF", 4, b""))
attempt("a module out of the kernel")(lambda: system_call(176, b"loop", 0))
attempt("another kernel")(lambda: system_call(246, 0, 0, 0, 0))
attempt("reboot")(lambda: system_call(169, 0xFEE1DEAD, 672274793, 0, 0))
attempt("swap")(lambda: call(libc.swapon, b"calc.py", 0))
attempt("the clock")(lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()) or True)
attempt("the host's name")(lambda: socket.sethostname("evil") or True)
attempt("ports")(lambda: system_call(172, 3))
attempt("accounting")(lambda: call(libc.acct, b"calc.py"))
attempt("the kernel's log")(lambda: call(libc.klogctl, 5, None, 0))
attempt("all events of the CPU")(
    lambda: system_call(298, (ctypes.c_uint32 * 32)(0, 128), -1, 0, -1, 0)
)
attempt("watching all files")(lambda: system_call(300, 4, 0))
attempt("real-time priority")(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)) or True)
attempt("a better priority")(lambda: os.nice(-5) < 0 or None)
attempt("never killed when memory is short")(lambda: open("/proc/self/oom_score_adj", "w").write("-1000") and None)


@attempt("higher limits")
def _():
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard + 1, hard + 1))
    return True


@attempt("capabilities back")
def _():
    header, all_of_them = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)
    return call(libc.capset, header, all_of_them)


attempt("another user")(lambda: os.setuid(65534) or True)
attempt("other groups")(lambda: os.setgroups([0, 4, 27]) or True)


@attempt("rights by a program with the set-user bit")
def _():
    import shutil

    shutil.copy("/usr/bin/id", "evil-id")
    os.chmod("evil-id", 0o6755)
    done = subprocess.run(["grep", "CapEff", "/proc/self/status"], capture_output=True)
    return b"CapEff:\t0000000000000000" not in done.stdout


attempt("rights by sudo")(lambda: subprocess.run(["sudo", "-n", "true"]).returncode == 0 or None)
attempt("rights by su")(lambda: subprocess.run(["su", "-c", "mount -t tmpfs none /mnt"]).returncode == 0 or None)
attempt("rights by file capabilities")(lambda: os.setxattr("calc.py", "security.capability", b"\1\0\0\2" * 5) or True)


@attempt("input into the terminal")  # CVE-2017-5226
def _():
    for handle in (0, 1, 2):
        try:
            fcntl.ioctl(handle, 0x5412, b"x")
            return True
        except OSError:
            pass
    return os.open("/dev/tty", os.O_RDWR)


@attempt("the console's selection")  # CVE-2023-1523
def _():
    return fcntl.ioctl(os.open("/dev/console", os.O_RDWR), 0x541C, b"\2")


@attempt("the host's file by io_uring's ring")
def _():
    handle = libc.syscall(425, 4, ctypes.create_string_buffer(120))
    return os.path.exists(FACTS["secrets"][0]) if handle >= 0 else None


main()
