"""A plugin of pytest that writes each test's outcome the moment it is known, so that a crash costs one test and not the file.

Lines of the file $COMPARE_RECORD: "start NODEID", then "PHASE OUTCOME NODEID" for set-up, call and tear-down.
"""
import os

import pytest

record = open(os.environ["COMPARE_RECORD"], "a", buffering=1, encoding="utf-8", errors="backslashreplace")


def line(*words):
    record.write(" ".join(words).replace("\n", "\\n") + "\n")


def pytest_collectreport(report):
    if report.failed:
        line("collect", "failed", report.nodeid)
    elif report.skipped:
        line("collect", "skipped", report.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logstart(nodeid):
    line("start", nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report):
    line(report.when, "xfailed" if hasattr(report, "wasxfail") and report.skipped else report.outcome, report.nodeid)
