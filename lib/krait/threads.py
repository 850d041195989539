"""Shows what a program's threads did with their time, as a page for the browser.

    python -m krait.threads [-o PAGE.html] SCRIPT [ARGUMENT ...]    runs a script; the page tells of its whole run
    krait.threads.record(); ...; krait.threads.snapshot("page.html")    in a running program: of what is between

For each thread a time line: when it computed, which takes the GIL, when it waited for the GIL, and when it was outside, in a call
that lets go of it. `krait -X gil=report SCRIPT` prints the totals alone. The page needs no network: it is `threads.html`,
beside this file, with the figures put in.
"""
import array
import os
import sys
import time

import _krait_threads
from krait import page

__all__ = ["record", "snapshot"]

PIECES = 1000       # of a time line, at most: what a screen can show


def record():
    """From now on it is written down what threads do."""
    _krait_threads.start()


def line_of(held, waited, pieces):
    """Of each of the first pieces the shares, in percent, that the thread held the lock and waited; pieces are joined for a screen."""
    both = [array.array("f", line)[:pieces] for line in (held, waited)]
    width = -(-pieces // PIECES)
    return [[round(100 * sum(line[i:i + width]) / width) for i in range(0, pieces, width)] for line in both]


def gather(title):
    figures = _krait_threads.figures()
    if not figures["threads"]:
        raise RuntimeError("krait.threads.record() has not been called")
    pieces = max(1, min(-int(-figures["seconds"] // figures["bin"]), len(array.array("f", figures["threads"][0][5]))))
    threads = []
    for name, start, end, totals, asked, held, waited in figures["threads"]:
        threads.append({"name": name, "start": start, "end": end, "totals": totals, "asked": asked, "line": line_of(held, waited, pieces)})
    return {"title": title, "time": time.strftime("%Y-%m-%d %H:%M:%S"), "version": sys.version.partition(" (")[0],
            "seconds": figures["seconds"], "covered": pieces * figures["bin"], "interval": sys.getswitchinterval(),
            "left_out": figures["left_out"], "threads": threads}


def snapshot(path="krait-threads.html", title=None):
    """Ends the record, writes the page to `path` and returns its absolute path."""
    figures = gather(title or sys.argv[0] or "the prompt")
    return page.write("threads.html", figures, path)


def main():
    options = page.options_of("krait.threads", __doc__.splitlines()[0], "krait-threads.html")
    run = page.prepare(options)
    parent = os.getpid()
    record()
    try:
        run()
    finally:
        if os.getpid() == parent:       # not in a child that the script left behind
            if threading := sys.modules.get("threading"):
                for thread in threading.enumerate():
                    if thread is not threading.current_thread() and not thread.daemon:
                        thread.join()
            print(f"threads: {snapshot(options.output, options.script)}", file=sys.stderr)


if __name__ == "__main__":
    main()
