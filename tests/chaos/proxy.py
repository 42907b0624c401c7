"""A TCP proxy, before the simulated network or the database, whose connections can be cut at any byte."""

import asyncio
import random
import threading
from contextlib import suppress

CHUNK = 65536


class Proxy:
    """Runs an event loop in a thread of its own. Connections forwarded to `target_port` on this machine."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self.port = 0
        self._thread.start()
        self._ready.wait()

    def cut(self, dice: random.Random) -> int:
        """Reset about a third of the open connections. Returns how many."""
        chosen = [writer for writer in list(self._writers) if dice.random() < 1 / 3]
        for writer in chosen:
            self._loop.call_soon_threadsafe(writer.transport.abort)
        return len(chosen)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end_all(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    async def _end_all(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.transport.abort()
            return
        self._writers.add(writer)
        await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer))
        self._writers.discard(writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                writer.write(data)
                await writer.drain()
        writer.close()
