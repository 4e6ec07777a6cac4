"""Signals that are heard at once, whichever thread the kernel gives them to.

Python runs its handlers in the main thread alone, and only when that comes to run. Where it waits for a lock it does
not come to run for a signal that another thread took, such as one of granian's: SIGTERM is unheard then until
something else happens.
"""

import os
import signal
import threading
import time

# Means nothing to us, and interrupts a wait.
_NUDGE = signal.SIGURG
# A nudge that comes just before the wait begins is lost as the signal was.
_PAUSES_SECONDS = (0.0, 0.05, 0.2)


def hear_signals() -> None:
    """From now on, in this process: call it in the main thread, and again after a fork."""
    ear, mouth = os.pipe()
    os.set_blocking(mouth, False)
    signal.signal(_NUDGE, lambda *_: None)
    # Python writes a signal's number there in whatever thread it comes.
    signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
    threading.Thread(target=_listen, args=(ear, threading.get_ident()), daemon=True).start()


def _listen(ear: int, main: int) -> None:
    while told := os.read(ear, 64):
        if any(number != _NUDGE for number in told):
            for pause in _PAUSES_SECONDS:
                time.sleep(pause)
                signal.pthread_kill(main, _NUDGE)
