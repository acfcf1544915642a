"""Random calls at a community and its memberships: most make sense, and what does not reverts"""

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from eth_account import Account
from eth_account.signers.local import LocalAccount

from tests.contracts.events.recording import NOBODY, RecordingEvm
from tests.factories.communities import DAY, MONTH, MONTHLY, PRICE, YEAR, World
from tests.factories.contracts import Receipt, Reverted
from tests.factories.evm import private_keys
from tests.factories.stores import Shop

Act = TypeVar("Act", bound=Callable[..., None])
T = TypeVar("T")
PEOPLE = range(1, 9)  # numbers of accounts; 1 is the founder
RARELY = 8  # one choice of so many is blind


def action(method: Act) -> Act:
    method.acts = True  # type: ignore[attr-defined]
    return method


def actions_of(kind: type) -> list[str]:
    return [name for name in dir(kind) if hasattr(getattr(kind, name), "acts")]


class Play:
    """One community, its people, and what they did."""

    done: Counter[str]
    refused: Counter[str]

    def __init__(self, world: World, chain: RecordingEvm) -> None:
        self.world, self.chain = world, chain
        self.people = [chain.accounts[number] for number in PEOPLE]
        self.keys: list[LocalAccount] = [Account.from_key(key) for key in private_keys()]
        self.dice = Random(0)
        self.steps = 0

    def step(self, name: str, seed: int) -> None:
        self.steps += 1
        self.dice = Random(seed << 8 | self.steps)  # the same number is drawn often: it shall not mean the same
        try:
            getattr(self, name)()
        except Reverted:
            self.refused[name] += 1
        else:
            self.done[name] += 1

    def send(self, method: Any, *arguments: Any, by: str, value: int = 0) -> Receipt:
        return self.chain.send(method, *arguments, sender=by, value=value)

    def pay(self, amount: int) -> int:
        """The value to send with a payment in the community's currency."""
        return 0 if self.world.token else amount

    # Choices

    def anybody(self) -> str:
        return self.dice.choice(self.people)

    def rarely(self) -> bool:
        return self.dice.randrange(RARELY) == 0

    def one_of(self, sensible: Sequence[T], *others: T) -> T:
        """Mostly what makes sense, if anything does."""
        return self.dice.choice(sensible) if sensible and not (others and self.rarely()) else self.dice.choice(others)

    # What the journal tells

    def fields_of(self, contract: Any, name: str) -> list[dict[str, Any]]:
        """Of all events of a contract with this name."""
        return [
            event.fields for _, event in self.chain.journal if event.name == name and event.address == contract.address
        ]

    def held(self, collection: Any) -> dict[int, str]:
        """Token -> holder."""
        moves = [tuple(fields.values()) for fields in self.fields_of(collection, "Transfer")]
        last = {token_id: to for _, to, token_id in moves}
        return {token_id: to for token_id, to in last.items() if to != NOBODY}

    @property
    def ids(self) -> dict[str, int]:
        """Membership of an account."""
        return {holder: token_id for token_id, holder in self.held(self.world.membership).items()}

    @property
    def valid(self) -> list[int]:
        """Memberships that have not expired."""
        valid = self.world.membership.isValid
        return [token_id for token_id in self.ids.values() if self.chain.read(valid, token_id)]

    @property
    def shop(self) -> Shop:
        return Shop(self.world, self.world.store, self.ids)


class Belonging(Play):
    """Some of what members do: tests/contracts/invariants plays the rest."""

    @action
    def wait(self) -> None:
        self.chain.advance(self.dice.choice([3_600, DAY, DAY, 10 * DAY, 10 * DAY, MONTH, MONTH, YEAR]))

    @action
    def join(self) -> None:
        ids = self.ids
        by = self.one_of([each for each in self.people if each not in ids], self.anybody())
        badge = self.one_of([*ids.values()], 0)
        self.world.fund(by, PRICE)
        arguments = (MONTHLY, 1, PRICE, self.world.currency, by, badge)
        self.send(self.world.membership.join, *arguments, by=by, value=self.pay(PRICE))

    @action
    def renew(self) -> None:
        self.world.renew(self.one_of([*self.ids.values()], 1), self.dice.randint(1, 12), sender=self.anybody())

    @action
    def settle(self) -> None:
        self.world.settle(*self.ids.values())

    @action
    def cancel(self) -> None:
        if not self.valid:
            self.renew()
        holders = self.held(self.world.membership)
        token_id = self.one_of(self.valid, *holders, 0)
        by = holders.get(token_id, self.world.founder)
        self.send(self.world.membership.cancel, token_id, by, by=by)

    @action
    def approve_membership(self) -> None:
        membership, holders = self.world.membership, self.held(self.world.membership)
        token_id = self.one_of([*holders], 1)
        by = holders.get(token_id, self.world.founder)
        if self.dice.randrange(2):
            self.send(membership.approve, self.anybody(), token_id, by=by)
        else:
            self.send(membership.setApprovalForAll, self.anybody(), self.dice.choice([True, False]), by=by)

    @action
    def claim_badge(self) -> None:
        membership = self.world.membership
        earners = [each for each in self.ids.values() if self.chain.read(membership.accruedOf, each)]
        if not earners:
            earners = self._reward()
        badge = self.one_of(earners, 0, *self.ids.values())
        by = str(self.chain.read(membership.badgeOwnerOf, badge))
        self.send(membership.claim, [badge], by, by=by)

    def _reward(self) -> list[int]:
        """The badge of a member who gives a tip, if there is such a member."""
        bound = {holder: self.world.state(token_id)["badge"] for holder, token_id in self.ids.items()}
        givers = [holder for holder, badge in bound.items() if badge]
        if not givers:
            return []
        giver = self.dice.choice(givers)
        self.shop.tip(PRICE, sender=giver, payee=self.world.founder)
        return [bound[giver]]


class Governing(Play):
    """What the owner does with the community."""

    @action
    def collect(self) -> None:
        world = self.world
        sources = [world.membership.address, world.store.address, world.currency]
        pairs = [(source, account) for source in sources if source != NOBODY for account in self.people]
        due = [pair for pair in pairs if world.due(pair[1], pair[0])]
        source, account = self.one_of(due, *pairs)
        world.collect(account, source)

    collect_more = collect

    @action
    def receive(self) -> None:
        """Somebody gives the community some of its currency."""
        if self.world.token:
            self.world.receive(self.dice.randint(1, PRICE), self.world.token)

    @action
    def split(self) -> None:
        accounts = self.dice.sample(self.people, self.dice.randrange(3))
        parts = [(account, self.dice.randint(1, 2_000)) for account in accounts]
        lock = self.chain.now + self.dice.choice([0, 0, 0, DAY])
        self.send(self.world.community.setSplits, parts, lock, by=self.world.founder)

    @action
    def announce_operator(self) -> None:
        account = self.dice.choice([NOBODY, self.anybody(), self.anybody()])
        bps = 0 if account == NOBODY else self.dice.randint(0, 500)
        self.send(self.world.community.announceOperator, account, bps, by=self.world.founder)

    @action
    def replace_operator(self) -> None:
        community = self.world.community
        since = int(self.chain.read(community.announcedOperator)["since"])
        if not since:
            self.announce_operator()
            since = int(self.chain.read(community.announcedOperator)["since"])
        if not self.rarely():
            self.chain.advance(max(0, since - self.chain.now))
        self.send(community.replaceOperator, by=self.anybody())

    @action
    def set_roles(self) -> None:
        bits = self.dice.choice([0, 0, *range(16)])
        self.send(self.world.community.setRoles, self.anybody(), bits, by=self.world.founder)

    @action
    def offer_ownership(self) -> None:
        to = self.dice.choice([NOBODY, self.anybody()])
        self.send(self.world.community.offerOwnership, to, by=self.world.founder)

    @action
    def hand_over(self) -> None:
        """To an owner who takes what is due, and gives the community back."""
        community, founder, owner = self.world.community, self.world.founder, self.anybody()
        self.send(community.offerOwnership, owner, by=founder)
        self.send(community.acceptOwnership, by=owner)
        if self.world.due(owner):
            self.world.collect(owner)
        self.send(community.offerOwnership, founder, by=owner)
        self.send(community.acceptOwnership, by=founder)

    @action
    def move_home(self) -> None:
        community = self.world.community
        homes = self.fields_of(community, "HomeMoved")
        sequence = homes[-1]["sequence"] + self.dice.randint(0, 9)
        place = (f"https://{self.dice.randint(1, 9)}.example", self.anybody(), self.dice.randbytes(32), sequence)
        self.send(community.moveHome, *place, by=self.world.founder)

    @action
    def publish(self) -> None:
        community = self.world.community
        sequence = int(self.chain.read(community.manifest)["sequence"]) + self.dice.randint(1, 9)
        self.send(community.publishManifest, self.dice.randbytes(32), sequence, by=self.world.founder)

    @action
    def set_key(self) -> None:
        self.send(self.world.community.setKey, self.dice.randbytes(32), self.chain.now, by=self.anybody())
