#!/usr/bin/python3.11
"""seeds.py FOLDER: corpora to start with, FOLDER/compile and FOLDER/marshal, made of the standard library's functions and classes."""
import ast
import marshal
import pathlib
import sys

LIBRARY = pathlib.Path("/usr/lib/python3.11")
SMALL = 1500        # bytes


def pieces():
    for path in [*sorted(LIBRARY.glob("*.py"))[::4], *map((LIBRARY / "test").joinpath, ("test_grammar.py", "test_patma.py", "test_fstring.py", "test_syntax.py", "test_except_star.py",
                                                                                       "test_coroutines.py", "test_unpack_ex.py", "test_named_expressions.py", "test_type_comments.py"))]:
        if not path.exists(): continue
        source = path.read_text("utf-8", "replace")
        lines = source.encode().splitlines(keepends=True)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef, ast.Match, ast.TryStar)) and node.col_offset in (0, 4, 8):
                text = b"".join(lines[node.lineno - 1:node.end_lineno])
                text = b"".join(line[node.col_offset:] if line[:node.col_offset].isspace() else line for line in text.splitlines(keepends=True))
                if len(text) < SMALL: yield text


def main():
    folder = pathlib.Path(sys.argv[1])
    for name in ("compile", "marshal"): (folder / name).mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(pieces()):
        if number % 5: continue
        (folder / "compile" / f"library{number}").write_bytes(bytes([number // 5 % 2 * 4]) + text)
        try:
            code = compile(text, "seed", "exec")
        except (SyntaxError, ValueError):
            continue
        inner = next((c for c in code.co_consts if hasattr(c, "co_code")), code)
        for kind, value in (("module", code), ("inner", inner)):
            if len(data := marshal.dumps(value, 4 if number % 2 else 2)) < SMALL: (folder / "marshal" / f"{kind}{number}").write_bytes(data)
    values = [1, -1, 2**100, 1.5, 1j, "a", "\u00e9", "\ud800", b"x", (1, (2,)), [1, [2]], {1: {2: 3}}, {1}, frozenset([1]), None, True, ..., StopIteration]
    for version in range(5):
        (folder / "marshal" / f"values{version}").write_bytes(marshal.dumps(values, version))


main()
