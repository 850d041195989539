"""Four threads wait for a condition and hand a token round."""
import threading

from _figures import timed, times

condition = threading.Condition()
rounds = times(2500)
token = 0


def hand_on(me):
    global token
    for _ in range(rounds):
        with condition:
            condition.wait_for(lambda: token % 4 == me)
            token += 1
            condition.notify_all()


threads = [threading.Thread(target=hand_on, args=(me,)) for me in range(4)]
with timed():
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print(token)
