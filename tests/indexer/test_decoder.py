"""Every event is read back as it was encoded by eth-abi; anything else is refused with its place."""

import copy
from typing import Any, get_args, get_type_hints

import pytest
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic
from hypothesis import given
from hypothesis import strategies as st

from indexer.decoder import Decoder
from indexer.deployments import Abi, load_abi
from indexer.errors import FatalError
from indexer.events import EVENTS, Event, RawLog
from indexer.events.badges import Achievement, AchievementSet
from indexer.events.community import CommunityOpened, HomeMoved, KeySet, SharesSet, Split
from indexer.events.membership import MembershipJoined, TierSet
from indexer.events.text import label_text, readable
from tests.factories.events import CONTRACT_OF, event_abi, log_of
from tests.factories.mirror import DECODER
from tests.fakes.chain import FakeLog
from tests.fakes.contracts import TIER, FakeCommunity, account

CLASSES = [cls for classes in EVENTS.values() for cls in classes]
JOINED = MembershipJoined(1, account(1), 1, account(2), 10, 1, terms=2**96 - 1, money=2**224 - 1)
SHARES = SharesSet(account(1), 300, account(2), 1000, (Split(account(3), 5), Split(account(4), 6)), 7)


def raw(log: FakeLog, **changes: Any) -> RawLog:
    values: dict[str, Any] = {"block_number": 7, "log_index": 3, "block_hash": "0x", "tx_hash": "0x", "tx_index": 0}
    values |= {"address": log.address, "topics": b"".join(log.topics), "data": log.data}
    return RawLog(**values | changes)


def abis() -> dict[str, Abi]:
    return {name: copy.deepcopy(load_abi(name)) for name in EVENTS}


def described(abi: Abi, name: str) -> dict[str, Any]:
    [entry] = [entry for entry in abi if entry["type"] == "event" and entry["name"] == name]
    return entry


def values_of(argument: dict[str, Any], hint: Any) -> st.SearchStrategy[Any]:
    kind = argument["type"]
    if kind.endswith("[]"):
        element = values_of(argument | {"type": kind.removesuffix("[]")}, get_args(hint)[0])
        return st.lists(element, max_size=3).map(tuple)
    if kind == "tuple":
        hints = get_type_hints(hint)
        parts = zip(argument["components"], hints.values(), strict=True)
        return st.builds(hint, *(values_of(component, part) for component, part in parts))
    if kind.startswith("uint"):
        return st.integers(0, 2 ** int(kind[4:]) - 1)
    if kind == "string":
        return st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
    if kind == "bool":
        return st.booleans()
    if kind == "bytes":
        return st.binary(max_size=70)
    size = 20 if kind == "address" else 32
    return st.binary(min_size=size, max_size=size).map(lambda raw: "0x" + raw.hex())


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: f"{CONTRACT_OF[cls]}.{cls.__name__}")
def test_decode_gives_back_what_was_encoded(cls: type) -> None:
    contract = CONTRACT_OF[cls]
    entry = event_abi(contract, cls.__name__)
    hints = get_type_hints(cls)
    arguments = [values_of(argument, hint) for argument, hint in zip(entry["inputs"], hints.values(), strict=True)]

    @given(event=st.builds(cls, *arguments))
    def check(event: Event) -> None:
        assert DECODER.decode(contract, raw(log_of(account(1), event))) == event

    check()


def test_decode_gives_none_for_an_event_of_another_contract() -> None:
    assert DECODER.decode("Community", raw(log_of(account(1), JOINED))) is None


def test_topics_has_one_for_each_kind_of_event() -> None:
    entries: list[Any] = [event_abi(CONTRACT_OF[cls], cls.__name__) for cls in CLASSES]
    assert DECODER.topics == sorted({"0x" + event_abi_to_log_topic(entry).hex() for entry in entries})


def test_readable_text_replaces_what_no_database_takes() -> None:
    log = log_of(account(1), HomeMoved(1, "a\0b", account(2), "0x" + "00" * 32, 0))
    data = log.data.replace(b"a\0b", b"a\0\xff")

    event = DECODER.decode("Community", raw(log, data=data))

    assert isinstance(event, HomeMoved)
    assert event.uri == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"


def test_label_text_ends_at_its_padding() -> None:
    assert label_text("0x" + "Ärzte\0x".encode().ljust(32, b"\0").hex()) == "Ärzte\N{REPLACEMENT CHARACTER}x"


@pytest.mark.parametrize("turn", "\u202a\u202e\u2066\u2069")
def test_text_turns_nothing_that_is_written_after_it(turn: str) -> None:
    assert readable(f"X{turn}".encode()) == "X\N{REPLACEMENT CHARACTER}"
    assert readable("עברית\u200f".encode()) == "עברית\u200f"


def test_decode_refuses_data_that_is_too_short() -> None:
    log = log_of(account(1), JOINED)

    with pytest.raises(FatalError, match=r"Log 3 of block 7 .*cannot be decoded"):
        DECODER.decode("Membership", raw(log, data=log.data[:-1]))


def test_decode_refuses_a_missing_topic() -> None:
    log = log_of(account(1), JOINED)

    with pytest.raises(FatalError, match="96 bytes of topics"):
        DECODER.decode("Membership", raw(log, topics=b"".join(log.topics[:3])))


def test_decode_refuses_an_address_of_more_than_20_bytes() -> None:
    log = log_of(account(1), KeySet(account(1), "0x" + "00" * 32, 5))

    with pytest.raises(FatalError, match="more than 20 bytes"):
        DECODER.decode("Community", raw(log, topics=log.topics[0] + b"\1" * 32 + log.topics[2]))


@pytest.mark.parametrize(("word", "value"), [(0, 2**96), (13, 2)], ids=["uint96", "bool"])
def test_decode_refuses_a_number_beyond_its_type(word: int, value: int) -> None:
    log = log_of(account(1), TierSet(1, TIER))
    offset = 32 * (1 + word) if word == 0 else 32 * word
    data = log.data[:offset] + value.to_bytes(32, "big") + log.data[offset + 32 :]

    with pytest.raises(FatalError, match=f"{value} is no (uint96|bool)"):
        DECODER.decode("Membership", raw(log, data=data))


@pytest.mark.parametrize("value", [2**255, 10_000])
def test_decode_refuses_a_string_that_starts_beyond_the_data(value: int) -> None:
    log = log_of(account(1), HomeMoved(1, "uri", account(2), "0x" + "00" * 32, 0))

    with pytest.raises(FatalError, match="is cut off"):
        DECODER.decode("Community", raw(log, data=value.to_bytes(32, "big") + log.data[32:]))


def test_decode_refuses_a_string_that_is_longer_than_the_data() -> None:
    log = log_of(account(1), HomeMoved(1, "uri", account(2), "0x" + "00" * 32, 0))
    length = (10_000).to_bytes(32, "big")

    with pytest.raises(FatalError, match="a text of 10000 bytes"):
        DECODER.decode("Community", raw(log, data=log.data[:128] + length + log.data[160:]))


def test_decode_refuses_an_array_that_is_longer_than_the_data() -> None:
    log = log_of(account(1), SHARES)
    start = 6 * 32
    assert int.from_bytes(log.data[start : start + 32], "big") == 2

    with pytest.raises(FatalError, match="an array of 3 elements has"):
        DECODER.decode("Community", raw(log, data=log.data[: start + 31] + b"\3" + log.data[start + 32 :]))


def test_decode_refuses_an_array_that_starts_beyond_the_data() -> None:
    log = log_of(account(1), SHARES)
    start = 4 * 32

    with pytest.raises(FatalError, match="is cut off"):
        DECODER.decode("Community", raw(log, data=log.data[:start] + b"\xff" * 32 + log.data[start + 32 :]))


def test_decoder_refuses_an_abi_with_an_event_that_no_class_reads() -> None:
    changed = abis()
    changed["Membership"].append({"type": "event", "name": "Surprise", "inputs": []})

    with pytest.raises(FatalError, match="ABI and event classes of Membership differ in Surprise"):
        Decoder(changed)


def test_decoder_refuses_an_abi_without_an_event() -> None:
    changed = abis()
    changed["CommunityFactory"] = []

    with pytest.raises(FatalError, match="CommunityFactory differ in CommunityOpened"):
        Decoder(changed)


def test_decoder_refuses_another_name_of_a_field() -> None:
    changed = abis()
    described(changed["Community"], "KeySet")["inputs"][2]["name"] = "expiresAt"

    with pytest.raises(FatalError, match="class of KeySet differ"):
        Decoder(changed)


def test_decoder_refuses_another_type_of_a_field() -> None:
    changed = abis()
    described(changed["Membership"], "TierSet")["inputs"][1]["components"][13]["type"] = "uint8"

    with pytest.raises(FatalError, match=r"class of TierSet\.tier differ: paused is uint8, not bool"):
        Decoder(changed)


def test_decoder_refuses_a_struct_where_the_class_has_a_number() -> None:
    changed = abis()
    described(changed["Community"], "KeySet")["inputs"][2] |= {"type": "tuple", "components": []}

    with pytest.raises(FatalError, match="until is tuple, not int"):
        Decoder(changed)


def test_reads_tells_events_of_one_kind_of_contract_from_those_of_another() -> None:
    [moved] = FakeCommunity(1).move_badge(5, account(1), account(2))
    topics = b"".join(moved.topics)

    assert DECODER.reads("Badges", topics)
    assert not DECODER.reads("Membership", topics)


def test_decode_refuses_a_struct_that_is_cut_off() -> None:
    log = log_of(account(1), AchievementSet(1, Achievement("0x" + "11" * 32, 0, 0, False, account(1), 0, "", "")))

    with pytest.raises(FatalError, match="is cut off"):
        DECODER.decode("Badges", raw(log, data=log.data[: 32 * 8]))


def test_decoder_refuses_an_array_of_what_has_no_fixed_size() -> None:
    changed = abis()
    described(changed["Badges"], "AchievementGranted")["inputs"][3]["type"] = "string[]"

    with pytest.raises(FatalError, match="array of string of changing size"):
        Decoder(changed)


def test_decoder_refuses_another_type_within_an_array() -> None:
    changed = abis()
    described(changed["Community"], "SharesSet")["inputs"][4]["components"][1]["type"] = "bytes32"

    with pytest.raises(FatalError, match=r"class of SharesSet\.splits differ: bps is bytes32, not int"):
        Decoder(changed)


def test_decoder_refuses_an_array_where_the_class_has_a_number() -> None:
    changed = abis()
    described(changed["Community"], "KeySet")["inputs"][2]["type"] = "uint40[]"

    with pytest.raises(FatalError, match=r"until is uint40\[\], not int"):
        Decoder(changed)


def test_abi_of_opened_community_is_the_one_that_the_class_describes() -> None:
    entry = event_abi("CommunityFactory", CommunityOpened.__name__)

    assert [collapse_if_tuple(argument) for argument in entry["inputs"]].count("string") == 3
