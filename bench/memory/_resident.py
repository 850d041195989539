"""What `bench/run --folder memory` asks of a program: that it hands its work to `measured`."""
import os

SCALE = float(os.environ.get("BENCH_SCALE", 1))


def resident():
    """The process's resident memory now, in kilobytes."""
    with open("/proc/self/smaps_rollup") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Rss:"))


def measured(work, *arguments):
    """Prints what work(*arguments) returns. What was resident before it and after, when all that it made is dropped, in kilobytes,
    goes to the file that BENCH_RESIDENT names."""
    before = resident()
    print(work(*arguments))
    after = resident()
    if report := os.environ.get("BENCH_RESIDENT"):
        with open(report, "w") as file:
            file.write(f"{before} {after}")
