"""Each name of each built-in type is found where it is the first that anybody asks the type for, and a name that is none is not.

The child imports nothing that would ask before.
"""
import builtins
import subprocess
import sys

CHILD = """
import builtins
for type_name, name in {}:
    asked = getattr(builtins, type_name)
    print(type_name, name, hasattr(asked, name), hasattr(asked, name + "_"), name in vars(asked))
"""

names = {t.__name__: sorted(vars(t)) for t in vars(builtins).values() if isinstance(t, type)}
for turn in range(max(map(len, names.values()))):
    asked = [(type_name, own[turn]) for type_name, own in sorted(names.items()) if turn < len(own)]
    child = subprocess.run([sys.executable, "-S", "-E", "-c", CHILD.format(asked)], capture_output=True, text=True)
    print(child.stdout, child.stderr, child.returncode)
