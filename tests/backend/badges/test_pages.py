"""Pages of badges as a browser without JavaScript reads them."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from backend import clock
from tests.factories.home import COMMUNITY, Author, TestHome
from tests.factories.mirrored_badges import BADGE, UNIT, achievement, bound, claimed, ledger, rates, settlement, token

PAGE = f"/c/{COMMUNITY}/badges/{BADGE}"
XSS = "<script>alert(1)</script>"


@pytest.fixture
def holder(home: TestHome) -> Author:
    """Owns a badge that has earned, been claimed, and has members bound to it."""
    author, at = home.author(2), clock.now()
    home.write(
        rates(),
        ledger(author.account, income=3 * UNIT, claimed=UNIT, counted=2, volume=30 * UNIT),
        settlement(3 * UNIT, at),
        claimed(author.account, UNIT, at=at),
        bound(8, "0x" + "bb" * 20, expires_at=at + 9, earned_at=at + 9, unearned=UNIT, rate=500),
    )
    return author


@pytest.fixture
def visitor(home: TestHome) -> Iterator[TestClient]:
    with home.client() as client:
        yield client


def record(page: str) -> str:
    """The block of verified income, alone."""
    found = re.search(r'<section class="record".*?</section>', page, re.DOTALL)
    assert found is not None
    return found[0]


def test_owner_and_buyer_see_the_same_income(home: TestHome, holder: Author, visitor: TestClient) -> None:
    theirs = visitor.get(PAGE).text
    mine = home.client(holder).get(PAGE).text

    assert record(theirs) == record(mine)
    assert "0.03 ETH" in record(theirs)
    assert "1 member is paying" in record(theirs)
    assert "1 of them ends within 30 days" in record(theirs)
    assert 'data-action="badges:give"' in mine
    assert 'data-action="badges:give"' not in theirs
    assert "What was claimed before stays with whoever claimed it" in theirs


def test_own_badges_show_level_progress_claim_and_link(home: TestHome, holder: Author) -> None:
    page = home.client(holder).get("/account/badges").text

    assert "2 of 5" in page
    assert "Claim 0.02 ETH" in page
    assert f"http://koinon.test:8000/c/{COMMUNITY}?badge={BADGE}" in page
    assert f'src="/c/{COMMUNITY}/badges/{BADGE}/invitation.svg"' in page


def test_own_badges_are_asked_for_by_their_owner_only(visitor: TestClient, holder: Author) -> None:
    assert "You are not signed in" in visitor.get("/account/badges").text
    assert visitor.get("/api/account/badges").status_code == 401


def test_somebody_without_a_badge_is_told_how_to_get_one(home: TestHome) -> None:
    assert "You have no badge yet" in home.client(home.author(3)).get("/account/badges").text


def test_api_says_what_the_page_says(visitor: TestClient, holder: Author) -> None:
    found = visitor.get(f"/api/communities/{COMMUNITY}/badges/{BADGE}").json()

    assert (found["level"], found["income"], found["accrued"]) == ("bronze", str(3 * UNIT), str(2 * UNIT))
    assert (found["members"], found["paying"], found["months"][-1]["amount"]) == (1, 1, str(3 * UNIT))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/c/{COMMUNITY}/badges/12345", 404),
        (f"/c/{COMMUNITY}/badges/0", 422),
        (f"/c/{COMMUNITY}/badges/{1 << 80}", 422),
        (f"/c/{COMMUNITY}/badges/{5 << 40 | 1}", 404),
        (f"/c/{COMMUNITY}/badges/x", 422),
        (f"/c/{'0x' + '11' * 20}/badges/{BADGE}", 404),
        (f"/c/{COMMUNITY}/achievements/7", 404),
        (f"/c/{COMMUNITY}/achievements/0", 422),
        ("/account/badges?after=nonsense", 422),
        (f"/api/communities/{COMMUNITY}/badges/12345", 404),
    ],
)
def test_what_is_not_there_is_said_so(visitor: TestClient, holder: Author, path: str, status: int) -> None:
    assert visitor.get(path).status_code == status


def test_invitation_code_is_a_picture_that_cannot_run_anything(visitor: TestClient) -> None:
    answer = visitor.get(f"{PAGE}/invitation.svg")

    assert answer.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "<script" not in answer.text


def test_picture_of_the_chain_waits_for_the_chain(visitor: TestClient, holder: Author) -> None:
    assert visitor.get(f"{PAGE}/picture.svg").status_code == 503


def test_gallery_defuses_what_owners_write(home: TestHome, visitor: TestClient) -> None:
    home.write(
        achievement(label=XSS, description=XSS, uri="javascript:alert(1)", made=1),
        token("0x" + "bb" * 20),
    )

    for path in (
        f"/c/{COMMUNITY}/achievements",
        f"/c/{COMMUNITY}/achievements/1",
        f"/c/{COMMUNITY}/badges/{1 << 40 | 1}",
    ):
        page = visitor.get(path).text

        assert XSS not in page
        assert "&lt;script&gt;" in page
        assert 'href="javascript' not in page


def test_gallery_lets_the_owner_create_and_give(home: TestHome, visitor: TestClient) -> None:
    home.write(achievement())
    owner = home.client(home.owner)

    assert 'data-form="badges:create"' in owner.get(f"/c/{COMMUNITY}/achievements").text
    assert 'data-form="badges:grant"' in owner.get(f"/c/{COMMUNITY}/achievements/1").text
    assert 'data-form="badges:create"' not in visitor.get(f"/c/{COMMUNITY}/achievements").text
    assert 'data-form="badges:grant"' not in visitor.get(f"/c/{COMMUNITY}/achievements/1").text


def test_holders_of_an_achievement_are_paged(home: TestHome, visitor: TestClient) -> None:
    home.write(achievement(made=50), *(token(f"0x{number:040x}", number) for number in range(1, 51)))
    path = f"/api/communities/{COMMUNITY}/achievements/1/holders"

    first = visitor.get(path).json()
    last = visitor.get(path, params={"after": first[-1]["token_id"]}).json()

    assert (len(first), len(last)) == (48, 2)
    assert "More holders" in visitor.get(f"/c/{COMMUNITY}/achievements/1").text


def test_pages_speak_russian(home: TestHome, visitor: TestClient, holder: Author) -> None:
    page = visitor.get(PAGE, headers={"accept-language": "ru"}).text

    assert "Проверенный прошлый доход" in page
    assert "бронза" in page
