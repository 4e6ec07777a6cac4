"""A real browser for tests: Chromium without a window, driven by its DevTools protocol over two pipes."""

import base64
import json
import os
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# The flags keep the browser from calling its maker; what it still asks for would be our page's doing.
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)
_SECONDS = 60.0


class Page:
    """One tab. `requests` are the addresses it asked for, `complaints` what its console said of errors."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from, self._rest, self._number = to_browser, from_browser, b"", 0
        self._events: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.complaints: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if not method.startswith("Target."):
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]  # type: ignore[no-any-return]

    def open(self, url: str) -> None:
        """Go there, and wait until everything is loaded."""
        self._events.clear()
        self.call("Page.navigate", url=url)
        self._until("Page.loadEventFired")

    def follow(self, script: str) -> None:
        """Run what leads to another page, and wait until that is loaded."""
        self._events.clear()
        self.evaluate(script)
        self._until("Page.loadEventFired")

    def evaluate(self, script: str) -> Any:
        """The value of a script's last expression, awaited."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, script: str) -> None:
        """Until the expression is true."""
        end = time.monotonic() + _SECONDS
        while not self.evaluate(f"Boolean({script})"):
            assert time.monotonic() < end, f"never came true: {script}\n{self.complaints}"
            time.sleep(0.05)

    def screenshot(self, path: Path, *, whole: bool = True) -> None:
        made = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(made["data"]))

    def _until(self, event: str) -> None:
        while not any(each["method"] == event for each in self._events):
            self._read()

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], _SECONDS)
            assert ready, "the browser says nothing"
            more = os.read(self._from, 1 << 20)
            assert more, "the browser is gone"
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        if "method" in message:
            self._events.append(message)
            self._note(message["method"], message["params"])
        return message

    def _note(self, method: str, params: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")


@contextmanager
def browser(program: str, folder: Path) -> Iterator[Page]:
    """A tab of a browser with a profile of its own in `folder`; the browser ends with the block."""
    out_read, out_write = os.pipe()
    in_read, in_write = os.pipe()

    def hand_over() -> None:
        # The protocol wants its pipes as 3 and 4; both are moved out of the way first.
        first, second = os.dup(out_read), os.dup(in_write)
        os.dup2(first, 3)
        os.dup2(second, 4)

    process = subprocess.Popen(
        [program, *_FLAGS, f"--user-data-dir={folder}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=hand_over,
        close_fds=False,
    )
    os.close(out_read)
    os.close(in_write)
    try:
        yield Page(out_write, in_read)
    finally:
        os.close(out_write)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(in_read)
