"""`make demo` from a fresh folder: what it serves, what its bar does, and that it ends and goes on cleanly."""

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from scripts.member import Member, Refused
from scripts.playground.accounts import FOUNDER, MEMBER, OUTSIDER, PERSONAS
from scripts.playground.chain import FINAL_DEPTH
from scripts.playground.ports import HOST, free_port, listen
from tests.fixtures.demo import Demo, run_demo

STOP_SECONDS = 6  # half of it where nothing else runs; the tests share the machine
MAIN = "Kestrel Hill Observatory"
OBSERVER = 2


def communities(demo: Demo) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in demo.get("/api/communities").json()}


def gated_post(demo: Demo, community: str) -> str:
    posts = demo.get(f"/api/communities/{community}/posts").json()
    return str(next(each["id"] for each in posts if each["gate"] == "members"))


def is_free(url: str) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex((HOST, int(url.rpartition(":")[2]))) != 0


@contextmanager
def signed_in(demo: Demo, persona: Any) -> Iterator[Member]:
    with closing(demo.person(persona)) as member:
        yield member


def test_demo_serves_communities_with_a_past(demo: Demo) -> None:
    found = communities(demo)
    page = demo.get("/").text

    assert set(found) == {MAIN, "The Mending Circle"}
    assert all(name in page for name in found)
    assert found[MAIN]["opened_at"] < time.time() - 90 * 86_400
    assert found[MAIN]["home_uri"] == demo.url
    posts = demo.get(f"/api/communities/{found[MAIN]['address']}/posts").json()
    assert {each["gate"] for each in posts} == {None, "members", "yearly", "league-or-observers", "license-1"}
    assert any(each["files"] and each["files"][0]["alt"] for each in posts)


def test_demo_pictures_are_served_as_images(demo: Demo) -> None:
    community = communities(demo)[MAIN]["address"]
    post = next(each for each in demo.get(f"/api/communities/{community}/posts").json() if each["files"])

    picture = demo.get(f"/api/communities/{community}/posts/{post['id']}/files/{post['files'][0]['cid']}")

    assert picture.headers["content-type"] == "image/webp"
    assert picture.content[8:12] == b"WEBP"


def test_demo_wallets_are_the_personas(demo: Demo) -> None:
    wallets = demo.get("/demo/wallets.json").json()

    assert [each["persona"] for each in wallets] == ["outsider", "member", "founder", "holder"]
    assert [each["address"] for each in wallets] == [each.address for each in PERSONAS]


def test_demo_rpc_signs_for_personas_and_for_nobody_else(demo: Demo) -> None:
    stranger = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"

    own = demo.post("/demo/rpc", {"id": 1, "method": "personal_sign", "params": ["0x68", MEMBER.address]}).json()
    other = demo.post("/demo/rpc", {"id": 2, "method": "personal_sign", "params": ["0x68", stranger]}).json()
    send = demo.post("/demo/rpc", {"id": 3, "method": "eth_sendTransaction", "params": [{"from": stranger}]}).json()

    assert len(own["result"]) == 2 + 130
    assert (other["error"]["code"], send["error"]["code"]) == (4100, 4100)


@pytest.mark.parametrize("method", ["anvil_setBalance", "evm_mine", "eth_sign", "eth_sendRawTransaction", "debug_x"])
def test_demo_rpc_refuses_what_no_wallet_needs(demo: Demo, method: str) -> None:
    answer = demo.post("/demo/rpc", {"id": 1, "method": method, "params": [MEMBER.address, "0x0"]}).json()

    assert answer["error"]["code"] == 4200


@pytest.mark.parametrize("route", ["rpc", "jump", "reorg"])
def test_demo_routes_refuse_other_sites(demo: Demo, route: str) -> None:
    before = demo.get("/demo/state").json()

    answer = demo.post(f"/demo/{route}", {"method": "eth_chainId"}, Origin="https://elsewhere.example")

    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/cross-origin")
    assert demo.get("/demo/state").json()["at"] - before["at"] < 86_400


def test_reorg_takes_a_new_membership_back(demo: Demo) -> None:
    community = communities(demo)[MAIN]["address"]
    post = gated_post(demo, community)
    with signed_in(demo, OUTSIDER) as noor:
        receipt = noor.join(community, tier_id=OBSERVER)
        assert noor.read(community, post).text

        done = demo.post("/demo/reorg", {}).json()

        assert receipt.tx_hash in done["dropped"]
        assert done["depth"] < FINAL_DEPTH
        with pytest.raises(Refused) as refused:
            noor.read(community, post)
        assert refused.value.problem["conditions"][0]["code"] == "membership-missing"


def test_jump_lets_memberships_expire(demo: Demo) -> None:
    community = communities(demo)[MAIN]["address"]
    post = gated_post(demo, community)
    with signed_in(demo, MEMBER) as tomas:
        tomas.renew(community, token_id=tomas.token_id(community))  # whatever the tests before have jumped
        assert tomas.read(community, post).text
    before = demo.get("/demo/state").json()

    after = [demo.post("/demo/jump", {"days": 30}).json() for _ in range(2)][-1]

    assert after["at"] - before["at"] >= 60 * 86_400
    assert after["indexed"] == after["block"]
    with signed_in(demo, MEMBER) as tomas, pytest.raises(Refused) as refused:
        tomas.read(community, post)
    assert refused.value.problem["conditions"][0]["code"] == "membership-expired"


def test_second_demo_in_the_same_folder_is_refused(demo: Demo) -> None:
    done = run_demo("--folder", str(demo.folder), "--port", str(free_port(0)))

    assert done.returncode == 1
    assert "Another demo is using" in done.stderr


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()

    done = run_demo("--folder", str(blocked / "below"))

    assert done.returncode == 1
    assert "cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_demo_ends_with_all_its_children_and_goes_on_elsewhere(demo: Demo) -> None:
    """Killed, it leaves nothing running; started again while its port is taken, it moves its communities and goes on;
    by Ctrl-C it ends in order. One test, since each start takes seconds.
    """
    before, at = communities(demo), demo.get("/demo/state").json()["at"]
    url = demo.url

    assert demo.end(signal.SIGKILL) == -signal.SIGKILL
    assert_freed(demo)

    with closing(listen(int(url.rpartition(":")[2]))):
        demo.start(int(url.rpartition(":")[2]))
    after = communities(demo)
    assert demo.url != url
    assert demo.get("/demo/state").json()["at"] >= at
    for name in before:
        assert (after[name]["home_uri"], after[name]["epoch"]) == (demo.url, before[name]["epoch"] + 1)
        assert after[name]["log_seq"] == before[name]["log_seq"]
    with signed_in(demo, FOUNDER) as vera:  # the log goes on in its new epoch
        placed = vera.reply(after[MAIN]["address"], gated_post(demo, after[MAIN]["address"]), "We have moved.")
    assert placed.seq == before[MAIN]["log_seq"] + 1

    started = time.monotonic()
    assert demo.end() == 0
    assert time.monotonic() - started < STOP_SECONDS
    assert_freed(demo)


def assert_freed(demo: Demo) -> None:
    """Nobody listens on the demo's ports any more."""
    deadline = time.monotonic() + STOP_SECONDS
    while not (is_free(demo.url) and is_free(demo.rpc)) and time.monotonic() < deadline:
        continue
    assert (is_free(demo.url), is_free(demo.rpc)) == (True, True)
