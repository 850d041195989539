import threading
def f():
    1 / 0
t = threading.Thread(target=f, name='the thread')
t.start()
t.join()
import _thread, time
def g():
    raise SystemExit(3)
_thread.start_new_thread(g, ())
time.sleep(0.1)
