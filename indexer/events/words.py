"""The words into which contracts pack what they store, taken apart. Pure.

The layouts stand in contracts/membership/IMembershipBase.sol and contracts/crowdsale/ICrowdsale.sol; a test compares
them with those.
"""

HOUR = 3600
COUNTED, CHOSEN, RELEASED = 1, 2, 4  # flags of a membership
TIER, VOTED = 1, 2  # flags of a contribution


class Layout:
    """Fields in one unsigned number, given from the highest bits to the lowest. One named `_` holds nothing."""

    def __init__(self, **bits: int) -> None:
        self.bits = bits
        shift = sum(bits.values())
        places = []
        for name, width in bits.items():
            shift -= width
            places.append((name, shift, (1 << width) - 1))
        self._places = [place for place in places if place[0] != "_"]

    def fields_of(self, word: int) -> dict[str, int]:
        return {name: word >> shift & mask for name, shift, mask in self._places}


TERMS = Layout(expires_at=40, tier_id=16, badge=40)
MONEY = Layout(unearned=96, settled_at=36, earned_at=36, rate=12, count_at=24, transfer_count=16, flags=4)
LEDGER = Layout(income=112, volume=104, counted=20, level=2, version=14, used=1, minted=1, _=2)
CONTRIBUTION = Layout(amount=96, bought=104, badge=40, flags=16)
RAISED = Layout(amount=96, tier_money=96, finalized_at=40, _=24)


def terms_of(word: int) -> dict[str, int]:
    """`expires_at` (exclusive; 2**40 - 1 = for life), `tier_id`, and the `badge` that the member is bound to."""
    return TERMS.fields_of(word)


def money_of(word: int) -> dict[str, int | bool]:
    """What of a membership is money and counting. All times are unix seconds; `count_at` 0 = nothing to count."""
    fields = MONEY.fields_of(word)
    flags = fields.pop("flags")
    fields["count_at"] *= HOUR
    return fields | {
        "counted": flags & COUNTED != 0,
        "chosen": flags & CHOSEN != 0,
        "released": flags & RELEASED != 0,
    }


def ledger_of(word: int) -> dict[str, int | bool]:
    """What a badge has earned in all, and its level (0 bronze, 1 silver, 2 gold)."""
    fields = LEDGER.fields_of(word)
    return fields | {"used": fields["used"] != 0, "minted": fields["minted"] != 0}


def contribution_of(word: int) -> dict[str, int | bool]:
    """What is recorded for a contributor: `bought` are tokens or periods; `tier`: a membership is paid out of it."""
    fields = CONTRIBUTION.fields_of(word)
    flags = fields.pop("flags")
    return fields | {"tier": flags & TIER != 0, "voted": flags & VOTED != 0}


def raised_of(word: int) -> dict[str, int]:
    """The `amount` that a sale has raised, `tier_money` of it for memberships, and `finalized_at` (0 = not yet)."""
    return RAISED.fields_of(word)
