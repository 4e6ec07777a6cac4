"""A signal is heard though another thread takes it while the main one waits for a lock."""

import subprocess
import sys

import pytest

_CODE = """
import signal, sys, threading, time

from repository.serve.hearing import hear_signals

heard, ended = [], threading.Event()
signal.signal(signal.SIGTERM, lambda *_: heard.append(time.monotonic()))
if sys.argv[1] == "hears":
    hear_signals()
other = threading.Thread(target=ended.wait, daemon=True)
other.start()


def tell():
    time.sleep(0.3)
    signal.pthread_kill(other.ident, signal.SIGTERM)


began = time.monotonic()
threading.Thread(target=tell, daemon=True).start()
threading.Event().wait(5)
print(heard[0] - began < 4)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("how", "soon"), [("hears", "True"), ("hears not", "False")])
def test_a_signal_that_another_thread_takes_is_heard_at_once(how: str, soon: str) -> None:
    done = subprocess.run([sys.executable, "-c", _CODE, how], capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == (soon, "")
