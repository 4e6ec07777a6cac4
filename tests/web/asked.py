"""A house whose SPARQL index is made and whose broker answers, for tests of doors that ask it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from repository.assembly import House, followed, limits_of, open_broker
from repository.sparql.broker_server import BrokerServer
from repository.sparql.limits import Limits


@contextmanager
def answering(house: House, limits: Limits | None = None) -> Iterator[House]:
    """The house with its index at the end of the log and a broker behind its socket."""
    with followed(house.settings) as follower:
        follower.catch_up()
    folder = house.settings.index_folder
    broker = open_broker(house.settings, folder, limits or replace(limits_of(house.settings), workers=2))
    server = BrokerServer(folder / "broker.sock", broker)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield house
    finally:
        server.shutdown()
        server.server_close()
        broker.close()
