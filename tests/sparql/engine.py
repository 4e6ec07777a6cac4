"""Runs the queries of a JSON list on standard input in a thread with a stack of 2 MB; says "alive" at the end."""

import json
import sys
import threading
from itertools import islice

from pyoxigraph import NamedNode, Quad, QueryBoolean, Store


def main() -> None:
    store = Store()
    nodes = [NamedNode(f"http://x/{name}") for name in "abcpqg"]
    store.extend(Quad(s, p, o, nodes[5]) for s in nodes[:3] for p in nodes[3:5] for o in nodes[:3])
    for query in json.load(sys.stdin):
        try:
            result = store.query(query, use_default_graph_as_union=True)
            if not isinstance(result, QueryBoolean):
                list(islice(result, 100))
        except (SyntaxError, ValueError, RuntimeError) as error:
            sys.stderr.write(f"{error}\n")
    sys.stdout.write("alive\n")


threading.stack_size(2 * 1024 * 1024)
thread = threading.Thread(target=main)
thread.start()
thread.join()
