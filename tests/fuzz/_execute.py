"""Run by both interpreters: executes the programs of a JSON file, [[seed, mode, source], ...]; writes a JSON line
[seed, what it printed] to a file for each as it ends."""
import io
import json
import re
import signal
import sys
import warnings

LINES, LENGTH = 1000, 300     # what is kept of an output: by lines, since two that say the same need not be equally long
EXTENDED_ARG = 144
FUSED = LOAD_CONST, LOAD_FAST, STORE_FAST = 100, 124, 125


class TooLong(BaseException):
    pass


def out_of_time(number, frame):
    raise TooLong


def raised_at(code, unit):
    """The unit of an instruction that raised; for a load of a local, the first of the loads and stores that it ends.

    Once a function is hot, the reference runs two of them as one, and an unbound local is then reported at the first
    (`return (a,\n b)`: at another line, even). Krait always names the load that failed.
    """
    opcodes = code.co_code[::2]
    if opcodes[unit] in FUSED:
        while unit and opcodes[unit - 1] in FUSED: unit -= 1
    return unit


def where(traceback):
    """Each frame of a traceback with its position."""
    while traceback:
        code = traceback.tb_frame.f_code
        if code.co_filename == "program":
            unit = raised_at(code, traceback.tb_lasti // 2)
            print(" in", code.co_name, list(code.co_positions())[unit])
        traceback = traceback.tb_next


def tracer(events, opcodes):
    def trace(frame, event, argument):
        if frame.f_code.co_filename != "program": return None
        frame.f_trace_opcodes = opcodes
        if len(events) < 4000:
            what = argument[0].__name__ if event == "exception" else type(argument).__name__ if event == "return" else ""
            if event == "opcode":
                what = frame.f_lasti    # the reference names the first EXTENDED_ARG, Krait the instruction (docs/status.md)
                while frame.f_code.co_code[what] == EXTENDED_ARG: what += 2
            events.append(f"{event} {frame.f_code.co_name} {frame.f_lineno} {what}")
        return trace
    return trace


def execute(mode, source):
    events = []
    sys.stdout = out = io.StringIO()
    namespace = {"__name__": "program", "sys": sys}
    try:
        code = compile(source, "program", "exec")
        if "trace" in mode: sys.settrace(tracer(events, "opcodes" in mode))
        if "profile" in mode: sys.setprofile(tracer(events, False))
        signal.setitimer(signal.ITIMER_PROF, 20)       # of the processor: the machine may have other work
        try:
            exec(code, namespace)
        finally:
            sys.settrace(None)
            sys.setprofile(None)
            signal.setitimer(signal.ITIMER_PROF, 0)
    except TooLong:
        return "time-out"
    except MemoryError:
        return "time-out"
    except BaseException as error:
        print("ended by", type(error).__name__, str(error)[:300])
        where(error.__traceback__)
    finally:
        sys.stdout = sys.__stdout__
    text = "".join(line[:LENGTH] + "\n" for line in out.getvalue().splitlines()[:LINES])
    return re.sub("0x[0-9a-f]{6,}", "ADDRESS", text) + "\n".join(events)


def main():
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGPROF, out_of_time)
    sys.unraisablehook = lambda args: print("unraisable", args.exc_type.__name__)
    with open(sys.argv[1]) as programs, open(sys.argv[2], "w") as results:
        for seed, mode, source in json.load(programs):
            text = execute(mode, source)
            results.write(json.dumps([seed, text]) + "\n")
            results.flush()


main()
