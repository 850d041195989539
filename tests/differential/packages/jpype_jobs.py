# needs: jpype
"""JPype: a Java machine in the process; strings, arrays, exceptions, proxies, collections."""
import jpype
import jpype.imports

jpype.startJVM("-Xint", classpath=["/usr/share/java/org.jpype.jar"], convertStrings=False)
from java.lang import IllegalArgumentException, Integer, Math, StringBuilder, Thread
from java.util import ArrayList, HashMap, Collections

print(Math.max(3, 7), str(StringBuilder("ab").append("ü").reverse()), Integer.parseInt("42") + 1)
items = ArrayList()
for word in ("b", "c", "a"):
    items.add(word)
Collections.sort(items)
print([str(item) for item in items], len(items), items[0] == "a", str(items))
table = HashMap()
table["x"] = 1
print(dict((str(k), int(v)) for k, v in table.items()), "x" in table)


@jpype.JImplements("java.lang.Runnable")
class Task:
    @jpype.JOverride
    def run(self):
        print("run by Java")


thread = Thread(Task())
thread.start()
thread.join()
array = jpype.JArray(jpype.JInt)([1, 2, 3])
print(list(array), array[1:], len(jpype.JArray(jpype.JDouble, 2)(2)), bytes(jpype.JString("hé").getBytes("UTF-8")))
try:
    Integer.parseInt("x")
except jpype.JException as error:
    print(type(error).__name__, error.getMessage(), isinstance(error, IllegalArgumentException))
try:
    Math.max("a", 1)
except TypeError as error:
    print(str(error).splitlines()[0])
jpype.shutdownJVM()
