"""What krait.memory and krait.threads share: a script that is run to be watched, and a page with its figures."""
import argparse
import builtins
import io
import json
import os
import sys


def write(template, figures, path):
    """Writes the page, `template` beside this file with the figures put in, to `path`, and returns its absolute path."""
    with open(os.path.join(os.path.dirname(__file__), template), encoding="utf-8") as file:
        page = file.read()
    text = json.dumps(figures, separators=(",", ":"), ensure_ascii=False).replace("</", "<\\/")
    with open(path, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(page.replace("/*FIGURES*/null", text, 1))
    return os.path.abspath(path)


def options_of(program, description, output):
    """The command line: the page's place, made absolute, the script and its arguments."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    parser.add_argument("-o", "--output", default=output, metavar="PAGE")
    parser.add_argument("script")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    options.output = os.path.abspath(options.output)
    return options


def prepare(options):
    """Makes the script the main module. A function that runs it."""
    sys.argv = [options.script, *options.arguments]
    sys.path[0] = os.path.dirname(os.path.abspath(options.script))
    with io.open_code(options.script) as file:
        code = compile(file.read(), options.script, "exec")
    script = type(sys)("__main__")
    script.__dict__.update(__file__=options.script, __builtins__=builtins)
    sys.modules["__main__"] = script
    return lambda: exec(code, script.__dict__)
