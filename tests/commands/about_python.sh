# The modules that tell about the interpreter and about modules, by -m.
# mask: (?<=projectbase\s=\s").*(?=") [A-Z][a-z][a-z]\s+\d+\s\d{4}[,\s]+[\d:]{8}
. "$HERE/_prelude.sh"
python -m site
python -m site --user-site
python -m site --user-base --user-site
python -m site --nonsense
python -s -m site --user-site
HOME=/root python -m site --user-base
python -m platform
python -m platform terse
python -m sysconfig
python -c 'import sysconfig as s
for scheme in sorted(s.get_scheme_names()): print(scheme, s.get_paths(scheme))
print(s.get_platform(), s.get_python_version(), s.get_default_scheme())
print([s.get_config_var(n) for n in "EXT_SUFFIX SOABI prefix exec_prefix py_version_short VERSION LIBDIR INCLUDEPY Py_ENABLE_SHARED WITH_PYMALLOC ABIFLAGS".split()])'
python -c 'import platform as p
print(p.architecture(), p.machine(), p.system(), p.python_implementation(), p.python_version_tuple(), p.libc_ver()[0])'
python -c 'import sys
print(sys.version_info, hex(sys.hexversion), sys.api_version, sys.abiflags, sys.byteorder, sys.maxsize, sys.maxunicode, sys.platform)
print(sys.float_info, sys.int_info, sys.hash_info, sys.thread_info, sys.float_repr_style)
print(sys.implementation.name, sys.implementation.cache_tag, sys.implementation.version, sys.implementation.hexversion, sys._git, sys._framework)
print(sys.prefix, sys.base_prefix, sys.exec_prefix, sys.platlibdir, sys._stdlib_dir, sys.path, sys.meta_path, sys.path_hooks)
print(sys.getrecursionlimit(), sys.getswitchinterval(), sys.getdlopenflags(), sys.getallocatedblocks() >= 0, sys.is_finalizing())
print(sorted(sys.stdlib_module_names) == sorted(set(sys.stdlib_module_names)), len(sys.stdlib_module_names))'
cat >shapes.py <<'P'
"""Shapes.

More text about them.
"""
__version__ = "1.0"
__author__ = "A. Uthor"
__all__ = ["Shape", "Square", "area", "UNIT"]
from typing import Protocol
import enum

UNIT: int = 1

class Color(enum.Enum):
    RED = 1

class Shape:
    """A shape."""
    __slots__ = ("name", "_size")
    def __init__(self, name, /, *, size: float = 1.5): ...
    def size(self) -> float:
        "The size."
    @property
    def half(self):
        """Half of it."""
    @classmethod
    def make(cls, *names: str, **options): ...
    @staticmethod
    def about(): "Static."
    def __lt__(self, other): ...

class Square(Shape):
    side = 4
    async def draw(self, at=(0, 0)): "Draws."
    size = Shape.size

def area(shape, unit=UNIT, *, exact: bool = False) -> "float":
    """Area of a shape.

        >>> area(Square("x"))
    """

def _hidden(): pass
P
for name in shapes shapes.Shape shapes.Square.draw shapes.area shapes.missing missing json textwrap.dedent \
            calendar.Calendar; do
    python -m pydoc $name
done
python -m pydoc -w shapes
sed "s,$PWD,FOLDER,g" shapes.html | cksum
python -m pydoc if
python -m pydoc topics
python -m pydoc
python -m inspect shapes
python -m inspect shapes:Shape.size
python -m inspect --details shapes
python -m inspect --details shapes:area
python -m inspect missing
python -m inspect sys
python -m inspect shapes:nothing
python -c 'import shapes; help(shapes.Square)'
python -c 'help("shapes.area")'
