"""What members, inviters, sponsors, issuers and keepers do with a community's memberships, in one call each.

The arithmetic here is written from ECONOMY.md (E1, E8), not from the contracts.
"""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from tests.factories.communities import DAY, FOR_LIFE, MONTHLY, PRICE, World
from tests.factories.contracts import NATIVE, Receipt, Reverted
from tests.factories.evm import CHAIN_ID, private_keys

HOUR = 3_600
GRACE = 7 * DAY  # after expiry; until then a renewal is one, later it is a join
SEAT_GRACE = 30 * DAY
COUNTING = 14 * DAY  # after the first payment, or a period if that is shorter
TREASURER, GRANTER, ISSUER, SALE = 1, 2, 4, 16
DISCOUNT, FIXED_PRICE, TRIAL = range(3)  # kinds of vouchers
BRONZE, SILVER, GOLD = range(3)
# What `renewalStatus` answers
(
    DUE,
    UNKNOWN,
    LIFELONG,
    NO_CONSENT,
    CONSENT_USED_UP,
    CONSENT_PAST,
    TOO_EARLY,
    TOO_LATE,
    TIER_RETIRED,
    PRICE_ABOVE_CONSENT,
    BALANCE_TOO_LOW,
    ALLOWANCE_TOO_LOW,
) = range(12)
NEVER = 2**40 - 1
TRIPLE, YEARLY = 5, 6  # tiers that the fixture `grown` adds
# Rates above those of the tests' communities
BETTER = {"bronzeBps": 600, "silverBps": 1_200, "goldBps": 2_000, "silverFrom": 3, "goldFrom": 9, "volumeUnit": 0}
NO_PERMIT = (0, 0, 0, b"\0" * 32, b"\0" * 32)
NO_CONSENT_GIVEN = (0, 0, 0)
SIGNED = {
    "Voucher": (
        "address issuer,uint16 tierId,uint8 kind,uint96 value,address recipient,uint32 uses,uint40 deadline,"
        "uint256 nonce"
    ),
    "Binding": "address recipient,uint16 tierId,uint40 badge,uint40 deadline",
    "WalletChange": "uint256 tokenId,address from,address to,uint16 transferCount,uint40 deadline",
    "Permit": "address owner,address spender,uint256 value,uint256 nonce,uint256 deadline",
}


@dataclass(frozen=True)
class Voucher:
    """Fields in the order of the contract's struct."""

    issuer: str = NATIVE
    tier_id: int = MONTHLY
    kind: int = DISCOUNT
    value: int = 0
    recipient: str = NATIVE
    uses: int = 1
    deadline: int = NEVER
    nonce: int = 0


NO_VOUCHER = Voucher()


# Money


def pay(world: World, method: Any, *arguments: Any, amount: int, sender: str = "", value: int | None = None) -> Receipt:
    """Calls what takes `amount` from the caller, and sees that it takes exactly that."""
    sender = sender or world.member
    world.fund(sender, amount)
    before = world.balance(sender), world.balance(world.membership.address)
    if value is None:
        value = 0 if world.token else amount
    receipt = world.chain.send(method, *arguments, sender=sender, value=value)
    after = world.balance(sender), world.balance(world.membership.address)
    assert (before[0] - after[0], after[1] - before[1]) == (amount, amount)
    return receipt


def gain(world: World, account: str, act: Callable[[], Receipt]) -> tuple[int, Receipt]:
    """What `account` gets out of the Membership by an act, and the receipt."""
    before = world.balance(account), world.balance(world.membership.address)
    receipt = act()
    got = world.balance(account) - before[0]
    assert before[1] - world.balance(world.membership.address) == got
    return got, receipt


def attempt(act: Callable[[], Receipt]) -> Receipt | Reverted:
    """The receipt, or why there is none."""
    try:
        return act()
    except Reverted as error:
        return error


def earned_of(amount: int, passed: int, length: int) -> int:
    """What of an amount is earned: linear, rounded up, never more than all."""
    return amount if passed >= length else min(amount, -(-amount * passed // length))


@dataclass
class Money:
    """The money of one membership by E1."""

    unearned: int = 0
    settled_at: int = 0
    earned_at: int = 0
    rate: int = 0

    def settle(self, now: int) -> tuple[int, int]:
        """What was earned, and the badge's part of it."""
        earned = earned_of(self.unearned, now - self.settled_at, self.earned_at - self.settled_at)
        self.unearned -= earned
        self.settled_at = now
        return earned, earned * self.rate // 10_000

    def pay(self, amount: int, rate: int, *, now: int, seconds: int, expires_at: int) -> None:
        """A payment into what was settled before, of which the badge will get `rate`."""
        if amount:
            self.rate = (self.unearned * self.rate + amount * rate) // (self.unearned + amount)
            self.unearned += amount
            self.earned_at = min(expires_at, max(now, self.earned_at) + seconds)

    def matches(self, state: dict[str, Any]) -> bool:
        found = (state["unearned"], state["settledAt"], state["earnedAt"], state["rate"])
        return found == astuple(self)


def limit_of(period: int, now: int) -> int:
    """The furthest that anybody may be paid ahead."""
    return now + max(period + DAY, 2 * 365 * DAY)


# Signatures


def sign(
    world: World, account: str, kind: str, *values: Any, chain_id: int = CHAIN_ID, contract: str = "", name: str = ""
) -> bytes:
    """The account's EIP-712 signature of a struct of the Membership (or of another contract)."""
    key = dict(zip(world.chain.accounts, private_keys(), strict=True))[account]
    typed = _typed(kind, values, chain_id, contract or world.membership.address, name or "Koinon Membership")
    return bytes(Account.sign_message(typed, key).signature)


def digest_of(world: World, kind: str, *values: Any) -> bytes:
    typed = _typed(kind, values, CHAIN_ID, world.membership.address, "Koinon Membership")
    return keccak(b"\x19" + typed.version + typed.header + typed.body)


def _typed(kind: str, values: Sequence[Any], chain_id: int, contract: str, name: str) -> Any:
    fields = [dict(zip(("type", "name"), field.split(" "), strict=True)) for field in SIGNED[kind].split(",")]
    message = {field["name"]: value for field, value in zip(fields, values, strict=True)}
    domain = {"name": name, "version": "1", "chainId": chain_id, "verifyingContract": contract}
    return encode_typed_data(domain, {kind: fields}, message)


def voucher_digest(world: World, voucher: Voucher) -> bytes:
    return digest_of(world, "Voucher", *astuple(voucher))


def permit(world: World, owner: str, value: int, *, nonce: int = 0, deadline: int = NEVER) -> tuple[Any, ...]:
    """A signed ERC-2612 permit for the Membership, as PermitToken takes it."""
    spender = world.membership.address
    signature = sign(
        world, owner, "Permit", owner, spender, value, nonce, deadline, contract=world.currency, name="Signed Dollar"
    )
    return value, deadline, signature[64], signature[:32], signature[32:64]


# Allow-lists


def leaf_of(account: str) -> bytes:
    """Hashed twice, so that no inner node can be taken for a leaf."""
    return keccak(keccak(bytes.fromhex(account[2:]).rjust(32, b"\0")))


def listed(*accounts: str) -> tuple[bytes, dict[str, list[bytes]]]:
    """Merkle root over the accounts, whose number is a power of two, and each one's proof."""
    level = [leaf_of(account) for account in accounts]
    proofs: dict[str, list[bytes]] = {account: [] for account in accounts}
    width = 1
    while len(level) > 1:
        for number, account in enumerate(accounts):
            proofs[account].append(level[(number // width) ^ 1])
        level = [keccak(b"".join(sorted(level[at : at + 2]))) for at in range(0, len(level), 2)]
        width *= 2
    return level[0], proofs


# Joins and renewals


def join_with(
    world: World,
    tier_id: int = MONTHLY,
    periods: int = 1,
    *,
    price: int | None = None,
    sender: str = "",
    recipient: str = "",
    badge: int = 0,
    currency: str = "",
    value: int | None = None,
    funds: int | None = None,
    **extras: Any,
) -> Receipt:
    """`joinWith` for a price per period (that of the tier by default), with what `extras_of` takes."""
    sender = sender or world.member
    price = world.price_of(tier_id) if price is None else price
    arguments = (tier_id, periods, price, currency or world.currency, recipient or sender, badge, extras_of(**extras))
    if value is None:
        value = 0 if world.token else price * periods
    if funds is None:
        return pay(world, world.membership.joinWith, *arguments, amount=price * periods, sender=sender, value=value)
    world.fund(sender, funds)
    return world.chain.send(world.membership.joinWith, *arguments, sender=sender, value=value)


def extras_of(
    *,
    proof: Sequence[bytes] = (),
    voucher: Voucher = NO_VOUCHER,
    signature: bytes = b"",
    consent: tuple[int, int, int] = NO_CONSENT_GIVEN,
    permit: tuple[Any, ...] = NO_PERMIT,
    released_id: int = 0,
    binding: tuple[int, bytes] = (0, b""),
) -> tuple[Any, ...]:
    """IMembershipDesk.JoinExtras; `binding` is deadline and signature."""
    return list(proof), astuple(voucher), signature, consent, permit, released_id, *binding


def renew_with(
    world: World,
    token_id: int,
    periods: int = 1,
    *,
    price: int | None = None,
    sender: str = "",
    badge: int = 0,
    currency: str = "",
    value: int | None = None,
    funds: int | None = None,
    proof: Sequence[bytes] = (),
    permit: tuple[Any, ...] = NO_PERMIT,
) -> Receipt:
    """`renewWith` by the member, for the price per period of the tier."""
    sender = sender or world.member
    price = PRICE if price is None else price
    arguments = (token_id, periods, price, currency or world.currency, badge, list(proof), permit)
    if funds is None:
        return pay(world, world.membership.renewWith, *arguments, amount=price * periods, sender=sender, value=value)
    world.fund(sender, funds)
    value = 0 if world.token else price * periods
    return world.chain.send(world.membership.renewWith, *arguments, sender=sender, value=value)


def change_tier(
    world: World,
    token_id: int,
    tier_id: int,
    periods: int = 0,
    *,
    amount: int = 0,
    least: int = 0,
    price: int | None = None,
    sender: str = "",
    currency: str = "",
    value: int | None = None,
    funds: int | None = None,
) -> Receipt:
    """`changeTier` by the member, for the tier's price and `amount` on top of what is unearned."""
    sender = sender or world.member
    price = world.price_of(tier_id) if price is None else price
    arguments: tuple[Any, ...] = (token_id, tier_id, periods, price, currency or world.currency, least, [])
    if funds is None:
        return pay(world, world.membership.changeTier, *arguments, amount=amount, sender=sender, value=value)
    world.fund(sender, funds)
    return world.chain.send(world.membership.changeTier, *arguments, sender=sender)


def join_by(
    world: World, badge: int, *, sender: str = "", tier_id: int = MONTHLY, periods: int = 1, price: int | None = None
) -> int:
    """Token id of a membership that the sender joined by an invitation."""
    sender = sender or world.member
    price = world.price_of(tier_id) if price is None else price
    arguments = (tier_id, periods, price, world.currency, sender, badge)
    receipt = pay(world, world.membership.join, *arguments, amount=price * periods, sender=sender)
    return int(receipt.only("MembershipJoined")["tokenId"])


def invited(world: World, **join: Any) -> tuple[int, int]:
    """`other` has joined and invited `member`: its badge, and the member's token id."""
    badge = world.join(sender=world.other)
    return badge, join_by(world, badge, **join)


def gift(world: World, recipient: str = "", **join: Any) -> int:
    """Token id of a membership that a stranger paid for the member."""
    return world.join(sender=world.stranger, recipient=recipient or world.member, **join)


# People


def give_role(world: World, account: str, role: int) -> str:
    world.chain.send(world.community.setRoles, account, role, sender=world.founder)
    return account


def set_rates(world: World, *, sender: str = "", **changes: int) -> Receipt:
    """A new version of the rates: the better ones, with changes."""
    rates = tuple((BETTER | changes).values())
    return world.chain.send(world.membership.setRates, rates, sender=sender or world.founder)


def issue(world: World, **fields: Any) -> dict[str, Any]:
    """A voucher with its signature, for `join_with`; the founder issues it unless `issuer` is named."""
    voucher = Voucher(**{"issuer": world.founder, **fields})
    return {"voucher": voucher, "signature": sign(world, voucher.issuer, "Voucher", *astuple(voucher))}


def agree(
    world: World,
    token_id: int,
    *,
    most: int | None = None,
    periods: int = 12,
    until: int = NEVER,
    sender: str = "",
) -> Receipt:
    """The holder lets keepers renew, by default at its tier's price."""
    price = world.price_of(world.state(token_id)["tierId"]) if most is None else most
    return world.chain.send(
        world.membership.setAutoRenew, token_id, (price, periods, until), sender=sender or world.member
    )


def consent(world: World, token_id: int) -> tuple[int, int, int]:
    """Most of a period, periods left, until."""
    live = world.chain.read(world.membership.consentOf, token_id)
    return live["maxPrice"], live["periodsLeft"], live["until"]


def prepay(world: World, amount: int, account: str = "") -> None:
    """`account` can be renewed by keepers for this much: prepaid coins, or an allowance."""
    account = account or world.member
    if world.token:
        world.fund(account, amount)
    else:
        world.chain.send(world.membership.addFunds, account, sender=world.chain.accounts[9], value=amount)


def renew_for(world: World, token_id: int, tip: int = 0) -> Receipt:
    """By a keeper."""
    return world.chain.send(world.membership.renewFor, token_id, tip, sender=world.stranger)


def transfer(world: World, token_id: int, source: str, to: str) -> Receipt:
    return world.chain.send(world.membership.transferFrom, source, to, token_id, sender=source)


def money_of(state: dict[str, Any]) -> dict[str, Any]:
    """What events with `money` alone say of a state."""
    return {name: value for name, value in state.items() if name not in ("expiresAt", "tierId", "badge")}


def ledger_of(world: World, badge: int) -> dict[str, Any]:
    return dict(world.chain.read(world.membership.ledgerOf, badge))


def expiry_after(world: World, seconds: int) -> int:
    return world.chain.now + seconds if seconds else FOR_LIFE
