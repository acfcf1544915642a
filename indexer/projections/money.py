"""What several contracts do alike with money that is not theirs -> rows."""

from indexer.events import Position
from indexer.projections.rows import Rows
from indexer.tables.membership import Sweep
from indexer.tables.renewals import Funds


def funds_are(rows: Rows, at: Position, account: str, amount: int) -> None:
    """The contract holds this for the account."""
    rows.put(Funds, contract=at.contract, account=account, amount=amount, block_number=at.block_number)
    rows.tell("funds", community=at.community, contract=at.contract, account=account)


def swept_by(rows: Rows, at: Position, *, token: str, to: str, amount: int) -> None:
    """What nobody owned has left the contract."""
    rows.append(
        Sweep,
        contract=at.contract,
        block_number=at.block_number,
        log_index=at.log_index,
        token=token,
        sent_to=to,
        amount=amount,
        tx_hash=at.tx_hash,
        at=at.at,
    )
    rows.tell("sweep", community=at.community, contract=at.contract, token=token)
