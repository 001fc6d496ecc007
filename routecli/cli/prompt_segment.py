"""Today's spend for a shell's prompt: `python -I -S prompt_segment.py LEDGER` prints `$0.42`, or nothing for nothing;
`$0.42 here` where the ledger is at a server and this machine's own calls are all that is known without asking it.

Started by its path, without the site's packages, the command line or the configuration: a prompt is drawn at every
line.
"""

import sys


def text_of(microusd: int) -> str:
    """Cents from a cent up, else two digits of what there is; empty for nothing."""
    if microusd <= 0:
        return ""
    if microusd >= 5_000:
        return f"${microusd / 1e6:.2f}"
    return f"${microusd / 1e6:.6f}".rstrip("0")


def main() -> None:
    """Prints the segment, and never an error: a prompt is no place for one."""
    if len(sys.argv) != 2:
        return
    sys.path.insert(0, __file__.rpartition("/routecli/cli/")[0])
    from routecli.ledger.today import spent_microusd, waits_for_server

    spent = spent_microusd(sys.argv[1])
    text = text_of(spent) if spent else ""
    if text:
        sys.stdout.write(text + (" here\n" if waits_for_server(sys.argv[1]) else "\n"))


if __name__ == "__main__":
    main()
