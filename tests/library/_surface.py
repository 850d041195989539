"""What programs can see of modules written in C: `_surface.py MODULE ...` prints it as JSON, {path: {aspect: value}}.

Run by both interpreters for check_surface.py. A path is that of a module, a module's attribute, or an attribute in the dict of a type;
a type is described once, where it is met first. Doc strings count as there or not there: their words are each implementation's own.
"""
import importlib
import inspect
import json
import re
import sys
import types
import warnings

CONSTANTS = (bool, int, float, complex, str, bytes, type(None))
ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def simple(value):
    """Whether the value is a constant, or a tuple, set or dict of nothing else; its repr is then what it is."""
    if isinstance(value, (tuple, frozenset)):
        return all(map(simple, value))
    if isinstance(value, dict):
        return all(simple(k) and simple(v) for k, v in value.items())
    return isinstance(value, CONSTANTS)


def shown(value):
    if isinstance(value, frozenset):
        return f"frozenset of {sorted(map(repr, value))}"
    return repr(sorted(value.items(), key=repr) if isinstance(value, dict) else value)


def signature(value):
    try:
        return ADDRESS.sub("ADDRESS", str(inspect.signature(value)))
    except (TypeError, ValueError) as e:
        return f"none: {type(e).__name__}"


def described(value):
    """The aspects of one attribute."""
    aspects = {"type": type(value).__name__}
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
        aspects["of"] = type(value).__name__
    if simple(value):
        aspects["value"] = shown(value)
    elif not isinstance(value, types.ModuleType):
        aspects["doc"] = isinstance(getattr(value, "__doc__", None), str)
        aspects["name"] = getattr(value, "__qualname__", None), getattr(value, "__module__", None)
        if callable(value):
            aspects["text signature"] = getattr(value, "__text_signature__", None)
            aspects["signature"] = signature(value)
    if isinstance(value, type):
        aspects["mro"] = [base.__qualname__ for base in value.__mro__]
    return aspects


def walk(path, value, found, seen):
    found[path] = described(value)
    if isinstance(value, (type, types.ModuleType)) and value not in seen:
        seen.add(value)
        for name, attribute in sorted(vars(value).items()):
            if name == "__doc__":
                found[f"{path}.__doc__"] = {"type": type(attribute).__name__}
            elif not isinstance(attribute, types.ModuleType):
                walk(f"{path}.{name}", attribute, found, seen)


def main():
    warnings.simplefilter("ignore")
    found, seen = {}, set()
    for name in sys.argv[1:]:
        walk(name, importlib.import_module(name), found, seen)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
