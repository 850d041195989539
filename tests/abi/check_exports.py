#!/usr/bin/python3.11
"""Compares tools/abi/exports.tsv with what $KRAIT (default: build/krait) exports, with the headers' signatures, and with docs/c-api.md."""
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import check_abi    # noqa: E402


def signatures():
    """{name: signature} of the table."""
    lines = (ROOT / "tools/abi/exports.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {row[0]: row[-1] for row in rows}


def main():
    krait = os.environ.get("KRAIT", ROOT / "build/krait")
    status = subprocess.run([ROOT / "tools/abi/exports", "missing", krait]).returncode
    with tempfile.TemporaryDirectory() as folder:
        declared = check_abi.declarations(ROOT / "include", pathlib.Path(folder), False)
    wrong = [f"{name}: {text}, declared {declared[name]}" for name, text in signatures().items()
             if declared.get(name, text) != text]
    print(f"{len(signatures())} signatures, {len(wrong)} differ from the headers'", *wrong, sep="\n    ")
    page = subprocess.run([ROOT / "tools/abi/exports", "page"], capture_output=True, text=True, check=True).stdout
    current = page == (ROOT / "docs/c-api.md").read_text()
    print("docs/c-api.md is what the table makes" if current else "docs/c-api.md: tools/abi/exports page > docs/c-api.md")
    return 1 if status or wrong or not current else 0


if __name__ == "__main__":
    sys.exit(main())
