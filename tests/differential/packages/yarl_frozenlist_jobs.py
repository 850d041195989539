# needs: yarl frozenlist
"""yarl's URLs and its compiled quoting; frozenlist's compiled list. Their own suites are in no package."""
import pickle
import random

import frozenlist
import yarl
from frozenlist import FrozenList
from yarl import URL
from yarl._quoting import _Quoter, _Unquoter


def attempt(label, function, *arguments, **keywords):
    try:
        result = function(*arguments, **keywords)
    except Exception as e:
        result = f"{type(e).__name__}: {e}"
    print(label, repr(result))


print(_Quoter.__module__, FrozenList.__module__, yarl.__version__, frozenlist.__version__)

# Quoting, with every option, of texts of all kinds.
r = random.Random(19)
alphabet = "abcXYZ019 %+&=;/?#[]@!$'()*,:~-._\"<>\\^`{|}\t\né€𝄞\x7f\x00"
texts = ["", "%", "%4", "%41", "%zz", "%E2%82%AC", "%e2%82", "%FF", "a b+c", "\ud800", "é" * 50]
texts += ["".join(r.choice(alphabet) for _ in range(r.randrange(1, 40))) for _ in range(150)]
texts += ["%" + "".join(r.choice("0123456789abcdefABCDEFg%") for _ in range(r.randrange(0, 8))) for _ in range(60)]
quoters = [_Quoter(safe=safe, protected=protected, qs=qs, requote=requote)
           for safe in ("", "@:", "/") for protected in ("", "+", "/") for qs in (False, True) for requote in (False, True)]
unquoters = [_Unquoter(unsafe=unsafe, qs=qs) for unsafe in ("", "+", "/%") for qs in (False, True)]
for text in texts:
    for number, quote in enumerate([*quoters, *unquoters]):
        try:
            result = quote(text)
        except Exception as e:
            result = f"{type(e).__name__}: {e}"
        print(number, ascii(text), ascii(result))
for wrong in (None, 1, b"bytes", ["list"]):
    attempt("quote", quoters[0], wrong)
    attempt("unquote", unquoters[0], wrong)

# URLs.
for text in ("http://user:pass@example.com:8080/a/b%20c/../d?x=1&y=2&x=3#frag", "//host/path", "/only/path?q", "mailto:someone@example.com",
             "http://[::1]:80/", "http://bücher.example/ä?ö=ü#ß", "http://example.com:bad/", "http://example.com:99999/", "", "http://a/b/c/d;p?q"):
    try:
        url = URL(text)
    except Exception as e:
        print(ascii(text), type(e).__name__, e)
        continue
    print(ascii(url), ascii(str(url)), hash(url) == hash(URL(str(url))), bool(url), pickle.loads(pickle.dumps(url)) == url)
    for name in ("scheme", "user", "password", "host", "raw_host", "port", "explicit_port", "path", "raw_path", "query", "query_string", "raw_query_string", "fragment",
                 "parts", "name", "suffix", "parent", "origin", "relative", "human_repr", "is_absolute", "is_default_port", "authority", "path_qs"):
        def ask():
            value = getattr(url, name)
            return value() if callable(value) else value
        attempt(name, ask)
base = URL("http://example.com/a/b?x=1")
attempt("join", base.join, URL("../c"))
attempt("/", lambda: base / "d e" / "f")
attempt("%", lambda: base % {"y": 2, "z": "a b"})
attempt("with_query", base.with_query, [("a", 1), ("a", "2"), ("b", 2.5)])
attempt("with_query", base.with_query, {"a": None})
attempt("with_query", base.with_query, {"a": float("nan")})
attempt("update_query", base.update_query, x=2, y=["p", "q"])
for method, value in (("with_scheme", "https"), ("with_host", "пример.рф"), ("with_port", 81), ("with_port", "81"), ("with_user", "me"), ("with_password", "x"),
                      ("with_path", "/new path"), ("with_fragment", "a b"), ("with_name", "n"), ("with_name", "a/b"), ("with_suffix", ".txt"), ("with_host", ""), ("with_scheme", 3)):
    attempt(method, getattr(base, method), value)
attempt("build", URL.build, scheme="http", host="h", port=1, path="/p", query={"k": "v"}, fragment="f")
attempt("build", URL.build, host="h", authority="a")
print(sorted([URL("http://b"), URL("http://a/"), URL("http://a")]), URL("http://a") < URL("http://b"), URL("http://a") == "http://a")
attempt("<", lambda: URL("http://a") < "http://b")
attempt("subclass", type, "Derived", (URL,), {})

# FrozenList.
items = FrozenList([1, 2, 3])
items.append(4)
items.insert(0, "first")
items.extend(x for x in "xy")
items += [5]
del items[1]
items[0] = None
print(items, len(items), list(reversed(items)), items[1:3], items.index("x"), items.count(5), items.pop(), 4 in items, items == [None, 2, 3, 4, "x", "y"],
      items < [None, 3], items.frozen)
attempt("hash", hash, items)
items.remove("x")
items.reverse()
copy = FrozenList(items)
copy.clear()
items.freeze()
print(items, copy, items.frozen, hash(items) == hash(tuple(items)))
for label, change in (("append", lambda: items.append(1)), ("set", lambda: items.__setitem__(0, 1)), ("del", lambda: items.__delitem__(0)), ("pop", items.pop),
                      ("clear", items.clear), ("extend", lambda: items.extend([1])), ("index", lambda: items[99]), ("item", lambda: items["a"]), ("from", lambda: FrozenList(5))):
    attempt(label, change)
print(isinstance(items, __import__("collections.abc").abc.MutableSequence), FrozenList[int])
