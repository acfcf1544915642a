"""The whole story of Koinon without a browser, each step checked: `make demo ARGS=--tour`.

A founder opens a community and publishes; an outsider is refused, joins, reads and replies; the membership expires, is
renewed, and goes to somebody else, and access follows it each time. In the end a process that trusts nobody proves the
log from the chain and the block store alone, and one recovery key opens again what was gated. Then the community's
economy: a referral badge earns, is sold and earns for its new owner; one sale of tokens succeeds, one is refunded; a
license is bought and a tip given.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from rich.console import Console

from backend.keys.keyring import dump_recovery_key, new_recovery_key, public_bytes
from backend.log.record import dag_cid_of
from scripts.economy import Economy
from scripts.member import PUBLISHER, Member, Placed, Refused
from scripts.playground import home
from scripts.playground.accounts import FOUNDER, MEMBER, OUTSIDER, account_of
from scripts.playground.chain import FINAL_DEPTH
from scripts.playground.supervisor import Playground
from scripts.seed import GAS_MONEY, opening

DAY = 86_400
TIER = 1
GATE = "members"
ANCHOR_SECONDS = 60
"""How long an anchor may take to appear."""
SETUP = {
    "name": "The Tour",
    "symbol": "TOUR",
    "tiers": [{"label": "Traveller", "price_milli": 5, "days": 30}, {"label": "Guest", "price_milli": 0, "days": 365}],
}
TEASER = "Everybody may read this line."
SECRET = "The key lies under the third flowerpot: **marker-7f3a1c**."
ANSWER = "Found it. The fourth one was locked, though."


class TourFailed(Exception):
    """A step did not go as it must; the message says which and how."""


def play(playground: Playground, out: Console) -> None:
    """The story has been played, each step checked. Raises TourFailed."""
    with tempfile.TemporaryDirectory(prefix="koinon-tour-keys-") as folder:
        tour = _Tour(playground, out, Path(folder))
        try:
            for number, (title, step) in enumerate(chain(tour.steps, tour.economy()), start=1):
                tour.take(number, title, step)
        finally:
            tour.close()


class _Tour:
    """Three people, one community, and the steps."""

    def __init__(self, playground: Playground, out: Console, folder: Path) -> None:
        self.playground, self.out, self.folder = playground, out, folder
        people = (FOUNDER, MEMBER, OUTSIDER)
        self.vera, self.tomas, self.noor = (
            Member(playground.url, playground.chain.url, account_of(each.index)) for each in people
        )
        self.node = playground.chain.node
        self.community = self.post = ""
        self.recovery_key = folder / "recovery.json"
        self.steps: list[tuple[str, Callable[[], Mapping[str, Any]]]] = [
            ("Vera opens a community", self.open),
            ("Vera sets recovery keys, a gate and a profile", self.govern),
            ("Vera publishes a post with a part for members", self.publish),
            ("Tomas, an outsider, is refused", self.refuse_outsider),
            ("Tomas joins", self.join),
            ("Tomas reads what members read", self.read),
            ("Tomas replies", self.reply),
            ("31 days pass; Tomas is refused", self.expire),
            ("Tomas renews, and reads again", self.renew),
            ("Tomas transfers the membership to Noor, and is refused", self.transfer),
            ("Noor reads in his place", self.read_as_new_holder),
            ("The log is anchored on the chain", self.anchor),
            ("A stranger verifies the log and reopens it by a recovery key", self.verify),
        ]

    def economy(self) -> Iterator[tuple[str, Callable[[], Mapping[str, Any]]]]:
        """The steps that follow, of the community as the first ones leave it."""
        yield from Economy(self.community, self.playground.market, self.vera, self.tomas, self.noor).steps

    def close(self) -> None:
        for person in (self.vera, self.tomas, self.noor):
            person.close()

    def take(self, number: int, title: str, step: Callable[[], Mapping[str, Any]]) -> None:
        """One step, printed with what it left behind and how long it took."""
        started = time.monotonic()
        try:
            facts = step()
        except Refused as refused:
            raise TourFailed(f"step {number}, {title}: refused with {refused} {dict(refused.problem)}") from refused
        except (AssertionError, LookupError, RuntimeError, TimeoutError) as error:
            raise TourFailed(f"step {number}, {title}: {error}") from error
        self.out.print(f"[bold cyan]{number:2}[/] [bold]{title}[/]  [dim]{time.monotonic() - started:.2f} s[/]")
        for name, value in facts.items():
            self.out.print(f"     [dim]{name:9}[/] {value}", soft_wrap=True)

    def open(self) -> dict[str, Any]:
        self.vera.sign_in()
        key = self._home_key()
        opened = self.vera.open_community(self.playground.factory, opening(SETUP, self.playground.url, key))
        self.community = opened.community
        receipt = self.vera.call("Community", self.community, "setRoles", key, PUBLISHER)
        self.node.send(account_of(0), key, value=GAS_MONEY)
        self.vera.await_indexed(receipt.tx_hash)
        return {"address": self.community, **self._chain(opened.receipt.tx_hash)}

    def govern(self) -> dict[str, Any]:
        keys = [new_recovery_key(), new_recovery_key()]
        self.recovery_key.write_text(dump_recovery_key(keys[0]))
        recovery = self.vera.set_recovery(self.community, [public_bytes(key) for key in keys])
        gate = self.vera.set_gate(self.community, GATE, [TIER])
        profile = self.vera.set_profile(self.community, tagline="A walk through it all.", about="It takes a minute.")
        return {"recovery": recovery.act, "gate": gate.act, "profile": profile.act}

    def publish(self) -> dict[str, Any]:
        placed = self.vera.publish(self.community, title="Where the key lies", teaser=TEASER, rest=SECRET, gate=GATE)
        self.post = placed.act
        return self._log(placed)

    def refuse_outsider(self) -> dict[str, Any]:
        self.tomas.sign_in()
        page = self.tomas.page(f"/c/{self.community}/posts/{self.post}")
        _require(TEASER in page, "the page lacks the teaser")
        _require("marker-7f3a1c" not in page, "the page shows an outsider what is for members")
        return self._refusal(self.tomas, "membership-missing")

    def join(self) -> dict[str, Any]:
        return self._chain(self.tomas.join(self.community, tier_id=TIER).tx_hash)

    def read(self) -> dict[str, Any]:
        return self._reading(self.tomas)

    def reply(self) -> dict[str, Any]:
        placed = self.tomas.reply(self.community, self.post, ANSWER)
        texts = [each["text"] for each in self.vera.replies(self.community, self.post)]
        _require(texts == [ANSWER], f"the founder reads {texts}")
        return self._log(placed)

    def expire(self) -> dict[str, Any]:
        self.node.advance(31 * DAY)
        self.node.mine(FINAL_DEPTH)
        self.playground.await_index()
        self.tomas.sign_in()
        return {"chain time": _written(self.node.time), **self._refusal(self.tomas, "membership-expired")}

    def renew(self) -> dict[str, Any]:
        receipt = self.tomas.renew(self.community, token_id=self.tomas.token_id(self.community))
        return {**self._chain(receipt.tx_hash), **self._reading(self.tomas)}

    def transfer(self) -> dict[str, Any]:
        token_id = self.tomas.token_id(self.community)
        receipt = self.tomas.transfer(self.community, token_id=token_id, to=self.noor.account.address)
        return {**self._chain(receipt.tx_hash), **self._refusal(self.tomas, "membership-missing")}

    def read_as_new_holder(self) -> dict[str, Any]:
        self.noor.sign_in()
        texts = [each["text"] for each in self.noor.replies(self.community, self.post)]
        _require(texts == [ANSWER], f"the new holder reads the replies {texts}")
        return self._reading(self.noor)

    def anchor(self) -> dict[str, Any]:
        """Blocks go on until the last act is final, and the manifest that covers it is on the chain."""
        newest = self.vera.get(f"/api/communities/{self.community}")["log_seq"]
        until = time.monotonic() + ANCHOR_SECONDS
        while (sequence := self._anchored(newest)) is None:
            _require(time.monotonic() < until, "no manifest with the whole log was anchored")
            self.node.mine()
            self.playground.look_after()
            time.sleep(0.25)
        digest = self.vera.get(f"/api/communities/{self.community}")["manifest_digest"]
        return {"manifest": f"{dag_cid_of(digest)} (number {sequence})", "digest": digest, "records": newest}

    def verify(self) -> dict[str, Any]:
        report = self._verified()
        _require(report["records"] == report["head_seq"] == report["proved"], f"not every record was proved: {report}")
        _require(report["reopened"] == 2, f"the recovery key reopens {report['reopened']} texts, not 2")
        return {name: report[name] for name in ("records", "proved", "void", "bodies", "reopened")}

    def _verified(self) -> dict[str, Any]:
        """The report of `koinon verify` in a process that has a chain and blocks, and no database."""
        settings = self.playground.settings
        elsewhere = settings.model_copy(update={"data": self.folder / "nothing"})
        options = ["--json", "--blocks", str(settings.blocks_folder), "--recovery-key", str(self.recovery_key)]
        command = [sys.executable, "-m", "backend", "verify", self.community, *options]
        environment = home.environment_of(elsewhere)
        done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
        _require(done.returncode == 0, f"koinon verify says: {done.stderr.strip()[-500:]}")
        report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return report

    def _anchored(self, newest: int) -> int | None:
        """The sequence of the anchored manifest, if it covers the whole log."""
        report = self.vera.get(f"/api/communities/{self.community}")
        covered = home.covered_records(self.playground.settings, self.community, report["manifest_sequence"])
        return int(report["manifest_sequence"]) if covered >= newest else None

    def _reading(self, person: Member) -> dict[str, Any]:
        read = person.read(self.community, self.post)
        _require(read.text == SECRET, f"the text read is {read.text!r}")
        return {"reads": f"“{read.text[:32]}…”", "commit": read.commit.hex()}

    def _refusal(self, person: Member, code: str) -> dict[str, Any]:
        """What the refusal says, which must be this reason and hold none of the words."""
        try:
            person.read(self.community, self.post)
        except Refused as refused:
            _require(refused.status == 403, f"refused with {refused}")
            (condition,) = refused.problem["conditions"]
            _require(condition["code"] == code, f"the reason is {condition['code']}, not {code}")
            return {"refused": f"403, {code}: {condition['need']} opens it; next: {condition['next']}"}
        raise TourFailed(f"{person.address} reads what is closed to it")

    def _chain(self, tx_hash: str) -> dict[str, Any]:
        block = self.node.block(self.node.wait(tx_hash).block)
        return {"tx": tx_hash, "block": f"{int(block['number'], 16)}, {_written(int(block['timestamp'], 16))}"}

    def _log(self, placed: Placed) -> dict[str, Any]:
        return {"act": placed.act, "record": f"{placed.record} (number {placed.seq})"}

    def _home_key(self) -> str:
        return home.home_address(self.playground.settings)


def _written(at: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise TourFailed(otherwise)
