"""A wallet revokes session keys on the chain: the home takes nothing signed by them, until the wallet allows them."""

import pytest
from playwright.sync_api import expect

from scripts.member import Member, Refused
from tests.browser.conftest import Story, Visit, on_sqlite
from tests.browser.test_accessibility import look
from tests.browser.test_holder_journey import choose, confirm, done
from tests.fixtures.koinon import PAID, Koinon

pytestmark = on_sqlite
MEMBER = 2


def refused(member: Member, story: Story) -> str:
    """Why the home does not take what the member's newest key signs."""
    with pytest.raises(Refused) as caught:
        member.reply(story.community, story.post, "Anybody there?")
    assert caught.value.slug == "key-unknown"
    return caught.value.reason


def test_revoked_keys_sign_nothing_until_they_are_allowed_again(koinon: Koinon, story: Story, visit: Visit) -> None:
    member = koinon.member(MEMBER)
    member.join(story.community, tier_id=PAID)
    member.reply(story.community, story.post, "Hello")
    page = visit(MEMBER, "/account/settings")
    page.get_by_role("link", name="Session keys on the chain").click()
    everything = page.locator(f"[data-keys='{story.community}'] li").filter(has_text="All keys of your wallet")
    look(page, page.url)

    everything.get_by_role("button", name="Revoke on the chain").click()
    choose(page)
    confirm(page, "Revoke all of your session keys")
    done(page, "nothing that it signs counts")
    expect(everything).to_contain_text("You cannot write here")
    assert refused(member, story) == "key-revoked-on-chain"
    member.sign_in()
    assert refused(member, story) == "key-revoked-on-chain"

    everything.get_by_role("button", name="Allow again").click()
    confirm(page, "Let your session keys count")
    done(page, "Allowed again")
    member.reply(story.community, story.post, "Here I am again")


def test_one_key_is_revoked_and_the_others_go_on(koinon: Koinon, story: Story, visit: Visit) -> None:
    member = koinon.member(MEMBER)
    member.join(story.community, tier_id=PAID)
    page = visit(MEMBER, "/account/keys")
    lost = koinon.members[-1]  # who signed in for the page
    row = page.locator(f"[data-keys='{story.community}'] li").filter(has_text="this one")

    row.get_by_role("button", name="Revoke on the chain").click()
    choose(page)
    confirm(page, "Revoke one of your session keys")
    done(page, "nothing that it signs counts")

    expect(row).to_contain_text("revoked on the chain")
    assert refused(lost, story) == "key-revoked-on-chain"
    member.reply(story.community, story.post, "Here I am")
