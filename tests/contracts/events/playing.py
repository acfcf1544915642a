"""Random calls at all that a community offers: most make sense, and what does not reverts"""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

from eth_account import Account
from eth_account.signers.local import LocalAccount

from tests.contracts.events.recording import NOBODY, RecordingEvm
from tests.factories.badges import achievement, signed, voucher
from tests.factories.communities import DAY, MONTH, MONTHLY, PRICE, YEAR, World
from tests.factories.contracts import Receipt, Reverted
from tests.factories.evm import private_keys
from tests.factories.stores import DIGEST, LABEL, Shop

Act = TypeVar("Act", bound=Callable[..., None])
PEOPLE = range(1, 9)  # numbers of accounts; 1 is the founder


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
        self.shop = Shop(world, world.store)
        self.keys: list[LocalAccount] = [Account.from_key(key) for key in private_keys()]
        self.ids: dict[str, int] = {}  # membership of an account
        self.dice = Random(0)

    def step(self, name: str, seed: int) -> None:
        self.dice = Random(seed)
        try:
            getattr(self, name)()
        except Reverted:
            self.refused[name] += 1
        else:
            self.done[name] += 1

    def send(self, method: Any, *arguments: Any, by: str, value: int = 0) -> Receipt:
        return self.chain.send(method, *arguments, sender=by, value=value)

    def anybody(self) -> str:
        return self.dice.choice(self.people)

    def pay(self, amount: int) -> int:
        """The value to send with a payment in the community's currency."""
        return 0 if self.world.token else amount

    def some(self, count: int) -> int:
        """An id from 1, mostly one that exists."""
        return self.dice.randint(1, max(1, count))


class Belonging(Play):
    @action
    def wait(self) -> None:
        self.chain.advance(self.dice.choice([3_600, DAY, 10 * DAY, MONTH, YEAR]))

    @action
    def join(self) -> None:
        by = self.anybody()
        badge = self.dice.choice([0, *self.ids.values()])
        self.world.fund(by, PRICE)
        arguments = (MONTHLY, 1, PRICE, self.world.currency, by, badge)
        receipt = self.send(self.world.membership.join, *arguments, by=by, value=self.pay(PRICE))
        self.ids[by] = self.shop.ids[by] = int(receipt.only("MembershipJoined")["tokenId"])

    @action
    def renew(self) -> None:
        by = self.anybody()
        self.world.renew(self.ids.get(by, 1), self.dice.randint(1, 12), sender=by)

    @action
    def settle(self) -> None:
        self.world.settle(*self.ids.values())

    @action
    def cancel(self) -> None:
        by = self.anybody()
        self.send(self.world.membership.cancel, self.ids.get(by, 0), by, by=by)

    @action
    def claim_badge(self) -> None:
        by = self.anybody()
        self.send(self.world.membership.claim, [self.ids.get(by, 0)], by, by=by)

    @action
    def collect(self) -> None:
        sources = [self.world.membership.address, self.world.store.address, self.world.currency]
        source = self.dice.choice([each for each in sources if each != NOBODY])
        self.world.collect(self.dice.choice([self.world.founder, self.world.operator]), source)

    @action
    def split(self) -> None:
        parts = [(self.anybody(), self.dice.randint(1, 2_000))]
        self.send(self.world.community.setSplits, parts, 0, by=self.world.founder)


class Shopping(Play):
    def _product(self) -> int:
        return self.some(int(self.chain.read(self.world.store.productCount)))

    @action
    def offer(self) -> None:
        by = self.anybody()
        period = self.dice.choice([0, 0, DAY, MONTH])
        changes = {
            "price": self.dice.choice([0, 7, PRICE]),
            "periodSeconds": period,
            "cap": self.dice.choice([0, 2]),
            "royaltyBps": 0 if period else self.dice.choice([0, 1_000]),
            "payout": self.dice.choice([by, self.anybody(), self.world.community.address]),
        }
        owned = 0 if by == self.world.founder else self.ids.get(by, 0)
        self.shop.send_list(sender=by, membership_id=owned, **changes)

    @action
    def change_product(self) -> None:
        store, product_id = self.world.store, self._product()
        creator = self.shop.product(product_id)["creator"]
        call = self.dice.choice(
            [
                (store.setPrice, product_id, self.dice.randint(0, PRICE)),
                (store.publishVersion, product_id, LABEL, DIGEST[::-1]),
                (store.setPayout, product_id, self.anybody()),
                (store.setCreator, product_id, self.anybody()),
                (store.setListed, product_id, self.dice.choice([True, True, False])),
                (store.retire, product_id, self.chain.now + 31 * DAY),
            ]
        )
        self.send(*call, by=creator)

    @action
    def rule_store(self) -> None:
        store, founder = self.world.store, self.world.founder
        if self.dice.randrange(2):
            self.send(store.setPolicy, self.dice.randint(0, 5_000), self.dice.choice([True, True, False]), by=founder)
        else:
            self.send(store.setListed, self._product(), self.dice.choice([True, False]), by=founder)

    @action
    def buy(self) -> None:
        recipient = self.anybody()
        self.shop.buy(self._product(), sender=self.anybody(), recipient=recipient, quantity=self.dice.randint(1, 3))

    buy_again = buy_more = buy

    @action
    def tip(self) -> None:
        self.shop.tip(self.dice.randint(1, PRICE), sender=self.anybody(), payee=self.anybody())

    @action
    def release_seat(self) -> None:
        self.send(self.world.store.releaseSeat, self._product(), self.anybody(), by=self.anybody())

    @action
    def claim_sales(self) -> None:
        by = self.anybody()
        self.shop.claim(by, by, sender=by)

    @action
    def give_license(self) -> None:
        store, by, product_id = self.world.store, self.anybody(), self._product()
        if self.dice.randrange(3):
            self.send(store.safeTransferFrom, by, self.anybody(), product_id, 1, b"", by=by)
        else:
            self.send(store.safeBatchTransferFrom, by, self.anybody(), [product_id], [1], b"", by=by)

    @action
    def approve_licenses(self) -> None:
        self.send(
            self.world.store.setApprovalForAll, self.anybody(), self.dice.choice([True, False]), by=self.anybody()
        )


class Awarding(Play):
    def _achievement(self) -> int:
        return self.some(int(self.chain.read(self.world.badges.achievementCount)))

    def _token(self) -> int:
        """Of a referral badge or of an achievement."""
        return self.dice.choice([*self.ids.values(), self._achievement() << 40 | self.dice.randint(1, 3)])

    @action
    def mint_badge(self) -> None:
        by = self.anybody()
        self.send(self.world.badges.mint, self.ids.get(by, 0), by=by)

    @action
    def create_achievement(self) -> None:
        issuer = self.dice.choice([NOBODY, self.anybody()])
        terms = achievement(
            cap=self.dice.choice([0, 3]),
            locked=self.dice.choice([True, False]),
            issuer=issuer,
            allowance=0 if issuer == NOBODY else 5,
        )
        self.send(self.world.badges.createAchievement, terms, by=self.world.founder)

    @action
    def change_achievement(self) -> None:
        badges, founder, achievement_id = self.world.badges, self.world.founder, self._achievement()
        if self.dice.randrange(2):
            self.send(badges.setAchievementText, achievement_id, "A deed", "ipfs://more", by=founder)
        else:
            self.send(badges.setAchievementIssuer, achievement_id, self.anybody(), 3, by=founder)

    @action
    def grant_achievement(self) -> None:
        recipients = [self.anybody() for _ in range(self.dice.randint(1, 2))]
        self.send(self.world.badges.grantAchievement, self._achievement(), recipients, by=self.world.founder)

    @action
    def claim_achievement(self) -> None:
        achievement_id, by = self._achievement(), self.anybody()
        issuer = self.chain.read(self.world.badges.achievementOf, achievement_id)["issuer"]
        signer = next((key for key in self.keys if key.address == issuer), self.keys[2])
        terms = voucher(achievement_id, issuer=issuer, nonce=self.dice.randint(0, 5))
        self.send(self.world.badges.claimAchievement, terms, signed(self.world, terms, signer=signer), by=by)

    @action
    def withdraw_voucher(self) -> None:
        by = self.anybody()
        self.send(self.world.badges.withdrawAchievementVoucher, self._achievement(), by, self.dice.randint(0, 5), by=by)

    @action
    def move_badge(self) -> None:
        badges, token_id = self.world.badges, self._token()
        holder = str(self.chain.read(badges.ownerOf, token_id))
        call = self.dice.choice(
            [
                (badges.transferFrom, holder, self.anybody(), token_id),
                (badges.approve, self.anybody(), token_id),
                (badges.burn, token_id),
                (badges.setApprovalForAll, self.anybody(), True),
            ]
        )
        self.send(*call, by=holder)
