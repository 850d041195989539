"""Configuration: INI and TOML read, templates and format strings filled in."""
import configparser
import io
import shlex
import string
import tomllib
from _data import times

ini = "".join(f"[section {i}]\nname = value {i}\nother: %(name)s and more\n# comment\nnumber = {i}\nflag = yes\n\n" for i in range(150))
toml = "".join(f'[[item]]\nid = {i}\nname = "item {i}"\nprices = [1.5, 2, {i}]\nwhen = 2026-11-21T10:00:00Z\ninner = {{a = true, b = \'x\'}}\n' for i in range(150))
template = string.Template("$name has ${count} items, $$5 each")
for _ in range(times(6)):
    parser = configparser.ConfigParser()
    parser.read_string(ini)
    print(sum(parser.getint(s, "number") for s in parser.sections()), parser["section 7"]["other"], sum(parser[s].getboolean("flag") for s in parser.sections()))
    out = io.StringIO()
    parser.write(out)
    print(len(out.getvalue()), len(tomllib.loads(toml)["item"]))
    print(sum(len(template.substitute(name="Ann", count=i)) for i in range(3_000)), sum(len(shlex.split("run 'a b' \"c d\" e\\ f --x=1")) for _ in range(150)))
    print(sum(len("{name:>10}|{0!r:<8}|{value:.3f}|{items[1]}".format(i, name="x", value=i / 3, items=[1, 2])) for i in range(10_000)))
