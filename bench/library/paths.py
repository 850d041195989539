"""Paths as objects and as text."""
import os.path
import pathlib
from _data import times

total = 0
for i in range(times(15_000)):
    path = pathlib.PurePosixPath("/usr/share", f"folder{i % 50}", "..", f"file.{i}.txt")
    total += len(path.name) + len(path.suffix) + len(str(path.with_suffix(".md"))) + len(path.parts) + path.match("*.txt")
    total += path.is_relative_to("/usr") + len(path.relative_to("/usr/share").as_posix()) + len(str(path.parent / "x"))
    text = os.path.join("/usr/lib", "folder", f"file{i}.py")
    total += len(os.path.normpath(text + "/../x")) + len(os.path.basename(text)) + len(os.path.splitext(text)[0]) + len(os.path.relpath(text, "/usr/share"))
print(total, path, sorted({pathlib.PurePath(f"a/{i % 100}") for i in range(times(5_000))})[3], os.path.commonpath([text, "/usr/lib/folder/x"]))
