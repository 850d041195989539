"""What `bench/run --folder concurrency` asks of a program: that it reports its own figures.

The time of start-up does not count here, and for a server it is the load generator that has the clock.
"""
import contextlib
import json
import os
import re
import subprocess
import sys
import time

SCALE = float(os.environ.get("BENCH_SCALE", 1))


def times(n):
    """n, scaled; at least 1."""
    return max(1, int(n * SCALE))


def report(seconds, p50=None, p99=None, cpu=None):
    """The figures of this run: seconds for the work, latencies in microseconds, and seconds of a processor for the work."""
    if path := os.environ.get("BENCH_FIGURES"):
        with open(path, "w") as file:
            json.dump({"seconds": seconds, "p50": p50, "p99": p99, "cpu": cpu}, file)
    else:
        print(f"{seconds:.3f} s, processor {cpu:.3f} s" + (f", p50 {p50:.0f} us, p99 {p99:.0f} us" if p99 else ""), file=sys.stderr)


def processor_time():
    """Seconds of a processor that this process and its children, as far as they have ended, have had."""
    return sum(os.times()[:4])


@contextlib.contextmanager
def timed():
    """Reports how long its body takes."""
    start, processor = time.perf_counter(), processor_time()
    yield
    report(time.perf_counter() - start, cpu=processor_time() - processor)


def echo_load(port, connections, messages, pause=0):
    """Runs bench/load against an echo server; what report() wants."""
    processor = time.process_time()
    done = subprocess.run([os.environ["BENCH_LOAD"], *map(str, (port, connections, messages, pause))], capture_output=True, text=True, check=True)
    return *map(float, done.stdout.split()), time.process_time() - processor


def web_load(address, seconds=3, connections=8):
    """Runs wrk against a web server; what report() wants, of 10,000 requests."""
    processor = time.process_time()
    seconds = max(1, int(seconds * SCALE))
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", address], capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout:
        raise SystemExit(done.stdout)
    rate = float(re.search(r"Requests/sec: +([\d.]+)", done.stdout)[1])
    units = {"us": 1, "ms": 1000, "s": 1_000_000}
    latencies = {share: float(n) * units[unit] for share, n, unit in re.findall(r"(\d+)% +([\d.]+)(us|ms|s)\b", done.stdout)}
    requests = int(re.search(r"(\d+) requests in", done.stdout)[1])
    return 10_000 / rate, latencies["50"], latencies["99"], (time.process_time() - processor) / requests * 10_000
