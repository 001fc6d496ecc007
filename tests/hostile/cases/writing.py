# Writes to the host. A write that succeeds in a place of the sandbox's own is harmless: the host's state is judged.
for place in FACTS["writes"]:

    @attempt(f"write {place}")
    def _(place=place):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "a") as stream:
            stream.write("evil")

    @attempt(f"through process 1: {place}")
    def _(place=place):
        with open("/proc/1/root" + place, "a") as stream:
            stream.write("evil")


WAYS = {
    "chmod": lambda p: os.chmod(p, 0o777),
    "utime": lambda p: os.utime(p, (1, 1)),
    "chown": lambda p: os.chown(p, 1234, 1234),
    "unlink": os.unlink,
    "truncate": lambda p: os.truncate(p, 0),
    "setxattr": lambda p: os.setxattr(p, "user.evil", b"1"),
    "rename over": lambda p: (open(p + ".new", "w").close(), os.rename(p + ".new", p)),
    "rename away": lambda p: os.rename(p, p + ".gone"),
    "hard link and write": lambda p: (os.link(p, "hard"), open("hard", "a").write("evil")),
    "link and write": lambda p: (os.symlink(p, "soft"), open("soft", "a").write("evil")),
    "pipe": lambda p: os.mkfifo(p + ".pipe"),
    "folder": lambda p: os.mkdir(p + ".folder"),
    "device": lambda p: os.mknod(p + ".null", stat.S_IFCHR | 0o666, os.makedev(1, 3)),
}
for way, act in WAYS.items():

    @attempt(f"{way} of every place")
    def _(act=act):
        for place in (*FACTS["secrets"], *FACTS["writes"]):
            try:
                act(place)
            except OSError:
                pass


for place in FACTS["read_only"]:

    @attempt(f"read-only: {place}")
    def _(place=place):
        path = os.path.join(place, "routecli-evil") if os.path.isdir(place) else place
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        return True


main()
