"""unlimited.py SUITE [ARGUMENT ...]: runs the suite without its limit of address space, as sanitizers reserve more than there is."""
import resource
import sys

setrlimit = resource.setrlimit
resource.setrlimit = lambda what, limits: what == resource.RLIMIT_AS or setrlimit(what, limits)
del sys.argv[0]
with open(sys.argv[0]) as suite:
    exec(compile(suite.read(), sys.argv[0], "exec"), {"__name__": "__main__", "__file__": sys.argv[0]})
