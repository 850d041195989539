"""Command lines: parsers built, arguments parsed, help formatted."""
import argparse
from _data import times


def build():
    parser = argparse.ArgumentParser(prog="tool", description="A tool with many options, whose description is long enough to be wrapped.")
    parser.add_argument("--verbose", "-v", action="count", default=0, help="say more")
    parser.add_argument("--level", type=int, choices=range(10), default=3, metavar="N", help="the level, from 0 to 9")
    parser.add_argument("--name", action="append", help="a name; may be given more than once")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--fast", action="store_true")
    group.add_argument("--slow", action="store_true")
    commands = parser.add_subparsers(dest="command")
    add = commands.add_parser("add", help="add files")
    add.add_argument("files", nargs="*")
    add.add_argument("--to", default=".")
    commands.add_parser("list").add_argument("pattern", nargs="?")
    return parser


for i in range(times(250)):
    parser = build()
    for line in "-vv --level 4 add a b c --to x", "--name=a --name b --fast list", "--slow -v list *.py", "add":
        found = parser.parse_args(line.split())
    if i % 5 == 0:
        text = parser.format_help()
print(found, len(text))
