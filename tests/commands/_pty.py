"""Types into a program on a terminal and prints what comes out: _pty.py COMMAND... <<KEYS

A line of KEYS is typed when the program has been silent for a moment; "^C", "^D", "^L" alone are those keys, "\\t" in a line is
the tab key, "@SECONDS" waits. The terminal is dumb, 80 x 24; carriage returns are left out of what is printed.
"""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

QUIET = 0.2         # seconds of silence that mean: it waits for input; after a prompt fewer do
PROMPTS = (b">>> ", b"... ", b"more. ", b"first> ")
DEADLINE = 20


def read(master):
    """What comes until there is silence; the second value says whether more may come."""
    seen = b""
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        wait = DEADLINE if not seen else QUIET / 10 if seen.endswith(PROMPTS) else QUIET
        if not select.select([master], [], [], wait)[0]:
            break
        try:
            piece = os.read(master, 65536)
        except OSError:
            piece = b""
        if not piece:
            return seen, False
        seen += piece
    return seen, True


def main(command, keys):
    pid, master = pty.fork()
    if not pid:
        os.execvp(command[0], command)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    text, alive = read(master)
    for line in keys:
        if not alive:
            break
        if line[0:1] == "@" and line[1:2].isdigit():
            time.sleep(float(line[1:]))
            continue
        typed = bytes([ord(line[1]) & 31]) if len(line) == 2 and line[0] == "^" else line.encode().replace(b"\\t", b"\t") + b"\n"
        os.write(master, typed)
        more, alive = read(master)
        text += more
    if alive:
        os.close(master)
    sys.stdout.buffer.write(text.replace(b"\r", b""))
    sys.stdout.flush()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(f"\nstatus {status}")


main(sys.argv[1:], sys.stdin.read().splitlines())
