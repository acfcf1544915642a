"""The source against a node over real HTTP that answers rightly, wrongly, or not at all."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from indexer.errors import FatalError, RetryableError
from indexer.rpc import BATCH, NodeBusy, NodeError, Rpc
from indexer.source import FIRST_SPAN, LOGS_PER_RANGE, LONGEST_SPAN, RangeTooLarge, Source, Span
from tests.factories.mirror import DECODER
from tests.fakes.chain import CHAIN_ID, FakeChain, FakeNode, Fault, serving
from tests.fakes.contracts import FACTORY, FakeCommunity, account

COMMUNITY = FakeCommunity(1)
OURS = [FACTORY, COMMUNITY.address, COMMUNITY.membership]


@pytest.fixture
def node(chain: FakeChain) -> Iterator[FakeNode]:
    chain.mine()
    chain.mine(*FakeCommunity(1).open())
    chain.mine()
    with serving(chain) as node:
        yield node


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def source(node: FakeNode, pauses: list[float]) -> Source:
    return Source(Rpc([node.url], CHAIN_ID, pause=pauses.append), topics=DECODER.topics)


def answering(body: Any, status: int = 200) -> Fault:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _requests, _answers: (status, raw)


def changed(index: int, **fields: Any) -> Fault:
    """The right answers, but result `index` has other fields."""

    def fault(_requests: Sequence[Any], answers: list[dict[str, Any]]) -> tuple[int, bytes]:
        result = answers[index]["result"]
        for entry in result if isinstance(result, list) else [result]:
            entry.update(fields)
        return 200, json.dumps(answers).encode()

    return fault


def replaced(index: int, **answer: Any) -> Fault:
    """The right answers, but answer `index` holds only this beside its id."""

    def fault(_requests: Sequence[Any], answers: list[dict[str, Any]]) -> tuple[int, bytes]:
        answers[index] = {"jsonrpc": "2.0", "id": answers[index]["id"]} | answer
        return 200, json.dumps(answers).encode()

    return fault


BREAK: Fault = answering(b"", status=0)
FAULTS: dict[str, Fault] = {
    "connection breaks": BREAK,
    "HTTP 500": answering(b"oops", status=500),
    "HTTP 502 with a page": answering(b"<html>", status=502),
    "truncated JSON": answering(b'[{"jsonrpc": "2.0", "id": 1, "res'),
    "no batch": answering("hello"),
    "batch of texts": answering(["hello"]),
    "empty batch": answering([]),
    "answer to another question": answering([{"jsonrpc": "2.0", "id": 99_999, "result": "0x1"}]),
    "neither result nor error": replaced(0),
    "error of the node": replaced(0, error={"code": -32603, "message": "internal\nerror"}),
    "error that is a text": replaced(0, error="nope"),
    "one error for the batch": answering({"jsonrpc": "2.0", "id": None, "error": {"code": -1, "message": "no"}}),
    "block without hash": changed(0, hash=None),
    "block with a short hash": changed(0, hash="0x12"),
    "block without a number": changed(0, number=None),
    "block that is a text": replaced(0, result="0x1"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_head_is_read_after_one_fault(node: FakeNode, source: Source, pauses: list[float], fault: Fault) -> None:
    source.head()
    node.faults = [fault]

    try:
        head = source.head()
    except RetryableError:
        head = source.head()  # a malformed answer is found after the call, which has no retries left to spend

    assert head.header.hash == node.chain.head.hash
    assert head.final_number in {0, node.chain.head.number - 128}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_head_raises_when_faults_do_not_end(node: FakeNode, source: Source, fault: Fault) -> None:
    source.head()
    node.faults = [fault] * 50

    with pytest.raises(RetryableError, match="The node"):
        source.head()


def test_pauses_grow_between_attempts(node: FakeNode, source: Source, pauses: list[float]) -> None:
    node.faults = [BREAK] * 3

    source.head()

    assert [0.02 < pauses[0] < 0.08, 0.09 < pauses[1] < 0.31, 0.39 < pauses[2] < 1.21] == [True] * 3
    assert source.rpc.errors == 3


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("900", 30.0), ("tomorrow", 1.0), (None, 1.0)])
def test_a_busy_node_is_given_the_pause_it_asks_for(
    node: FakeNode, source: Source, pauses: list[float], header: str | None, seconds: float
) -> None:
    node.headers = {} if header is None else {"Retry-After": header}
    node.faults = [answering(b"", status=429)]

    source.head()

    assert pauses == [seconds]


def test_a_busy_node_is_left_after_all_attempts(node: FakeNode, source: Source) -> None:
    node.faults = [answering(b"", status=429)] * 4

    with pytest.raises(NodeBusy, match="asks for a pause"):
        source.head()


def test_a_wrong_chain_id_is_fatal(node: FakeNode, source: Source) -> None:
    node.chain.chain_id = 1

    with pytest.raises(FatalError, match="is of chain 1, not 31337: fix KOINON_RPC or KOINON_CHAIN_ID"):
        source.head()


def test_a_chain_id_that_is_no_number_is_retried(node: FakeNode, source: Source) -> None:
    node.faults = [replaced(0, result=None)]

    assert source.head().header.hash == node.chain.head.hash


def test_the_next_endpoint_answers_when_the_first_is_away(node: FakeNode, pauses: list[float]) -> None:
    away = "http://127.0.0.1:1"
    source = Source(Rpc([away, node.url], CHAIN_ID, pause=pauses.append), topics=DECODER.topics)

    assert source.head().header.hash == node.chain.head.hash
    assert source.rpc.endpoint == node.url
    assert len(pauses) == 1


@pytest.mark.parametrize(
    ("url", "local"), [("http://localhost:1", True), ("http://[::1]:1", True), ("https://rpc.example/key", False)]
)
def test_a_node_on_this_machine_is_known(url: str, local: bool) -> None:
    assert Rpc([url], 1, pause=lambda _: None).local is local


def test_an_endpoint_is_shown_without_its_secrets() -> None:
    assert Rpc(["https://me:pw@rpc.example/v1/key"], 1, pause=lambda _: None).endpoint == "https://rpc.example"


@pytest.mark.parametrize("endpoints", [[], ["localhost:8545"], ["ws://localhost"], ["http://"]])
def test_a_wrong_endpoint_is_fatal(endpoints: list[str]) -> None:
    with pytest.raises(FatalError, match="KOINON_RPC"):
        Rpc(endpoints, 1, pause=lambda _: None)


def test_final_number_is_taken_from_the_tag(node: FakeNode, source: Source) -> None:
    node.chain.final_depth = 2

    assert source.head().final_number == 1


def test_what_is_final_is_never_above_the_head(node: FakeNode, source: Source) -> None:
    source.head()
    node.faults = [changed(1, number="0xffff")]

    assert source.head().final_number == 3


def test_nothing_is_final_when_the_node_says_so(node: FakeNode, source: Source) -> None:
    source.head()
    node.faults = [replaced(1, result=None)]

    assert source.head().final_number == -1


def test_final_number_is_far_below_the_head_when_the_node_does_not_know_the_tag(node: FakeNode, source: Source) -> None:
    node.chain.final_depth = None

    assert [source.head().final_number, source.head().final_number] == [3 - 128, 3 - 128]


def test_check_contract_is_content_when_there_is_code(source: Source) -> None:
    source.check_contract(FACTORY)


def test_check_contract_is_fatal_when_there_is_no_code(node: FakeNode, source: Source) -> None:
    node.chain.has_code = False

    with pytest.raises(FatalError, match=f"has no contract at {FACTORY}"):
        source.check_contract(FACTORY)


def test_headers_are_none_where_the_node_has_no_block(source: Source) -> None:
    first, missing = source.headers([1, 9])

    assert first is not None
    assert (first.number, missing) == (1, None)


def test_more_calls_than_a_batch_holds_are_split(node: FakeNode, source: Source) -> None:
    headers = source.headers([1] * (BATCH + 1))

    assert len(headers) == BATCH + 1
    assert [len(requests) for requests in node.requests] == [1, BATCH, 1]


@pytest.mark.parametrize("all_headers", [True, False])
@pytest.mark.parametrize("timestamps", [True, False])
def test_fetch_gives_logs_in_order_with_their_times(
    node: FakeNode, source: Source, all_headers: bool, timestamps: bool
) -> None:
    node.chain.timestamps_in_logs = timestamps

    fetched = source.fetch(1, 3, OURS, all_headers=all_headers)

    assert [(log.block_number, log.log_index) for log in fetched.logs] == [(2, index) for index in range(6)]
    assert fetched.times[2] == node.chain.blocks[2].timestamp
    assert set(fetched.headers) >= ({1, 2, 3} if all_headers else {1, 3})


def test_a_time_that_is_no_quantity_is_asked_for(node: FakeNode, source: Source) -> None:
    source.head()
    node.faults = [changed(0, blockTimestamp=5)]

    assert source.fetch(1, 3, OURS, all_headers=False).times[2] == node.chain.blocks[2].timestamp


def test_fetch_asks_for_many_addresses_in_several_calls(node: FakeNode, source: Source) -> None:
    others = [account(number) for number in range(1000)]

    fetched = source.fetch(1, 3, [*others, *OURS], all_headers=False)

    assert len(fetched.logs) == 6
    assert [request["method"] for request in node.requests[-1]].count("eth_getLogs") == 3


@pytest.mark.parametrize(
    "fields",
    [
        {"removed": True},
        {"blockNumber": "0x63"},
        {"blockNumber": None},
        {"address": account(5)},
        {"address": "0x12"},
        {"logIndex": "0x0"},
        {"data": "0x1"},
        {"data": None},
        {"topics": ["0x12"]},
        {"topics": ["0x" + "12" * 32]},
        {"blockHash": "0x" + "12" * 32},
        {"transactionHash": 5},
    ],
    ids=str,
)
@pytest.mark.parametrize("all_headers", [True, False])
def test_fetch_refuses_logs_that_cannot_be(
    node: FakeNode, source: Source, fields: dict[str, Any], all_headers: bool
) -> None:
    source.head()
    node.faults = [changed(0, **fields)]
    node.chain.timestamps_in_logs = False  # so that headers are asked and compared

    with pytest.raises(RetryableError):
        source.fetch(1, 3, OURS, all_headers=all_headers)


@pytest.mark.parametrize("result", [None, {}, "0x", ["0x"]])
def test_fetch_refuses_an_answer_that_is_no_list_of_logs(node: FakeNode, source: Source, result: object) -> None:
    source.head()
    node.faults = [replaced(0, result=result)]

    with pytest.raises(RetryableError, match="The node answered"):
        source.fetch(1, 3, OURS, all_headers=True)


def test_fetch_refuses_two_accounts_of_one_block(node: FakeNode, source: Source) -> None:
    def fault(_requests: Sequence[Any], answers: list[dict[str, Any]]) -> tuple[int, bytes]:
        answers[0]["result"][-1]["blockHash"] = "0x" + "12" * 32
        return 200, json.dumps(answers).encode()

    source.head()
    node.faults = [fault]

    with pytest.raises(RetryableError, match="two different accounts of block 2"):
        source.fetch(1, 3, OURS, all_headers=False)


def test_fetch_refuses_headers_that_are_not_linked(node: FakeNode, source: Source) -> None:
    source.head()
    node.faults = [changed(2, parentHash="0x" + "12" * 32)]

    with pytest.raises(RetryableError, match="The chain changed at block 2"):
        source.fetch(1, 3, OURS, all_headers=True)


def test_fetch_refuses_another_block_than_asked_for(node: FakeNode, source: Source) -> None:
    source.head()
    node.faults = [changed(1, number="0x9")]

    with pytest.raises(RetryableError, match="with block 9 instead of 1"):
        source.fetch(1, 3, OURS, all_headers=True)


def test_fetch_refuses_a_range_beyond_the_head(source: Source) -> None:
    with pytest.raises(RetryableError, match="does not have block 4"):
        source.fetch(1, 4, OURS, all_headers=False)


def test_fetch_refuses_times_of_a_block_that_changed_meanwhile(node: FakeNode, source: Source) -> None:
    source.head()
    node.chain.timestamps_in_logs = False
    node.faults = [None, changed(0, hash="0x" + "12" * 32)]

    with pytest.raises(RetryableError, match="The chain changed at block 2"):
        source.fetch(1, 3, OURS, all_headers=False)


def test_fetch_hears_a_block_whose_logs_were_left_out(node: FakeNode, source: Source) -> None:
    source.head()
    node.faults = [replaced(0, result=[])]

    fetched = source.fetch(1, 3, OURS, all_headers=True)

    assert len(fetched.logs) == 6
    assert "blockHash" in node.requests[-1][0]["params"][0]


def test_fetch_does_not_ask_twice_for_a_block_of_others(node: FakeNode, source: Source) -> None:
    node.chain.mine(*FakeCommunity(2).open()[1:])
    source.head()
    before = len(node.requests)

    fetched = source.fetch(4, 4, OURS, all_headers=True)

    assert fetched.logs == []
    assert len(node.requests) == before + 1


@pytest.mark.parametrize("most", [3, 5])
def test_fetch_says_when_the_range_is_too_large(node: FakeNode, source: Source, most: int) -> None:
    node.chain.most_logs = most

    with pytest.raises(RangeTooLarge, match=f"more than {most} results"):
        source.fetch(1, 3, OURS, all_headers=False)


def test_fetch_says_when_the_answer_is_too_large(node: FakeNode, source: Source) -> None:
    source.head()
    node.faults = [answering(b"", status=413)]

    with pytest.raises(RangeTooLarge, match="HTTP 413"):
        source.fetch(1, 3, OURS, all_headers=False)


def test_one_block_cannot_be_too_large(node: FakeNode, source: Source) -> None:
    node.chain.most_logs = 3

    with pytest.raises(NodeError, match="more than 3 results"):
        source.fetch(2, 2, OURS, all_headers=False)


def test_span_shrinks_and_grows_back_within_its_bounds() -> None:
    span = Span()

    span.shrink()
    assert span.blocks == FIRST_SPAN // 2
    span.learn(LOGS_PER_RANGE + 1)
    assert span.blocks == FIRST_SPAN // 4
    span.learn(LOGS_PER_RANGE)
    assert span.blocks == FIRST_SPAN // 4
    for _ in range(20):
        span.learn(0)
    assert span.blocks == LONGEST_SPAN
    for _ in range(20):
        span.shrink()
    assert span.blocks == 1
