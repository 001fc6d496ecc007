# Leaves as much behind as it can. Every process that it leaves bears FACTS["mark"] on its command line.
MARK = FACTS["mark"]


def linger(*steps):
    """A process that takes `steps` first, then sleeps."""
    for step in steps:
        step()
    os.execvp("sleep", ["sleep", MARK])


def fork_and_leave():
    if os.fork():
        os._exit(0)


def deaf():
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass


def closed():
    os.closerange(0, 256)


def hidden():
    libc.prctl(4, 0, 0, 0, 0)  # not dumpable


def parentless():
    libc.prctl(36, 1, 0, 0, 0)  # takes in orphans itself


def stopped():
    if os.fork() == 0:
        os.kill(os.getppid(), signal.SIGSTOP)
        os.execvp("sleep", ["sleep", MARK])


def forked(*steps):
    sys.stdout.flush()
    if os.fork() == 0:
        linger(*steps)


KINDS = {
    "a child": (),
    "a daemon": (os.setsid, fork_and_leave),
    "a daemon twice": (fork_and_leave, os.setsid, fork_and_leave, os.setsid, fork_and_leave),
    "deaf to signals": (deaf,),
    "a deaf daemon": (deaf, os.setsid, fork_and_leave),
    "without descriptors": (os.setsid, closed),
    "not dumpable": (hidden, fork_and_leave, os.setsid),
    "that takes in orphans": (parentless, deaf, fork_and_leave),
    "stopped": (os.setsid, stopped),
    "of its own group": (lambda: os.setpgid(0, 0),),
    "of a low priority": (lambda: os.nice(19),),
    "that ends only if its parent does not": (lambda: libc.prctl(1, 0, 0, 0, 0), fork_and_leave),
}
for kind, steps in KINDS.items():
    forked(*steps)
    print("LEFT", kind)
for _ in range(150):
    forked(os.setsid)
print("LEFT", "a hundred and fifty")
sys.stdout.flush()
time.sleep(FACTS["stay_s"])
os._exit(3)
