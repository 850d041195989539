# Krait's front door. `make run ARGS="script.py"` and `make test` set up what they need; the others only build.
#
#   make           release             -> build/krait         make pgo      release with profiles -> build-pgo/krait
#   make debug     assertions, -Og     -> build-debug/krait   make asan     sanitizers            -> build-asan/krait
#   make tsan      thread sanitizer    -> build-tsan/krait       (tests/stress/README.md)
#   make hostile   tiny limits, checks -> build-hostile/krait make bench    speed and memory beside the reference
#   make fuzz      fuzz targets, clang -> build-fuzz/fuzz-*   (tests/fuzz/README.md)
#   make library   libkrait.so (libpython3.11.so.1.0) for programs that embed Python -> build-library/
#
# JOBS=n: parallel jobs. OPTIONS="-DKRAIT_PREFIX=/usr/local -DCMAKE_C_COMPILER=clang": CMake's options, see CMakeLists.txt.
.PHONY: release debug asan tsan hostile fuzz library pgo bench setup run test clean

release: ; @tools/build build Release $(OPTIONS)
debug:   ; @tools/build build-debug Debug $(OPTIONS)
asan:    ; @tools/build build-asan Debug -DKRAIT_ASAN=ON $(OPTIONS)
tsan:    ; @tools/build build-tsan Debug -DKRAIT_TSAN=ON $(OPTIONS)
hostile: ; @tools/build build-hostile Debug -DKRAIT_HOSTILE=ON $(OPTIONS)
fuzz:    ; @tools/build build-fuzz Debug -DKRAIT_FUZZ=ON -DCMAKE_C_COMPILER=clang $(OPTIONS)
library: ; @tools/build build-library Release -DKRAIT_SHARED=ON $(OPTIONS)
pgo:     ; @tools/pgo $(OPTIONS)
bench: release ; @bench/run

setup: ; @tools/setup run

run: setup ; @tools/build build Release $(OPTIONS) >&2 && exec build/krait $(ARGS)

test: ; @tools/setup test && tools/test

clean: ; rm -rf build build-*
