"""A random day of a whole community: `make demo ARGS=--day`, and again the same with `--seed`.

Fifty people do five hundred things through the home's API, on a fresh chain on which a reorg happens now and then; a
keeper renews who agreed. In the end tables, contracts and events must be the same money to the last wei, and the
founder's figures what the contracts say.
"""

import random
from collections import Counter
from dataclasses import dataclass, field

import requests
from rich.console import Console
from rich.table import Table
from sqlmodel import col

from backend.reconcile import reconcile
from backend.renewals.keeper import load_keeper
from indexer.tables.membership import Membership, Payment
from scripts.deeds import DEEDS
from scripts.playground.chain import FINAL_DEPTH
from scripts.playground.supervisor import Playground
from scripts.town import COINS, Declined, Idle, Town

DAY = 86_400
REORG_EVERY = 60
"""Actions between two reorgs, on the average."""
LEAST_DEPTH, MOST_DEPTH = 3, FINAL_DEPTH - 1
LEAST_DONE = 60
"""Per cent of the actions: a day on which most is refused proves little."""


class DayFailed(Exception):
    """The books do not hold, or the day was none."""


@dataclass
class Diary:
    """What happened: how often each kind of deed was done, and refused for which reasons."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    reorgs: int = 0
    dropped: int = 0

    @property
    def actions(self) -> int:
        return self.done.total() + self.refused.total()


def play(playground: Playground, out: Console, *, seed: int, actions: int) -> None:
    """The day has been lived and its books hold to the last wei. Raises DayFailed."""
    rng = random.Random(seed)
    out.print(f"  [dim]·[/] a day with seed {seed}")
    playground.chain.node.rpc("anvil_setBalance", load_keeper(playground.settings).address, hex(COINS))
    town = Town(playground, rng)
    try:
        playground.chain.node.mine(FINAL_DEPTH)  # no reorg undoes the founding, nor what people were given for the day
        diary = _live(town, out, actions)
        playground.chain.node.mine(FINAL_DEPTH)
        town.await_index()
        renewed = _renewed_by_keeper(town)
        _tell(diary, renewed, out)
        _prove_figures(town)
    finally:
        town.close()
    _prove(playground, diary, out)


def _live(town: Town, out: Console, actions: int) -> Diary:
    diary = Diary()
    names, weights = list(DEEDS), [weight for weight, _ in DEEDS.values()]
    told = 0
    while diary.actions < actions:
        name = town.rng.choices(names, weights)[0]
        _pass_time(town, actions)
        try:
            DEEDS[name][1](town)
        except Idle:
            continue
        except Declined as reason:
            diary.refused[name, str(reason)] += 1
        else:
            diary.done[name] += 1
        town.await_index()
        town.playground.look_after()
        if town.rng.random() < 1 / REORG_EVERY:
            _reorg(town, diary)
        if diary.actions // 100 > told:
            told = diary.actions // 100
            out.print(f"  [dim]·[/] {diary.actions} of {actions} actions")
    return diary


def _pass_time(town: Town, actions: int) -> None:
    """The next block is some minutes later, so that all of it takes a day."""
    later = town.node.time + town.rng.randint(1, 2 * DAY // actions)
    town.node.rpc("evm_setNextBlockTimestamp", hex(later))


def _reorg(town: Town, diary: Diary) -> None:
    """The newest blocks have not happened; the page's own route does it, as the demo's bar would."""
    depth = town.rng.randint(LEAST_DEPTH, MOST_DEPTH)
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(f"{town.playground.url}/demo/reorg", json={"depth": depth}, timeout=30)
    if answer.ok:
        diary.reorgs += 1
        diary.dropped += len(answer.json()["dropped"])
    town.await_index()


def _renewed_by_keeper(town: Town) -> int:
    """Renewals with the keeper's transactions."""
    keeper = load_keeper(town.playground.settings).address.lower()
    sent = {hash_ for number in range(town.node.head + 1) for hash_ in _sent_by(town, number, keeper)}
    return sum(row.kind == "renewal" and row.tx_hash in sent for row in town.rows(Payment))


def _sent_by(town: Town, number: int, sender: str) -> list[str]:
    block = town.node.rpc("eth_getBlockByNumber", hex(number), True)
    return [each["hash"] for each in block["transactions"] if each["from"].lower() == sender]


def _tell(diary: Diary, renewed: int, out: Console) -> None:
    table = Table("what", "done", "refused", "because", box=None, header_style="dim")
    for name in DEEDS:
        reasons = {reason: count for (deed, reason), count in diary.refused.items() if deed == name}
        words = ", ".join(f"{reason} ({count})" for reason, count in sorted(reasons.items()))
        table.add_row(name, str(diary.done[name]), str(sum(reasons.values()) or ""), words)
    table.add_row("renewed by the keeper", str(renewed), "", "")
    table.add_row("reorg", str(diary.reorgs), "", f"{diary.dropped} transactions had not happened")
    out.print(table)


def _prove_figures(town: Town) -> None:
    """What the founder is shown is what the contract says, and adds up."""
    town.founder.sign_in()
    found = town.founder.get(f"/api/communities/{town.place.address}/figures")
    money = {name: int(each["amount"]) for name, each in found["money"].items()}
    tokens = [row.token_id for row in town.rows(Membership, col(Membership.contract) == town.place.membership)]
    unearned = sum(town.ask_chain("Membership", town.place.membership, "stateOf", token, word=3) for token in tokens)
    valid = sum(town.ask_chain("Membership", town.place.membership, "isValid", token) for token in tokens)
    earned, withdrawn = (town.ask_chain("Membership", town.place.membership, "earnings", word=each) for each in (0, 1))
    unbooked = money["due"] + money["due_badges"] + money["to_come"]
    spent = money["refunded"] + money["tips"] + money["booked"] + money["booked_badges"] + unbooked
    for name, ours, theirs in (
        ("earned", money["booked"], earned),
        ("withdrawn", money["withdrawn"], withdrawn),
        ("not yet earned", unbooked, unearned),
        ("paid", money["paid"], spent),
        ("members", found["members"], valid),
    ):
        if ours != theirs:
            raise DayFailed(f"the founder's figures say {name}: {ours}, and the contract {theirs}")


def _prove(playground: Playground, diary: Diary, out: Console) -> None:
    found = reconcile(playground.settings)
    for fault in found.faults:
        out.print(f"[red]{fault}[/]", markup=True, soft_wrap=True)
    if not found.ok or found.difference:
        raise DayFailed(f"{len(found.faults)} differences, {found.difference} wei at block {found.number}")
    if diary.done.total() * 100 < diary.actions * LEAST_DONE:
        raise DayFailed(f"only {diary.done.total()} of {diary.actions} actions were done")
    held = sum(each.balance for each in found.accounts)
    out.print(f"koinon reconcile: {found.compared} figures at block {found.number}, {held} wei held, difference 0 wei")
