"""Start-up: an interpreter that does nothing, many times, one after the other."""
import os
import subprocess
import sys

SCALE = float(os.environ.get("BENCH_SCALE", 1))
for _ in range(int(50 * SCALE) or 1):
    subprocess.run([sys.executable, "-c", "pass"], check=True)
print("done")
