# needs: gi dbus pycurl apt_pkg tkinter
"""PyGObject, D-Bus types, pycurl against a server of our own, python-apt's parsers, Tcl without a display."""
import http.server
import io
import re
import threading
import tkinter

import apt_pkg
import dbus
import gi
import pycurl

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib, GObject


class Thing(GObject.Object):
    __gsignals__ = {"happened": (GObject.SignalFlags.RUN_FIRST, None, (int, str))}
    size = GObject.Property(type=int, default=3, minimum=0, maximum=10)

    def do_happened(self, number, word):
        print("own handler", number, word)


thing = Thing(size=4)
thing.connect("happened", lambda object_, number, word: print("connected", number, word))
thing.connect("notify::size", lambda object_, spec: print("notified", spec.name))
thing.emit("happened", 7, "ü")
thing.size = 5
thing.props.size += 1
print(thing.size, thing.get_property("size"), isinstance(thing, GObject.Object), [spec.name for spec in thing.list_properties()])
loop, ticks = GLib.MainLoop(), []


def tick():
    ticks.append(1)
    if len(ticks) == 3:
        loop.quit()
    return True


GLib.timeout_add(1, tick)
GLib.idle_add(lambda: print("idle") or False)
loop.run()
print(len(ticks), GLib.Variant("(sa{sv})", ("x", {"k": GLib.Variant("i", 5)})).unpack(), GLib.Variant("as", ["a"]).print_(True))
file = Gio.File.new_for_path("made")
file.replace_contents(b"words", None, False, Gio.FileCreateFlags.NONE, None)
print(file.load_contents(None)[1], file.query_info("standard::*", Gio.FileQueryInfoFlags.NONE, None).get_size(), Gio.content_type_guess("a.png", None)[0])
for job in (lambda: Gio.File.new_for_path("none").load_contents(None), lambda: Gio.nothing, lambda: GLib.Variant("i", "x"), lambda: Thing(nothing=1), lambda: thing.emit("none")):
    try:
        job()
    except Exception as error:
        print(type(error).__name__, re.sub("/[^ ]*/|at 0x.*", "", str(error))[:70])
try:
    thing.size = 11
except Exception as error:
    print(type(error).__name__, error)

print(dbus.Int32(5) + 1, repr(dbus.String("ü", variant_level=1)), dbus.Array([1, 2], signature="i"), dbus.Dictionary({"a": dbus.Byte(1)}, signature="sy"), dbus.Boolean(True), dbus.ObjectPath("/a/b"),
      dbus.Struct((1, "x")), dbus.ByteArray(b"ab"), dbus.UInt64(2 ** 64 - 1))
message = dbus.lowlevel.SignalMessage("/a", "org.x.Y", "Name")
message.append(1, "two", [3.5], {"k": dbus.Int16(4)}, signature="isada{sn}")
print(message.get_args_list(), message.get_signature(), message.get_member())
for job in (lambda: dbus.ObjectPath("bad"), lambda: dbus.Byte(300), lambda: dbus.Int16(70000), lambda: dbus.Signature("z"), lambda: dbus.bus.BusConnection("unix:path=/none"), lambda: message.append("x", signature="i")):
    try:
        print(job())
    except Exception as error:
        print(type(error).__name__, re.sub("/[^ ]*/|at 0x.*", "", str(error))[:70])


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("X-Agent", self.headers["User-Agent"])
        self.end_headers()
        self.wfile.write(b"body of " + self.path.encode())

    def do_POST(self):
        self.send_response(201)
        self.end_headers()
        self.wfile.write(self.rfile.read(int(self.headers["Content-Length"]))[::-1])

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
curl, body, headers = pycurl.Curl(), io.BytesIO(), []
curl.setopt(curl.URL, f"http://127.0.0.1:{server.server_port}/a?b")
curl.setopt(curl.USERAGENT, "agent")
curl.setopt(curl.WRITEDATA, body)
curl.setopt(curl.HEADERFUNCTION, lambda line: headers.append(line))
curl.perform()
print(body.getvalue(), curl.getinfo(curl.RESPONSE_CODE), [line for line in headers if b"Agent" in line])
curl.setopt(curl.POSTFIELDS, "x=1&y=2")
curl.setopt(curl.WRITEFUNCTION, lambda data: print("wrote", data))
curl.perform()
many, one = pycurl.CurlMulti(), pycurl.Curl()
one.setopt(one.URL, f"http://127.0.0.1:{server.server_port}/multi")
one.setopt(one.WRITEFUNCTION, lambda data: print("multi", data))
many.add_handle(one)
while many.perform()[1]:
    many.select(0.1)
print(curl.getinfo(curl.RESPONSE_CODE), many.info_read()[0])
curl.setopt(curl.URL, "http://127.0.0.1:1/")
for job in (curl.perform, lambda: curl.setopt(curl.URL, 5), lambda: curl.setopt(-9, 5)):
    try:
        job()
    except Exception as error:
        print(type(error).__name__, error.args[0])
server.shutdown()
server.server_close()

apt_pkg.init_config()
apt_pkg.init_system()
print(apt_pkg.version_compare("1.2-1", "1.10-1") < 0, apt_pkg.parse_depends("a (>= 1) | b, c"), apt_pkg.upstream_version("1:2.3-4"), apt_pkg.size_to_str(123456), apt_pkg.check_dep("1.0", "<<", "2"))
section = apt_pkg.TagSection("Package: x\nDepends: y,\n z\nOther: w\n")
print(section["Package"], section.find("Depends"), "Other" in section, list(section.keys()), apt_pkg.sha256sum(b"x")[:16])
try:
    section["None"]
except KeyError as error:
    print("KeyError", error)

tcl = tkinter.Tcl()
print(tcl.eval("expr {6 * 7}"), tcl.call("lindex", ("a", "b c"), 1), tcl.tk.splitlist("a {b c} d"), tcl.tk.call("split", "a,b", ","))
variable = tkinter.DoubleVar(tcl, 2.5)
tcl.createcommand("python", lambda *words: ",".join(words))
print(tcl.eval("python x [python y z]"), variable.get(), tcl.getvar("tcl_version"))
tcl.after(1, lambda: tcl.setvar("done", "yes"))
tcl.eval("vwait done")
print(tcl.getvar("done"))
try:
    tcl.eval("nonsense")
except tkinter.TclError as error:
    print(error)
