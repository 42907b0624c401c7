"""The one who kills: processes, the database, the broker, connections, at times that the seed decides."""

import random
import threading
from collections import Counter

import psycopg

from tests.chaos.home import MORTAL, WORKERS
from tests.chaos.options import Options
from tests.chaos.stage import Stage

# Of every ten times, one is the database's, one freezes a worker, and one is the broker's where there is one.
ROUND = 10
# A cut connection costs two processes some 50 ms each to make anew: in a long run cuts are as rare as kills are.
CUTS_PER_KILL = 4 / 3
FREEZE_SECONDS = (3.0, 20.0)  # the longer is longer than any lease


class Killer:
    def __init__(self, options: Options, stage: Stage) -> None:
        self._options, self._stage = options, stage
        self._dice = random.Random(options.seed)
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._kill), threading.Thread(target=self._cut)]
        self._frozen: list[threading.Thread] = []
        self.done: Counter[str] = Counter()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads + self._frozen:
            thread.join()

    def _kill(self) -> None:
        count = 0
        while not self._stopping.wait(self._options.kill_every):
            count += 1
            self._kill_number(count)

    def _kill_number(self, count: int) -> None:
        broker, database = self._stage.broker, self._stage.database
        if count % ROUND == 0:
            self.done["database, kill -9"] += 1
            database.kill_and_restart()
        elif count % (2 * ROUND) == 7:
            self.done["database, restarted"] += 1
            database.restart()
        elif count % ROUND == 5:
            self._freeze(FREEZE_SECONDS[count // ROUND % len(FREEZE_SECONDS)])
        elif count % ROUND == 3 and broker is not None:
            self.done["broker, kill -9"] += 1
            broker.kill_and_restart()
        else:
            victim = self._dice.choice(MORTAL)
            self.done[f"{victim.partition('-')[0]}, kill -9"] += 1
            self._stage.home.kill(victim)

    def _freeze(self, seconds: float) -> None:
        """SIGSTOP beside everything else that goes on; a longer stop than its leases finds them gone."""
        self.done[f"worker, frozen for {seconds:.0f} s"] += 1
        worker = self._dice.choice(WORKERS)
        thawing = threading.Thread(target=self._stage.home.freeze, args=(worker,), kwargs={"for_seconds": seconds})
        thawing.start()
        self._frozen.append(thawing)

    def _cut(self) -> None:
        dice = random.Random(self._options.seed + 1)
        while not self._stopping.wait(self._options.kill_every / CUTS_PER_KILL):
            self.done["connections to the network, cut"] += self._stage.network.cut(dice)
            self.done["connections to the database, cut"] += self._stage.database_link.cut(dice)
            try:
                self.done["connections to the database, ended by it"] += self._stage.database.cut_connections(dice)
            except psycopg.OperationalError:
                self.done["(the database was down already)"] += 1
