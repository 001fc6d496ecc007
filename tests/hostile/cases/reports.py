# Everything but a plain file in the report folder, and plain files that are too much.
FOLDER = os.environ["ROUTECLI_REPORT_DIR"]
os.chdir(FOLDER)
for number, place in enumerate(FACTS["secrets"]):
    os.symlink(place, f"link{number}")
os.symlink("/proc/self/environ", "link-environ")
os.symlink(".", "link-folder")
os.symlink("good.json", "link-good")
os.mkfifo("pipe")
listener = socket.socket(socket.AF_UNIX)
listener.bind("socket")
os.mkdir("folder")
open("folder/inside", "w").write("x")
os.mkdir("\udcff\udcfe".encode("utf-8", "surrogateescape"))
for name, size in (("huge", 1 << 31), ("large", 33_000_000)):
    with open(name, "wb") as stream:
        stream.truncate(min(size, (1 << 31) - 1))
for name in ("half1", "half2", "half3"):
    with open(name, "wb") as stream:
        stream.truncate(30_000_000)
deep = os.open(".", os.O_RDONLY)
for _ in range(1300):
    os.mkdir("d", dir_fd=deep)
    deep, old = os.open("d", os.O_RDONLY, dir_fd=deep), deep
    os.close(old)
open("good.json", "w").write("{}")
open("closed", "w").write("x")
os.chmod("closed", 0)
open("line\nbreak", "w").write("x")
for act in (lambda: os.rename(FOLDER, FOLDER + "2"), lambda: os.rmdir(FOLDER),
            lambda: os.mknod("device", stat.S_IFCHR, os.makedev(1, 3))):
    try:
        act()
        print("DONE a change of the folder itself")
    except OSError as fault:
        print("#", fault)
