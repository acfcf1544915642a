"""Who is in the demo: the funded accounts of the local chain, by anvil's own well-known mnemonic."""

from dataclasses import dataclass
from functools import cache

from eth_account import Account
from eth_account.signers.local import LocalAccount

MNEMONIC = "test test test test test test test test test test test junk"
"""Public for a decade: nothing of worth may ever belong to these accounts."""
ACCOUNTS = 20
"""How many the node unlocks and funds."""

Account.enable_unaudited_hdwallet_features()


@dataclass(frozen=True)
class Persona:
    """Somebody that a visitor of the demo can be."""

    persona: str
    name: str
    index: int

    @property
    def address(self) -> str:
        return account_of(self.index).address


FOUNDER = Persona("founder", "Vera (founder)", 1)
MEMBER = Persona("member", "Tomas (member)", 2)
OUTSIDER = Persona("outsider", "Noor (outsider)", 3)
HOLDER = Persona("holder", "Ilse (holder)", 5)
PERSONAS = (OUTSIDER, MEMBER, FOUNDER, HOLDER)


@cache
def account_of(index: int) -> LocalAccount:
    """The account with this index; 0 pays for what nobody in the story would pay."""
    account: LocalAccount = Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")
    return account
