"""Exceptions: where they come from, what they carry, which handler gets them."""
import sys


def where(e):
    """Line offsets of the traceback, in the functions it passed."""
    out, tb = [], e.__traceback__
    while tb:
        code = tb.tb_frame.f_code
        out.append((code.co_name, tb.tb_lineno - code.co_firstlineno, tb.tb_lasti))
        tb = tb.tb_next
    return [(name, line) for name, line, _ in out]


def chain(e):
    out = []
    while e:
        out.append((type(e).__name__, str(e), bool(e.__cause__), e.__suppress_context__))
        e = e.__cause__ or (None if e.__suppress_context__ else e.__context__)
    return out


def show(f, *args):
    try:
        print(f.__name__, "->", f(*args))
    except BaseException as e:
        print(f.__name__, "!!", type(e).__name__, e, where(e), chain(e))
    assert sys.exc_info() == (None, None, None)


def simple():
    x = 1
    return (x +
            [])
def in_loop():
    for i in range(3):
        if i == 1:
            raise KeyError(i)
def nested_calls():
    def inner(n):
        if n == 0:
            return 1 // n
        return inner(n - 1)
    return inner(3)
def context():
    try:
        1 / 0
    except ZeroDivisionError:
        raise KeyError("second")
def cause():
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise KeyError("second") from e
def from_none():
    try:
        1 / 0
    except ZeroDivisionError:
        raise KeyError("second") from None
def cause_is_class(): raise KeyError from ValueError
def bad_cause(): raise KeyError from 5
def bad_raise(): raise 5
def bad_raise_class(): raise int
def nothing_to_reraise(): raise
def reraise():
    try:
        {}["k"]
    except KeyError:
        raise
def reraise_named():
    try:
        {}["k"]
    except KeyError as e:
        raise e
def reraise_later():
    try:
        {}["k"]
    except KeyError as e:
        saved = e
    raise saved
def raise_in_finally():
    try:
        raise KeyError(1)
    finally:
        raise ValueError(2)
def return_in_finally():
    try:
        raise KeyError(1)
    finally:
        return "swallowed"
def break_in_finally():
    for i in range(3):
        try:
            raise KeyError(i)
        finally:
            break
    return i
def continue_in_finally():
    n = 0
    for i in range(3):
        try:
            1 / 0
        finally:
            n += 1
            continue
    return n
def return_through_finally():
    out = []
    def f():
        try:
            out.append(1)
            return out
        finally:
            out.append(2)
    return f()
def return_overridden():
    try:
        return 1
    finally:
        return 2
def nested_finally():
    out = []
    try:
        try:
            try:
                raise KeyError
            finally:
                out.append(1)
        finally:
            out.append(2)
    except KeyError:
        out.append(3)
    else:
        out.append("else")
    finally:
        out.append(4)
    return out
def else_clause():
    out = []
    for value in (0, 1):
        try:
            out.append(1 // value)
        except ZeroDivisionError:
            out.append("except")
        else:
            out.append("else")
        finally:
            out.append("finally")
    return out
def error_in_else():
    try:
        pass
    except KeyError:
        return "wrong"
    else:
        raise KeyError("from else")
def tuple_of_types():
    out = []
    for error in (KeyError, ValueError, TypeError):
        try:
            raise error("x")
        except (KeyError, (ValueError,)) if False else (KeyError, ValueError) as e:
            out.append(type(e).__name__)
        except Exception as e:
            out.append("other " + type(e).__name__)
    return out
def bad_handler():
    try:
        raise KeyError
    except 5:
        pass
def bad_handler_tuple():
    try:
        raise KeyError
    except (KeyError, "x"):
        pass
def bad_handler_unused():
    try:
        pass
    except 5:
        pass
    return "never looked at"
def name_is_unbound():
    try:
        raise KeyError
    except KeyError as e:
        pass
    return e
def name_deleted():
    try:
        raise KeyError
    except KeyError as e:
        del e
    return "fine"
def error_in_handler_type():
    try:
        raise KeyError("first")
    except undefined_name:
        pass
def unbound(): 
    if False: x = 1
    return x
def unbound_del():
    x = 1
    del x
    del x
def unbound_cell():
    def f(): return y
    if False: y = 1
    return f()
def undefined(): return no_such_name
def attribute(): return (5).no_such
def attribute_set(): (5).x = 1
def attribute_del(): del (5).real
def subscript(): return [1][5]
def subscript_type(): return 5[1]
def subscript_set(): (1,)[0] = 2
def subscript_del(): del "abc"[0]
def unpack_few(): a, b, c = 1, 2
def unpack_many(): a, b = "abc"
def unpack_int(): a, b = 5
def unpack_star(): a, *b, c = [1]
def iterate():
    for x in 5: pass
def with_int():
    with 5: pass
def contains(): return 1 in 5
def assertion(): assert 1 == 2, "message"
def assertion_plain(): assert []
def import_missing(): from sys import no_such_thing
def import_module(): import no_such_module_at_all
def star_args(): print(*5)
def format_bad(): return f"{5:s}"
def class_body():
    class C:
        x = 1
        y = x + undefined_thing
def comprehension(): return [i / (i - 2) for i in range(5)]
def lambda_(): return (lambda x:
                       x + "s")(1)
def multi_line_call():
    return max(
        1,
        2,
        key=lambda x:
            x / 0,
    )
def from_c(): return sorted([3, 1, 2], key=lambda x: {}[x])
def getattr_chain():
    class A:
        def __getattr__(self, name):
            raise AttributeError("custom " + name)
    return A().foo
def property_error():
    class A:
        @property
        def p(self): return self.q
    return A().p


for name, f in list(globals().items()):
    if callable(f) and name not in ("where", "chain", "show"):
        show(f)


# ---- with
class Manager:
    def __init__(self, name, swallow=False, fail=None): self.name, self.swallow, self.fail = name, swallow, fail
    def __enter__(self):
        print("enter", self.name)
        if self.fail == "enter": raise OSError("enter " + self.name)
        return self
    def __exit__(self, kind, value, tb):
        print("exit", self.name, kind and kind.__name__, value, tb is not None)
        if self.fail == "exit": raise OSError("exit " + self.name)
        return self.swallow


def two_managers(*options):
    with Manager("a", *options[:2]) as a, Manager("b", *options[2:]) as b:
        print("body", a.name, b.name)
        raise KeyError("body")
    return "after"


show(two_managers)
show(two_managers, True)
show(two_managers, False, None, True)
show(two_managers, False, "exit", False)
show(two_managers, True, None, False, "enter")
show(two_managers, False, None, True, "exit")


def leave_with(how):
    for i in range(3):
        with Manager(f"m{i}"):
            if how == "break": break
            if how == "continue": continue
            if how == "return": return i
    return "end"


for how in ("break", "continue", "return", "fall"):
    show(leave_with, how)
class NoExit:
    def __enter__(self): pass
class NoEnter:
    def __exit__(self, *a): pass
def enter(m):
    with m: pass
show(enter, NoExit())
show(enter, NoEnter())
class BadBool:
    def __bool__(self): raise ValueError("no bool")
def bad_bool():
    with Manager("x", BadBool()): raise KeyError
show(bad_bool)


# ---- the exception being handled
def handled():
    out = [sys.exc_info()[0]]
    try:
        raise KeyError
    except KeyError:
        out.append(sys.exc_info()[0])
        try:
            raise ValueError
        except ValueError:
            out.append(sys.exc_info()[0])
        out.append(sys.exc_info()[0])
        def inner():
            return sys.exc_info()[0]
        out.append(inner())
    out.append(sys.exc_info()[0])
    return [e and e.__name__ for e in out]
show(handled)


# ---- groups
def groups(error, *types):
    out = []
    try:
        try:
            raise error
        except* ValueError as e:
            out.append(("ValueError", e.exceptions))
        except* (KeyError, TypeError) as e:
            out.append(("KeyError", e.exceptions))
            if len(types) > 0: raise types[0]
        else:
            out.append("else")
        finally:
            out.append("finally")
    except BaseException as e:
        out.append(repr(e))
        out.append(repr(e.__context__))
    return out


show(groups, ValueError(1))
show(groups, KeyError(1))
show(groups, OSError(1))
show(groups, ExceptionGroup("g", [ValueError(1), KeyError(2)]))
show(groups, ExceptionGroup("g", [ValueError(1), OSError(2)]))
show(groups, ExceptionGroup("g", [ValueError(1), ExceptionGroup("h", [ValueError(3), TypeError(4), OSError(5)])]))
show(groups, ExceptionGroup("g", [KeyError(2), OSError(3)]), IndexError("new"))
show(groups, BaseExceptionGroup("g", [KeyboardInterrupt(), ValueError(2)]))
def bad_star():
    try: raise ValueError
    except* ExceptionGroup: pass
show(bad_star)
def star_reraise():
    try: raise ExceptionGroup("g", [ValueError(1), KeyError(2)])
    except* ValueError: raise
show(star_reraise)


# ---- notes, cycles, attributes
e = ValueError("v"); e.add_note("a note"); print(e.__notes__)
def cycle():
    a, b = KeyError("a"), KeyError("b")
    try:
        raise a
    except KeyError:
        try:
            raise b
        except KeyError:
            raise a
try:
    cycle()
except KeyError as e:
    print(repr(e), repr(e.__context__), repr(e.__context__.__context__))
try:
    raise StopIteration(1, 2)
except StopIteration as e:
    print(e.value, e.args)
try:
    raise NameError("n", name="x") if False else AttributeError("a", name="x", obj=5)
except AttributeError as e:
    print(e.name, e.obj)
class Custom(Exception):
    def __init__(self, a, b): self.a = a
try:
    raise Custom
except TypeError as e:
    print(e)
try:
    raise Custom(1, 2)
except Custom as e:
    print(e.args, e.a, e)
class Weird(Exception):
    def __new__(cls): return 5
try:
    raise Weird
except TypeError as e:
    print(e)
tb = None
try:
    1 / 0
except ZeroDivisionError as e:
    tb = e.__traceback__
    e.with_traceback(None)
    print(e.__traceback__)
try:
    raise KeyError("k").with_traceback(tb)
except KeyError as e:
    print(e.__traceback__.tb_next is tb)
