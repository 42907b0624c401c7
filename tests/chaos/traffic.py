"""Merchants' servers under stress: they repeat each request with its key until it is answered, and keep a record."""

import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.chaos.options import Options

# Most payers pay; some decline, let it expire, or have no wallet.
PHONES = (*["+260966000123"] * 16, "+260966000451", "+260966000452", "+260966000455", "+260966000463")
AMOUNTS = ("150.00", "0.01", "99.99", "7.35", "1234.56")
GIVE_UP_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Record:
    """A 201 that a client holds in its hands."""

    merchant: str
    id: str
    key: str
    amount: str
    kind: str
    original: str = ""


@dataclass
class Traffic:
    """`run` until the wanted number of payments is accepted; everything that was answered is in `records`."""

    options: Options
    urls: list[str]
    keys: dict[str, str]  # merchant → API key
    stopping: threading.Event
    waiting: int = 0  # payments without an end, as somebody counted lately
    records: list[Record] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    wrong: list[str] = field(default_factory=list)
    paid: dict[str, list[Record]] = field(default_factory=dict)  # by merchant, so that they can be refunded

    def run(self) -> None:
        self.runs += 1
        threads = [
            threading.Thread(target=self._client, args=(random.Random(f"{self.options.seed} {self.runs} {number}"),))
            for number in range(self.options.clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    @property
    def is_enough(self) -> bool:
        return self.stopping.is_set() or len(self.records) >= self.options.payments

    def _client(self, dice: random.Random) -> None:
        with requests.Session() as session:
            while not self.is_enough:
                if self.waiting > self.options.most_waiting:
                    self.stopping.wait(0.2)
                    continue
                merchant = dice.choice(list(self.keys))
                actions = (self._pay, self._pay_out, self._refund, self._cancel, self._check)
                action = dice.choices(actions, self.options.weights)[0]
                action(session, merchant, dice)

    def _pay(self, session: requests.Session, merchant: str, dice: random.Random) -> None:
        body = {"amount": dice.choice(AMOUNTS), "currency": "ZMW", "phone": dice.choice(PHONES)}
        record = self._create(session, merchant, "payments", "collection", body, dice)
        if record:
            self.paid.setdefault(merchant, []).append(record)

    def _pay_out(self, session: requests.Session, merchant: str, dice: random.Random) -> None:
        body = {"amount": dice.choice(AMOUNTS), "currency": "ZMW", "phone": PHONES[0]}
        self._create(session, merchant, "payouts", "payout", body, dice)

    def _refund(self, session: requests.Session, merchant: str, dice: random.Random) -> None:
        """Of a payment that may have succeeded by now; sometimes of more than there is, which must be refused."""
        paid = self.paid.get(merchant, [])
        earlier = paid[: len(paid) // 2]
        if not earlier:
            return
        original = dice.choice(earlier)
        body = dice.choice(({}, {"amount": "0.01"}, {"amount": "3.00"}, {"amount": original.amount}))
        path = f"payments/{original.id}/refunds"
        self._create(session, merchant, path, "refund", body, dice, original=original.id, may_be_refused=True)

    def _cancel(self, session: requests.Session, merchant: str, dice: random.Random) -> None:
        earlier = self.paid.get(merchant)
        if earlier:
            self._post(session, dice, f"payments/{earlier[-1].id}/cancel", merchant, key="")

    def _check(self, session: requests.Session, merchant: str, dice: random.Random) -> None:
        earlier = self.paid.get(merchant)
        if earlier:
            self._post(session, dice, f"payments/{dice.choice(earlier[-50:]).id}/check", merchant, key="")

    def _create(
        self,
        session: requests.Session,
        merchant: str,
        path: str,
        kind: str,
        body: dict[str, Any],
        dice: random.Random,
        *,
        original: str = "",
        may_be_refused: bool = False,
    ) -> Record | None:
        """One object, however often it has to be asked for."""
        key = uuid.UUID(int=dice.getrandbits(128), version=4).hex
        if dice.random() < 0.1:
            twin = threading.Thread(target=self._twin, args=(path, merchant, key, body))
            twin.start()
        else:
            twin = None
        deadline = time.monotonic() + GIVE_UP_SECONDS
        made: Record | None = None
        while time.monotonic() < deadline:
            answer = self._post(session, dice, path, merchant, key=key, body=body)
            if answer is not None and answer.status_code == 201:
                shown = answer.json()
                made = Record(merchant, shown["id"], key, shown["amount"], kind, original)
                self.records.append(made)
                break
            if answer is not None and answer.status_code not in {409, 500, 503, 429}:
                self.wrong.append(f"{path}: {answer.status_code} {answer.text[:200]}")
                break
            is_in_progress = answer is not None and "idempotency_in_progress" in answer.text
            if answer is not None and answer.status_code == 409 and may_be_refused and not is_in_progress:
                break
            time.sleep(0.1 + dice.random() * 0.4)
        else:
            self.wrong.append(f"{path}: no answer within {GIVE_UP_SECONDS:.0f} s")
        if twin:
            twin.join()
        return made

    def _twin(self, path: str, merchant: str, key: str, body: dict[str, Any]) -> None:
        """The same request at the same time, through another connection: its answer changes nothing."""
        with requests.Session() as session:
            self._post(session, random.Random(key), path, merchant, key=key, body=body)

    def _post(
        self,
        session: requests.Session,
        dice: random.Random,
        path: str,
        merchant: str,
        *,
        key: str,
        body: dict[str, Any] | None = None,
    ) -> requests.Response | None:
        headers = {"Authorization": f"Bearer {self.keys[merchant]}"} | ({"Idempotency-Key": key} if key else {})
        url = f"{dice.choice(self.urls)}/v1/{path}"
        try:
            answer = session.post(url, json=body, headers=headers, timeout=15)
        except requests.RequestException:
            self.answers["none"] += 1
            return None
        if not _is_whole(answer):
            self.answers["cut short"] += 1
            return None
        self.answers[str(answer.status_code)] += 1
        return answer


def _is_whole(answer: requests.Response) -> bool:
    """A server that dies between the head and the body of its answer has told the client nothing."""
    try:
        answer.json()
    except ValueError:
        return False
    return True
