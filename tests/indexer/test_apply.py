"""Which events stored logs are, and of which community."""

import pytest

from indexer.apply import place, read_among
from indexer.events import RawLog
from indexer.events.community import RolesSet
from indexer.registry import root_registry
from indexer.tables.columns import ZERO_ADDRESS
from tests.factories.mirror import DECODER, DEPLOYMENT
from tests.fakes.chain import FakeLog
from tests.fakes.contracts import FakeCommunity, account
from tests.fakes.suite import SALE, sale_made

OURS, STRANGER = FakeCommunity(1), FakeCommunity(2)


def raw(*logs: FakeLog) -> list[RawLog]:
    """The logs of block 1."""
    return [
        RawLog(1, index, "0x", "0x", 0, log.address, b"".join(log.topics), log.data) for index, log in enumerate(logs)
    ]


def test_place_gives_each_event_its_community() -> None:
    registry = root_registry(DEPLOYMENT)
    logs = raw(*OURS.open(), sale_made(OURS))

    placed = place(logs, times={1: 7}, decoder=DECODER, registry=registry)

    assert [at.log_index for at, _ in placed] == list(range(len(logs)))
    assert {(at.community, at.membership, at.at) for at, _ in placed} == {(OURS.address, OURS.membership, 7)}
    assert registry.contracts[SALE].kind == "Crowdsale"


@pytest.mark.parametrize(
    "log",
    [
        STRANGER.hub(RolesSet(account(1), 1)),
        FakeLog(OURS.membership, OURS.move_badge(1, ZERO_ADDRESS, account(1))[0].topics, b""),
        sale_made(STRANGER),
    ],
    ids=["of a stranger", "of an event that is not read there", "of a stranger's sale"],
)
def test_place_passes_over_a_log(log: FakeLog) -> None:
    opened = OURS.open()

    placed = place(raw(*opened, log), times={1: 7}, decoder=DECODER, registry=root_registry(DEPLOYMENT))

    assert len(placed) == len(opened)


def test_read_among_leaves_out_what_another_kind_of_contract_is_asked_for() -> None:
    registry = root_registry(DEPLOYMENT)
    opened = OURS.open()
    place(raw(*opened), times={1: 7}, decoder=DECODER, registry=registry)
    [transfer] = OURS.move_badge(1, ZERO_ADDRESS, account(1))
    logs = raw(*opened, transfer, FakeLog(OURS.membership, transfer.topics, transfer.data))

    assert read_among(logs, decoder=DECODER, registry=registry) == logs[:-1]
