"""A planted marker in gated words is in no answer to an outsider, in no block and in no database."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from backend import catalog
from backend.db import AppTable, ProjectionTable
from backend.keys.keyring import dump_recovery_key, new_recovery_key, public_bytes
from indexer.tables import metadata
from scripts.member import Member, Refused
from tests.fixtures.koinon import PAID, YEARLY, Koinon
from tests.fixtures.tools import ROOT

MARKER = "xyzzy-the-marker-7c1f"
PICTURE = b"\x89PNG\r\n\x1a\n" + MARKER.encode() * 400


class Story:
    """A community with a gated post, a sealed picture and a sealed reply, all of which hold the marker."""

    def __init__(self, koinon: Koinon, number: int) -> None:
        self.founder, self.member = koinon.member(number), koinon.member(number + 1)
        self.community = koinon.open_community(self.founder).community
        self.recovery = [new_recovery_key(), new_recovery_key()]
        self.founder.set_recovery(self.community, [public_bytes(key) for key in self.recovery])
        self.founder.set_gate(self.community, "members", [PAID, YEARLY])
        picture = self.founder.send_body(self.community, PICTURE, type="image/png", gate="members")
        self.post = self.founder.publish(
            self.community,
            title="A title",
            teaser="A teaser",
            rest=f"Words with {MARKER}.",
            gate="members",
            pictures=[(picture, "a picture")],
        ).act
        self.picture = picture.cid
        self.member.join(self.community, tier_id=PAID)
        self.reply = self.member.reply(self.community, self.post, f"I read {MARKER}.").act


@pytest.fixture(scope="module")
def story(koinon: Koinon) -> Story:
    return Story(koinon, 2)


def answers(reader: Member, story: Story) -> Iterator[tuple[str, bytes]]:
    """(path, body) of every address that the application knows, filled with what the story made."""
    values = {
        "community": story.community,
        "post_id": story.post,
        "cid": story.picture,
        "tx_hash": "0x" + "00" * 32,
        "session_id": "x",
        "kind": "cover",
        "address": story.community,
        "account": story.member.address,
        "gate": "members",
        "act_id": story.post,
        "tier_id": str(PAID),
        "digest": "0x" + "00" * 32,
    }
    # What else there is (tokens, products, achievements) has the number 1.
    routes = [route for router in catalog.ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    paths = {route.path for route in routes if "GET" in (route.methods or ())}
    for template in sorted(paths | {"/c/nothing", "/api/nothing", "/api/openapi.json"}):
        path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda match: values.get(match[1], "1"), template)
        if not path.endswith("/events"):
            yield path, reader.browser.get(reader.url + path, timeout=30).content


def test_no_answer_to_an_outsider_holds_the_marker(koinon: Koinon, story: Story) -> None:
    outsider = koinon.outsider()

    leaks = [path for path, body in answers(outsider, story) if MARKER.encode() in body]

    assert leaks == []


def test_no_answer_to_a_member_of_a_free_tier_holds_the_marker(koinon: Koinon, story: Story) -> None:
    friend = koinon.member(6)
    friend.join(story.community, tier_id=1)

    leaks = [path for path, body in answers(friend, story) if MARKER.encode() in body]

    assert leaks == []


def test_a_member_reads_words_picture_and_reply(story: Story) -> None:
    found = {path for path, body in answers(story.member, story) if MARKER.encode() in body}

    api, page = f"/api/communities/{story.community}/posts/{story.post}", f"/c/{story.community}/posts/{story.post}"
    assert {f"{api}/body", f"{api}/replies", f"{api}/files/{story.picture}", page} <= found
    assert all(path.startswith((api, page, f"/fragments{page}")) for path in found)


def test_no_file_of_the_home_holds_the_marker(koinon: Koinon, story: Story) -> None:
    koinon.await_that(lambda: not catalog.CHORES[0](koinon.host))
    files = [path for path in koinon.host.settings.data.rglob("*") if path.is_file()]

    leaks = [path.name for path in files if MARKER.encode() in path.read_bytes()]

    assert len(files) > 5
    assert leaks == []
    assert _dumped(koinon).count(MARKER) == 0
    assert story.post


def _dumped(koinon: Koinon) -> str:
    """Every row of every table, as text."""
    with koinon.host.database.reading() as session:
        connection = session.connection()
        tables = [*AppTable.metadata.sorted_tables, *ProjectionTable.metadata.sorted_tables, *metadata.sorted_tables]
        return "\n".join(str(tuple(row)) for table in tables for row in connection.execute(table.select()))


def test_chain_store_and_one_recovery_key_reopen_what_is_gated(koinon: Koinon, story: Story, tmp_path: Path) -> None:
    koinon.anchor(story.community)
    file = tmp_path / "recovery.json"
    file.write_text(dump_recovery_key(story.recovery[1]))
    settings = koinon.host.settings
    options = ["--blocks", str(settings.blocks_folder), "--recovery-key", str(file), "--json"]
    environment = {
        "KOINON_DATA": str(tmp_path / "nowhere"),
        "KOINON_RPC": settings.rpc,
        "KOINON_DEPLOYMENTS": str(settings.deployments),
        "PATH": "",
    }

    done = subprocess.run(
        [sys.executable, "-m", "backend", "verify", story.community, *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment,
    )

    assert done.returncode == 0, done.stderr
    assert '"reopened": 2' in done.stdout
    assert '"missing": []' in done.stdout


def test_an_erased_post_is_gone_everywhere_and_the_log_still_holds(koinon: Koinon) -> None:
    story = Story(koinon, 7)
    koinon.anchor(story.community)
    before = koinon.stored()

    story.founder.erase(story.community, story.post)
    koinon.anchor(story.community)

    with pytest.raises(Refused) as caught:
        story.member.read(story.community, story.post)
    assert caught.value.status == 404
    assert len(before - koinon.stored()) >= 3
    assert koinon.verify(story.community).erased == 3
