# needs: wrapt
"""wrapt: object proxies for every operator, function wrappers for each kind of callable, patches, weak references."""
import functools
import inspect
import operator

import wrapt


@wrapt.decorator
def noted(wrapped, instance, arguments, keywords):
    print("call", wrapped.__name__, type(instance).__name__, arguments, keywords)
    return wrapped(*arguments, **keywords)


@noted
def function(a, b: int = 2, *, c=3) -> str:
    """Doc."""
    return f"{a}{b}{c}"


class Class:
    @noted
    def method(self, x):
        return x

    @noted
    @classmethod
    def of_class(cls):
        return cls.__name__

    @noted
    @staticmethod
    def alone(x=1):
        return x

    @wrapt.synchronized
    def locked(self):
        return "locked"


print(function(1, c=5), inspect.signature(function), function.__doc__, function.__wrapped__.__name__, noted.__name__, sep=" | ")
thing = Class()
print(thing.method(3), thing.of_class(), Class.of_class(), Class.alone(), thing.alone(9), thing.locked(), isinstance(Class.__dict__["method"], wrapt.FunctionWrapper))
proxy = wrapt.ObjectProxy([3, 1, 2])
proxy.append(9)
print(proxy, len(proxy), proxy[1:], 3 in proxy, proxy == [3, 1, 2, 9], isinstance(proxy, list), type(proxy).__name__, sorted(proxy), proxy + [0], bool(proxy), list(reversed(proxy)))
number = wrapt.ObjectProxy(12)
for name in "add sub mul truediv floordiv mod pow lshift rshift and_ or_ xor lt le eq ne gt ge".split():
    print(name, getattr(operator, name)(number, 5), getattr(operator, name)(5, number), end="; ")
print(divmod(number, 5), -number, ~number, abs(number), int(number), float(number), complex(number), round(number), hash(number), operator.index(number))
number += 1
number **= 2
print(number, type(number).__name__, wrapt.CallableObjectProxy(len)("four"), wrapt.PartialCallableObjectProxy(pow, 2)(5))


class Own(wrapt.ObjectProxy):
    _self_count = 0

    def hello(self):
        self._self_count += 1
        return self._self_count, self.__wrapped__


own = Own({"a": 1})
own.hello()
print(own.hello(), own["a"], dict(own), own._self_count)
with wrapt.ObjectProxy(open("f", "w")) as file:
    file.write("x")


class Target:
    def method(self):
        return "plain"


wrapt.wrap_function_wrapper(Target, "method", lambda wrapped, instance, a, k: wrapped().upper())
print(Target().method(), Target.method)


@wrapt.transient_function_wrapper(Target, "method")
def for_a_while(wrapped, instance, a, k):
    return "while " + wrapped()


print(for_a_while(lambda: Target().method())(), Target().method())
weak = wrapt.WeakFunctionProxy(thing.method)
print(weak(4))
del thing
try:
    weak(4)
except ReferenceError as error:
    print(error)
for job in (lambda: wrapt.ObjectProxy(), lambda: wrapt.ObjectProxy.__new__(wrapt.ObjectProxy).x, lambda: proxy.nothing, lambda: number[0], lambda: function(), lambda: wrapt.ObjectProxy(1) + ""):
    try:
        print(job())
    except Exception as error:
        print(type(error).__name__, error)
print(functools.reduce(operator.add, [wrapt.ObjectProxy(i) for i in range(4)]))
