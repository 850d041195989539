"""Text wrapped, filled, shortened, indented."""
import textwrap
from _data import prose, times

paragraphs = prose()[:120_000].split("\n\n")
for _ in range(times(2)):
    print(sum(len(textwrap.wrap(p, 60)) for p in paragraphs), sum(len(textwrap.fill(p, 40, initial_indent="* ", subsequent_indent="  ")) for p in paragraphs))
    print(sum(len(textwrap.shorten(p, 30)) for p in paragraphs), sum(len(textwrap.dedent(p)) for p in paragraphs), sum(len(textwrap.indent(p, "> ")) for p in paragraphs))
