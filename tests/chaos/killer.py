"""The one who kills: processes, the database, connections, at times that the seed decides."""

import random
import threading
from collections import Counter

import psycopg

from tests.chaos.database import Database
from tests.chaos.home import MORTAL, WORKERS, Home
from tests.chaos.options import Options
from tests.chaos.proxy import Proxy

# For every ten kills of a process, one of the database; sockets are cut all the time.
DATABASE_EVERY = 10
CUT_EVERY_SECONDS = 1.5
FREEZE_SECONDS = 4.0


class Killer:
    def __init__(self, options: Options, home: Home, database: Database, proxy: Proxy) -> None:
        self._options, self._home, self._database, self._proxy = options, home, database, proxy
        self._dice = random.Random(options.seed)
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._kill), threading.Thread(target=self._cut)]
        self.done: Counter[str] = Counter()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _kill(self) -> None:
        count = 0
        while not self._stopping.wait(self._options.kill_every):
            count += 1
            if count % DATABASE_EVERY == 0:
                self._database.kill_and_restart()
                self.done["database"] += 1
            elif count % DATABASE_EVERY == 5:
                self._home.freeze(self._dice.choice(WORKERS), for_seconds=FREEZE_SECONDS)
                self.done["frozen worker"] += 1
            else:
                victim = self._dice.choice(MORTAL)
                self._home.kill(victim)
                self.done[victim.partition("-")[0]] += 1

    def _cut(self) -> None:
        dice = random.Random(self._options.seed + 1)
        while not self._stopping.wait(CUT_EVERY_SECONDS):
            self.done["connection to the network"] += self._proxy.cut(dice)
            try:
                self.done["connection to the database"] += self._database.cut_connections(dice)
            except psycopg.OperationalError:
                self.done["(the database was down already)"] += 1
