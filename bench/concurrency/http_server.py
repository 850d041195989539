"""The library's ThreadingHTTPServer under wrk."""
import http.server
import threading

from _figures import report, web_load


class Handler(http.server.BaseHTTPRequestHandler):

    def do_GET(self):
        text = b"Hello, World!"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):

    def handle_error(self, request, address):
        """wrk ends in the midst of requests. The reference aborts when a thread tells of that while the interpreter ends."""


with Server(("127.0.0.1", 0), Handler) as server:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    report(*web_load(f"http://127.0.0.1:{server.server_port}/"))
    server.shutdown()
    thread.join()
print("served")
