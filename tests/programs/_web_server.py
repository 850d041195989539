"""The part of httpbin.org that the programs ask for, on this machine: `with web_server() as address:`."""
import contextlib
import http.server
import json
import threading
import time

PAGE = "<!DOCTYPE html>\n<html>\n  <body>\n    <h1>A page</h1>\n" + "    <p>A paragraph of it.</p>\n" * 100 + "  </body>\n</html>\n"
DATA = {"slideshow": {"author": "Nobody", "slides": [{"title": "One", "type": "all"}, {"title": "Two", "items": ["a", "b"]}]}}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        kind, text = "application/json", json.dumps(DATA)
        if self.path.startswith("/delay/"):
            time.sleep(float(self.path.rpartition("/")[2]))
        elif self.path == "/html":
            kind, text = "text/html", PAGE
        elif self.path != "/json":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def web_server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
