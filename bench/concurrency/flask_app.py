"""A Flask application on its own server, with threads, under wrk."""
import logging
import threading

from flask import Flask, jsonify
from werkzeug.serving import make_server

from _figures import report, web_load

logging.getLogger("werkzeug").setLevel(logging.ERROR)
application = Flask(__name__)


@application.route("/user/<int:number>")
def user(number):
    return jsonify(number=number, name=f"user {number}", tags=["a", "b"])


server = make_server("127.0.0.1", 0, application, threaded=True)
thread = threading.Thread(target=server.serve_forever)
thread.start()
report(*web_load(f"http://127.0.0.1:{server.port}/user/7"))
server.shutdown()
thread.join()
print("served")
