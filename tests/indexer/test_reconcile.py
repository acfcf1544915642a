"""The books hold after a history in which money went every way, and each wrong row in them is named."""

import json
from typing import Any

import pytest
from sqlalchemy import Boolean, Table, delete, select, update

from indexer.deployments import Deployment, load_deployment
from indexer.errors import FatalError, RetryableError
from indexer.ledgers import OWED, REPEATED, SUMMED
from indexer.reconcile import Books, reconcile
from indexer.rpc import NodeError, Rpc
from indexer.source import Source
from indexer.tables import PROJECTED, SCHEMA, metadata
from indexer.tables.columns import Address, Hash32
from indexer.tables.community import Split
from indexer.tables.membership import Membership
from indexer.verify import verify
from tests.factories.books import Books as Played
from tests.factories.mirror import DECODER
from tests.factories.story import Story
from tests.fixtures.anvil import Anvil
from tests.fixtures.koinon import Deployed

PARTS = [part for summed in SUMMED for part in summed.parts] + [owed.part for owed in OWED]
MONEY = sorted(
    {(str(each.model.__tablename__), name) for each in REPEATED for name in each.columns}
    | {(str(summed.model.__tablename__), summed.column) for summed in SUMMED}
    | {(str(part.model.__tablename__), name) for part in PARTS for name in (*part.plus, *part.minus)}
)
"""Every column of the tables that says how much money there is."""


class Proof:
    """A played history, and what reconciling says of it."""

    def __init__(self, played: Played, deployment: Deployment) -> None:
        self.played, self.deployment = played, deployment
        self.connection = played.story.connection
        self.rpc = Rpc([played.anvil.url], deployment.chain_id, pause=lambda _: None)

    def books(self, community: str | None = None) -> Books:
        return reconcile(self.connection, self.rpc, deployment=self.deployment, community=community)

    def spoil(self, table: Table, column: str) -> str | None:
        """A row of the table has another value there; its key as reports name it, None if there is no row."""
        row = self.connection.execute(select(table).order_by(*table.primary_key.columns)).mappings().first()
        if row is None:
            return None
        here = [each == row[each.name] for each in table.primary_key]
        self.connection.execute(update(table).where(*here).values({column: another(table, column, row[column])}))
        return "/".join(str(row[each.name]) for each in table.primary_key)


def another(table: Table, column: str, value: Any) -> Any:
    kind = table.c[column].type
    if isinstance(kind, Boolean):
        return not value
    if isinstance(kind, Address | Hash32):
        return "0x" + "a7" * kind.size
    return value + 1 if isinstance(value, int) else "another"


@pytest.fixture
def proof(story: Story, deployed: Deployed) -> Proof:
    document = json.loads((deployed.folder / f"{deployed.anvil.chain_id}.json").read_text())
    played = Played(story, document["contracts"]["Market"]["address"].lower())
    return Proof(played, load_deployment(deployed.folder, deployed.anvil.chain_id))


def table_of(name: str) -> Table:
    return metadata.tables[f"{SCHEMA}.{name}"]


def test_books_are_whole_to_the_last_unit_after_every_kind_of_payment(proof: Proof) -> None:
    with proof.connection.begin():
        books = proof.books()

    assert books.wrong == []
    assert [each for each in books.accounts if each.unasked] == []
    kinds = {each.kind for each in books.accounts if each.balance}
    assert kinds == {"Membership", "Store", "Market", "Crowdsale", "CommunityToken"}
    assert books.as_json()["ok"] is True
    assert books.compared > 100


def test_books_name_every_wrong_figure_of_money(proof: Proof) -> None:
    unseen = []
    for name, column in MONEY:
        with proof.connection.begin() as transaction:
            key = proof.spoil(table_of(name), column)
            assert key is not None, f"the story leaves {name} empty"
            wrong = proof.books().wrong
            transaction.rollback()
        named = [each for each in wrong if each.table == name and each.row == key and each.what == column]
        if not named and not any(name in each.by for each in wrong):
            unseen.append((name, column))

    assert unseen == []


def test_books_name_the_ledger_when_an_event_is_missing(proof: Proof) -> None:
    unseen = []
    for name in sorted({str(part.model.__tablename__) for part in PARTS}):
        with proof.connection.begin() as transaction:
            proof.connection.execute(delete(table_of(name)))
            wrong = proof.books().wrong
            transaction.rollback()
        if not wrong:
            unseen.append(name)

    assert unseen == ["funds"]  # no sum contradicts it: it looks like a gift, and a fresh index names it


def test_books_name_the_community_when_a_partner_is_forgotten(proof: Proof) -> None:
    with proof.connection.begin() as transaction:
        proof.connection.execute(delete(table_of(str(Split.__tablename__))))
        wrong = proof.books().wrong
        transaction.rollback()

    assert {each.table for each in wrong} == {"communities"}
    assert {each.what.partition(" 0x")[0] for each in wrong} == {"dues from"}


def test_books_say_what_nobody_owns(proof: Proof) -> None:
    membership = proof.played.economy.membership
    proof.played.anvil.rpc("anvil_setBalance", membership, hex(balance_of(proof.played.anvil, membership) + 5))
    proof.played.anvil.mine()
    proof.played.story.index()

    with proof.connection.begin():
        books = proof.books()

    assert books.wrong == []
    assert {each.contract: each.unasked for each in books.accounts if each.unasked} == {membership: 5}


def test_books_name_the_contract_that_lacks_money(proof: Proof) -> None:
    store = proof.played.economy.store
    proof.played.anvil.rpc("anvil_setBalance", store, hex(balance_of(proof.played.anvil, store) - 1))
    proof.played.anvil.mine()
    proof.played.story.index()

    with proof.connection.begin():
        [wrong] = proof.books().wrong

    assert (wrong.table, wrong.row, wrong.ours - wrong.theirs) == ("Store", store, 1)


def test_books_of_one_community_leave_others_out(proof: Proof) -> None:
    other, _ = proof.played.story.open()
    with proof.connection.begin() as transaction:
        proof.spoil(table_of("collections"), "amount")
        mine, theirs = proof.books(proof.played.economy.community), proof.books(other)
        transaction.rollback()

    assert mine.wrong
    assert theirs.wrong == []
    assert {each.community for each in theirs.accounts} == {other}
    assert "Market" not in {each.kind for each in mine.accounts}


def test_books_of_an_unknown_community_are_refused(proof: Proof) -> None:
    with proof.connection.begin(), pytest.raises(FatalError, match="There is no community 0x11"):
        proof.books("0x" + "11" * 20)


def test_books_name_a_row_that_the_contract_does_not_know(proof: Proof) -> None:
    with proof.connection.begin() as transaction:
        table = table_of(str(Membership.__tablename__))
        row = dict(proof.connection.execute(select(table)).mappings().first())
        proof.connection.execute(table.insert().values(row | {"token_id": 999, "contract": "0x" + "99" * 20}))
        proof.connection.execute(table.insert().values(row | {"token_id": 998, "unearned": 3}))
        wrong = {(each.row.rpartition("/")[2], each.what) for each in proof.books().wrong}
        transaction.rollback()

    assert {("999", "expires_at"), ("998", "unearned"), ("998", "expires_at")} <= wrong


def test_books_wait_for_a_node_that_refuses(proof: Proof) -> None:
    proof.rpc.call = refuse  # type: ignore[method-assign]

    with proof.connection.begin(), pytest.raises(RetryableError, match="refused eth_call"):
        proof.books()


def test_verify_names_a_wrong_row_of_every_table(proof: Proof) -> None:
    source = Source(proof.rpc, topics=DECODER.topics)
    expected = {}
    with proof.connection.begin() as transaction:
        for model in PROJECTED:
            table = table_of(str(model.__tablename__))
            column = next(each.name for each in table.c if not each.primary_key)
            if (key := proof.spoil(table, column)) is not None:
                expected[table.name] = key
        verdict = verify(proof.connection, source, deployment=proof.deployment, decoder=DECODER, clock=lambda: 0.0)
        transaction.rollback()

    assert len(expected) > 35
    assert {name: table.examples for name, table in verdict.tables.items() if not table.ok} == {
        name: [key] for name, key in expected.items()
    }


def balance_of(anvil: Anvil, account: str) -> int:
    return int(anvil.rpc("eth_getBalance", account, "latest"), 16)


def refuse(calls: Any, **_: Any) -> Any:
    raise NodeError(calls[0][0], "limit reached")
