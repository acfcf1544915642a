"""Whether a home is behind the chain: said by the API, and above every page."""

import pytest
from sqlalchemy import delete
from sqlmodel import Session

from indexer.tables.chain import Checkpoint
from tests.factories.home import CHAIN_ID, COMMUNITY, TestHome

PAGES = ["/", f"/c/{COMMUNITY}", f"/c/{COMMUNITY}/tiers"]


def test_a_home_at_the_head_of_the_chain_says_so(home: TestHome) -> None:
    head = home.mine()

    answer = home.client().get("/api/status").json()

    assert (answer["status"], answer["chain_id"]) == ("fresh", CHAIN_ID)
    assert answer["block"] == answer["head_block"] == head
    assert "data-standing" not in home.client().get("/").text


@pytest.mark.parametrize("page", PAGES)
def test_pages_of_a_home_that_still_reads_say_how_far_it_is(home: TestHome, page: str) -> None:
    head = home.mine()
    home.stand_still(600, ahead=900)

    answer, shown = home.client().get("/api/status").json(), home.client().get(page).text

    assert (answer["status"], answer["block"], answer["head_block"]) == ("reading", head, head + 900)
    assert f"Block {head} of {head + 900}" in shown


@pytest.mark.parametrize("page", PAGES)
def test_pages_say_that_no_node_confirms_what_they_show(home: TestHome, page: str) -> None:
    home.mine()
    home.stand_still(600)

    assert home.client().get("/api/status").json()["status"] == "away"
    assert "No node confirms the chain right now." in home.client().get(page).text


def test_a_home_that_has_read_nothing_yet_answers(home: TestHome) -> None:
    with Session(home.mirror) as session:
        session.execute(delete(Checkpoint))
        session.commit()

    answer = home.client().get("/api/status").json()

    assert (answer["status"], answer["block"]) == ("reading", -1)
    assert "This home is still reading the chain." in home.client().get("/").text
