"""Runs a script with the modules of another folder added to the package `test`: _borrowed_tests.py FOLDER SCRIPT ..."""
import runpy
import sys
import test

test.__path__.append(sys.argv[1])
del sys.argv[:2]
runpy.run_path(sys.argv[0], run_name="__main__")
