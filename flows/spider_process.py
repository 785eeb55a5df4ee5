"""`python -m flows.spider_process`: `spiders.run` with the same arguments, ended when the command that started it ends.

Standard input is a pipe from that command. The pipe closes when the command dies, however that happens, and the spider
then stops as at Ctrl-C: what is in flight is finished and written.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from spiders.run import main

__all__: list[str] = []


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        continue
    # to the main thread by name: it must wake from its wait for the network
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.exit(main())
