"""Folders: walked, listed, matched, asked for sizes."""
import fnmatch
import glob
import os
import pathlib
import tempfile
from _data import times

with tempfile.TemporaryDirectory() as root:
    for i in range(60):
        folder = os.path.join(root, f"folder{i}", "inner", "deep")
        os.makedirs(folder)
        for j in range(12):
            open(os.path.join(folder, f"file{j}.{'txt' if j % 2 else 'py'}"), "w").close()
    for _ in range(times(12)):
        files = [os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names]
        print(len(files), sum(os.stat(file).st_size for file in files), len(fnmatch.filter(files, "*.py")))
        print(len(glob.glob(os.path.join(root, "*", "inner", "**", "*.txt"), recursive=True)), len(list(pathlib.Path(root).rglob("*.py"))))
        print(sum(1 for entry in os.scandir(root) if entry.is_dir()), len({os.path.splitext(file)[1] for file in files}))
