# Krait's front door. `make run ARGS="script.py"` and `make test` set up what they need; the others only build.
GENERATOR := $(if $(shell command -v ninja),-G Ninja,)
JOBS ?= 2

.PHONY: release debug asan hostile pgo run test setup clean
release: ; @tools/build build Release
debug:   ; @tools/build build-debug Debug
asan:    ; @tools/build build-asan Debug -DKRAIT_ASAN=ON
hostile: ; @tools/build build-hostile Debug -DKRAIT_HOSTILE=ON

setup: ; @tools/setup

run: setup release ; @build/krait $(ARGS)

test: setup ; @tools/test

clean: ; rm -rf build build-*
