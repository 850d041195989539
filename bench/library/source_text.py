"""Python source read by the library: tokenize, ast, its visitors and unparse."""
import ast
import io
import textwrap
import tokenize
from _data import times

with open(textwrap.__file__) as file:
    source = file.read()
with open(ast.__file__) as file:
    source += "\n" + file.read().replace("from __future__", "#")
names = []


class Visitor(ast.NodeVisitor):
    def visit_Name(self, node):
        names.append(node.id)


for _ in range(times(2)):
    print(sum(1 for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type == tokenize.NAME))
    tree = ast.parse(source)
    Visitor().visit(tree)
    print(len(names), len(list(ast.walk(tree))), len(ast.unparse(tree)), len(ast.dump(tree)))
