"""Runs a module's tests under `-X stress=gc` from when its imports are done; what there is by then is frozen, so that collections are
short. The suite's command for it:

    ../shared/conformance/suite --bin "build/krait -X stress=gc tests/conformance/stressed.py" --timeout 1000 --out FILE --only test_x
"""
import gc

gc.disable()
import importlib
import runpy
import sys
import unittest

try:
    importlib.import_module(sys.argv[2])
except unittest.SkipTest:
    pass
del sys.argv[0]
gc.collect()
gc.freeze()
gc.enable()
runpy.run_path(sys.argv[0], run_name="__main__")
