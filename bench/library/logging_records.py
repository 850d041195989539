"""Log records: made, formatted, filtered, sent through a tree of loggers."""
import io
import logging
from _data import times

out = io.StringIO()
handler = logging.StreamHandler(out)
handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(funcName)s: %(message)s"))
root = logging.getLogger()
root.addHandler(handler)
root.setLevel(logging.INFO)
quiet = logging.getLogger("a.b.quiet")
quiet.addFilter(lambda record: record.args[0] % 3 == 0)


def work(n):
    logger = logging.getLogger("a.b.c")
    for i in range(n):
        logger.info("item %d of %s", i, "many")
        logger.debug("not seen %d", i)
        quiet.warning("only some: %d", i)
        if i % 100 == 0:
            try:
                raise ValueError(i)
            except ValueError:
                logger.exception("failed")


work(times(15_000))
print(len(out.getvalue().splitlines()), out.getvalue()[:200])
