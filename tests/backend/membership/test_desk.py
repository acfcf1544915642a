"""The owner's desk: members page by page, lists and their proofs, grants read line by line, vouchers."""

import base64
import csv
import io
import json
from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from backend import clock
from backend.membership.grants import lines_of
from backend.membership.lists import proof_of, tree_of
from backend.membership.queries import tiers_of
from backend.membership.vouchers import FIELDS
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import CommunityRole
from tests.factories.home import CHAIN_ID, COMMUNITY, MEMBERSHIP, Author, TestHome, membership_row, tier_row

API = f"/api/communities/{COMMUNITY}"
MANAGE = f"/c/{COMMUNITY}/manage"
DAY = 86_400


def account(number: int) -> str:
    return f"0x{number:040x}"


def members(home: TestHome, count: int) -> None:
    now = clock.now()
    home.write(*(membership_row(n, account(n << 140), 1 + n % 2, now + n * DAY, 1) for n in range(1, count + 1)))


def test_pages_and_lists_are_for_the_owner_alone(home: TestHome) -> None:
    paths = [f"{MANAGE}/{name}" for name in ("tiers", "people", "people.csv", "vouchers", "money", "profile")]
    paths += [f"/fragments{MANAGE}/{name}" for name in ("tiers", "people", "vouchers", "money")]

    for path in [*paths, f"{API}/people"]:
        assert home.client().get(path).status_code == 401, path
        assert home.client(home.author(2)).get(path).status_code == 403, path
        assert home.client(home.owner).get(path).status_code == 200, path
    for path, body in (("allow-lists", {"accounts": account(1)}), ("grants/check", {"text": account(1)})):
        assert home.client(home.author(2)).post(f"{API}/{path}", json=body).status_code == 403


def test_people_are_paged_by_who_ends_next(home: TestHome) -> None:
    members(home, 120)
    client = home.client(home.owner)

    pages, after = [], None
    while True:
        page = client.get(f"{API}/people", params={"after": after} if after else {}).json()
        pages.append([each["token_id"] for each in page["people"]])
        after = page["after"]
        if after is None:
            break

    assert [len(page) for page in pages] == [50, 50, 20]
    assert [token for page in pages for token in page] == list(range(1, 121))


def test_people_are_found_by_address_number_tier_and_state(home: TestHome) -> None:
    members(home, 6)
    home.write(membership_row(7, account(7 << 140), 3, clock.now() - DAY, 1))
    client = home.client(home.owner)

    def found(**asked: Any) -> list[int]:
        return [each["token_id"] for each in client.get(f"{API}/people", params=asked).json()["people"]]

    assert found(q=account(3 << 140)[:12]) == [3]
    assert found(q=to_checksum_address(account(3 << 140))) == [3]
    assert found(q="#4") == [4]
    assert found(tier=1) == [2, 4, 6]
    assert found(state="expired") == [7]
    assert found(state="all")[-1] == 7
    assert found(q="' OR 1=1 --") == []
    assert client.get(f"{API}/people", params={"q": "x" * 61}).status_code == 422
    assert client.get(f"{API}/people", params={"after": "1"}).status_code == 422


def test_people_go_into_a_file_without_formulas(home: TestHome) -> None:
    members(home, 3)
    home.write(tier_row(1, label="=HYPERLINK(1)"), tier_row(2, label="\t=HYPERLINK(1)"))

    lines = list(csv.DictReader(io.StringIO(home.client(home.owner).get(f"{MANAGE}/people.csv").text)))

    assert [line["membership"] for line in lines] == ["3", "2", "1"]
    assert {line["tier_label"] for line in lines} >= {"'=HYPERLINK(1)", "'\t=HYPERLINK(1)"}


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(1, 1 << 160), min_size=1, max_size=20))
def test_every_account_of_a_list_has_a_proof(numbers: set[int]) -> None:
    accounts = sorted(account(number - 1) for number in numbers)

    root, proofs = tree_of(accounts)

    for each in accounts:
        node = keccak(keccak(bytes.fromhex(each[2:]).rjust(32, b"\0")))
        for sibling in proofs[each]:
            node = keccak(b"".join(sorted((node, sibling))))
        assert "0x" + node.hex() == root


def test_a_list_is_kept_and_gives_proofs_to_its_own(home: TestHome) -> None:
    wanted = [account(n) for n in range(1, 6)]
    client = home.client(home.owner)

    made = client.post(
        f"{API}/allow-lists", json={"accounts": "\n".join([*wanted, wanted[0].upper().replace("X", "x")])}
    )
    again = client.post(f"{API}/allow-lists", json={"accounts": ", ".join(reversed(wanted))}).json()
    wrong = client.post(f"{API}/allow-lists", json={"accounts": f"{wanted[0]} <script>"})

    assert (made.status_code, made.json()["count"], again["root"]) == (201, 5, made.json()["root"])
    assert (wrong.status_code, wrong.json()["reason"]) == (422, "address-wrong")
    with home.host.database.reading() as session:
        assert proof_of(session, CHAIN_ID, COMMUNITY, again["root"], wanted[2])
        assert proof_of(session, CHAIN_ID, COMMUNITY, again["root"], account(99)) is None
        assert proof_of(session, CHAIN_ID, "0x" + "11" * 20, again["root"], wanted[2]) is None


def test_lines_of_grants_say_what_is_wrong(home: TestHome) -> None:
    home.write(membership_row(5, account(5), 1, clock.now() + DAY, 1))
    text = "\n".join(
        [
            "address,tier,days",
            account(1),
            f"{account(2)}, Tier 2, 90",
            f"{account(2)}, 2, 90",
            "0x12",
            f"{account(3)}, Nobility",
            f"{account(4)}, 1, many",
            account(5),
            f"{account(6)},,731",
            f'"{account(7)}","2"',
        ]
    )

    lines = home.client(home.owner).post(f"{API}/grants/check", json={"text": text, "tier_id": 2, "days": 30}).json()

    assert [line["fault"] for line in lines] == [
        *(None, None, "twice", "address-wrong", "tier-wrong", "days-wrong", "other-tier", "days-wrong", None),
    ]
    assert [line["number"] for line in lines][:2] == [2, 3]
    assert (lines[1]["tier_id"], lines[1]["seconds"]) == (2, 90 * DAY)
    assert lines[6]["token_id"] == 5


def test_a_wrong_first_line_of_grants_is_no_heading(home: TestHome) -> None:
    asked = {"text": f"nonsense\n{account(1)}", "tier_id": 2, "days": 30}

    lines = home.client(home.owner).post(f"{API}/grants/check", json=asked).json()

    assert [line["fault"] for line in lines] == ["address-wrong", None]


def test_lines_of_grants_extend_the_membership_of_that_tier(home: TestHome) -> None:
    home.write(membership_row(5, account(5), 2, clock.now() + DAY, 1))

    (line,) = (
        home.client(home.owner).post(f"{API}/grants/check", json={"text": account(5), "tier_id": 2, "days": 30}).json()
    )

    assert (line["fault"], line["token_id"]) == (None, 5)


@given(st.text(max_size=200))
@settings(max_examples=50, deadline=None)
def test_no_text_breaks_the_reading_of_grants(text: str) -> None:
    assert all(line.fault for line in lines_of(text.replace("\0", ""), [], tier_id=1, days=1))


def signed(author: Author, **changes: Any) -> dict[str, Any]:
    """A voucher with the author's signature, as the page sends it."""
    fields: dict[str, Any] = {
        "issuer": author.wallet.address,
        "tierId": 1,
        "kind": 0,
        "value": 2_000,
        "recipient": ZERO_ADDRESS,
        "uses": 3,
        "deadline": clock.now() + DAY,
        "nonce": 1 << 127,
        **changes,
    }
    domain = {
        "name": "Koinon Membership",
        "version": "1",
        "chainId": CHAIN_ID,
        "verifyingContract": to_checksum_address(MEMBERSHIP),
    }
    types = {"Voucher": [{"name": name, "type": kind} for name, kind in FIELDS]}
    signature = author.wallet.sign_message(encode_typed_data(domain, types, fields)).signature
    texts = {**fields, "value": str(fields["value"]), "nonce": str(fields["nonce"])}
    return {"voucher": texts, "signature": "0x" + bytes(signature).hex(), "note": "<b>fair</b>"}


def test_a_voucher_is_kept_for_its_issuer_with_its_link(home: TestHome) -> None:
    client = home.client(home.owner)

    made = client.post(f"{API}/vouchers", json=signed(home.owner))
    page = client.get(f"{MANAGE}/vouchers").text
    picture = client.get(f"{MANAGE}/vouchers/{made.json()['digest']}.svg")

    assert made.status_code == 201, made.text
    code = json.loads(base64.urlsafe_b64decode(made.json()["code"] + "=="))
    assert code["voucher"]["nonce"] == str(1 << 127)
    assert list(code["voucher"]) == [name for name, _ in FIELDS]
    assert "&lt;b&gt;fair" in page
    assert f"/join?voucher={made.json()['code']}" in page
    assert picture.headers["content-type"] == "image/svg+xml"
    assert home.client(home.author(2)).get(f"{API}/vouchers").json() == []


def test_a_voucher_must_be_its_issuers_own_and_work(home: TestHome) -> None:
    stranger, issuer = home.author(2), home.author(3)
    home.write(CommunityRole(chain_id=CHAIN_ID, community=COMMUNITY, account=issuer.account, roles=4))

    def status(author: Author, body: dict[str, Any]) -> int:
        return int(home.client(author).post(f"{API}/vouchers", json=body).status_code)

    assert status(issuer, signed(issuer)) == 201
    assert status(stranger, signed(stranger)) == 403
    assert status(issuer, signed(home.owner)) == 403
    assert status(home.owner, {**signed(home.owner), "signature": signed(issuer)["signature"]}) >= 400
    assert status(home.owner, signed(home.owner, value=10_001)) == 422
    assert status(home.owner, signed(home.owner, kind=2, value=91 * DAY)) == 422
    assert status(home.owner, signed(home.owner, tierId=9)) == 404


def test_prepared_calls_refuse_what_no_contract_takes(home: TestHome) -> None:
    client, me = home.client(home.owner), home.owner.wallet.address
    tier = {"account": me, "label": "Reader", "price": "0", "period_seconds": 30 * DAY}
    bad: list[tuple[str, dict[str, Any]]] = [
        ("create-tier", {**tier, "label": "я" * 17}),
        ("create-tier", {**tier, "label": "a\u202eb"}),
        ("create-tier", {**tier, "price": str(1 << 96)}),
        ("create-tier", {**tier, "invitee_discount_bps": 2_001}),
        ("grant", {"account": me, "grants": []}),
        ("splits", {"account": me, "splits": [{"account": me, "bps": 1}, {"account": me.lower(), "bps": 1}]}),
        ("splits", {"account": me, "splits": [{"account": me, "bps": 10_001}]}),
        ("roles", {"account": me, "holder": me, "roles": 16}),
    ]

    for name, body in bad:
        assert client.post(f"{API}/transactions/{name}", json=body).status_code == 422, name


def test_two_tiers_of_one_name_are_refused(home: TestHome) -> None:
    client, me = home.client(home.owner), home.owner.wallet.address
    tier = {"account": me, "label": "tier 1", "price": "0", "period_seconds": 30 * DAY}

    made = client.post(f"{API}/transactions/create-tier", json=tier)
    named = client.post(f"{API}/transactions/tier-label", json={"account": me, "tier_id": 2, "label": "Tier 1"})
    home.write(tier_row(1, retires_at=1))
    free = client.post(f"{API}/transactions/create-tier", json=tier)

    assert [made.json().get("reason"), named.json().get("reason")] == ["label-taken", "label-taken"]
    assert free.json().get("reason") is None  # it goes on to ask the node, which is away


def test_tiers_tell_their_owner_who_may_join(home: TestHome) -> None:
    home.write(tier_row(1, allow_root="0x" + "ab" * 32), tier_row(2, invitation_only=True), tier_row(3, paused=True))
    with home.host.database.reading() as session:
        listed, invited, paused = tiers_of(session, CHAIN_ID, MEMBERSHIP, at=clock.now())

    page = home.client(home.owner).get(f"{MANAGE}/tiers").text

    assert (listed.listed, invited.invitation_only, paused.paused) == (True, True, True)
    assert "a list that this host does not have" in page


@pytest.mark.parametrize("path", ["people?tier=x", "people?state=none", "vouchers?before=0", "vouchers/0x12.svg"])
def test_what_nobody_can_mean_is_malformed(home: TestHome, path: str) -> None:
    assert home.client(home.owner).get(f"{MANAGE}/{path}").status_code == 422
