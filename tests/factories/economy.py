"""People of a community on a real chain who do all that its contracts let them."""

from typing import Any

from eth_account import Account

from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import Community
from indexer.tables.membership import Membership, Tier
from tests.factories.story import Story

DAY = 86_400
FRIENDS, MEMBERS, PATRONS = 1, 2, 3
NO_VOUCHER = (ZERO_ADDRESS, 0, 0, 0, ZERO_ADDRESS, 0, 0, 0)
NO_PERMIT = (0, 0, 0, b"\0" * 32, b"\0" * 32)
FOREVER = 2**40 - 1


class Economy:
    """A community with a founder, and people who do all that the membership contract lets them."""

    def __init__(self, story: Story) -> None:
        self.story, self.anvil = story, story.anvil
        self.founder, *self.people = story.anvil.accounts[1:8]
        self.community, self.membership = story.open()
        [row] = [row for row in story.rows(Community) if row["address"] == self.community]
        self.badges, self.store = row["badges"], row["store"]
        self.price = self.tier(MEMBERS)["price"]

    def send(self, function: str, *arguments: Any, sender: str, value: int = 0) -> None:
        self.story.send("Membership", self.membership, function, *arguments, sender=sender, value=value)

    def govern(self, function: str, *arguments: Any) -> None:
        self.story.send("Community", self.community, function, *arguments, sender=self.founder)

    def sign(self, number: int, digest: bytes) -> bytes:
        """The signature of the person with this number, from 0."""
        Account.enable_unaudited_hdwallet_features()
        path = f"m/44'/60'/0'/0/{number + 2}"  # after the deployer and the founder
        account = Account.from_mnemonic("test " * 11 + "junk", account_path=path)
        assert account.address.lower() == self.people[number]
        return bytes(account.unsafe_sign_hash(digest).signature)

    def view(self, function: str, *arguments: Any) -> Any:
        """The one value or struct of a view of the membership contract."""
        [value] = self.story.read("Membership", self.membership, function, *arguments)
        return value

    def rows(self, model: Any) -> list[dict[str, Any]]:
        """Rows of this community: other tests of the module have left some."""
        self.story.index()
        own = {self.membership, self.community}
        return [row for row in self.story.rows(model) if own & {row.get("contract"), row.get("community")}]

    def tier(self, tier_id: int) -> dict[str, Any]:
        return self.rows(Tier)[tier_id - 1]

    def held(self, account: str) -> dict[str, Any]:
        [row] = [row for row in self.rows(Membership) if row["holder"] == account]
        return row

    def join(self, account: str, tier_id: int = MEMBERS, *, badge: int = 0) -> int:
        """Token id."""
        price = self.tier(tier_id)["price"]
        self.send("join", tier_id, 1, price, ZERO_ADDRESS, account, badge, sender=account, value=price)
        return int(self.held(account)["token_id"])

    def join_agreeing(self, account: str, *, badge: int) -> int:
        """The same with consent to twelve renewals, in one transaction."""
        consent = (self.price, 12, FOREVER)
        extras: tuple[Any, ...] = ([], NO_VOUCHER, b"", consent, NO_PERMIT, 0, 0, b"")
        arguments = (MEMBERS, 1, self.price, ZERO_ADDRESS, account, badge, extras)
        self.send("joinWith", *arguments, sender=account, value=self.price)
        return int(self.held(account)["token_id"])
