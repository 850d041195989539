def f():
    try:
        1 / 0
    except Exception as e:
        e.add_note("note\nof two lines")
        raise ExceptionGroup("g", [e, ValueError(2), ExceptionGroup("h", [TypeError(), KeyError(1)])]) from e
f()
