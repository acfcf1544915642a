"""A founder's figures after a story, against what the contracts themselves say."""

import pytest

from tests.fixtures.koinon import PAID, PRICE, YEARLY, Koinon

DAY = 86_400


@pytest.mark.parametrize("koinon", ["sqlite", "postgresql"], indirect=True, scope="module")
def test_figures_are_what_the_contracts_say(koinon: Koinon) -> None:
    founder = koinon.member(1)
    opened = koinon.open_community(founder)
    people = [koinon.member(number) for number in (5, 6, 7)]
    for person, tier in zip(people, (PAID, YEARLY, PAID), strict=True):
        person.join(opened.community, tier_id=tier)
    koinon.anvil.advance(10 * DAY)
    people[0].renew(opened.community, token_id=people[0].token_id(opened.community))
    tokens = [person.token_id(opened.community) for person in people]
    people[2].call("Membership", opened.membership, "cancel", tokens[2], people[2].account.address)
    koinon.anvil.advance(3 * DAY)
    founder.call("Membership", opened.membership, "settle", tokens)
    founder.collect(opened.community)
    koinon.await_head()

    founder.sign_in()
    found = founder.get(f"/api/communities/{opened.community}/figures")
    money = {name: int(each["amount"]) for name, each in found["money"].items()}

    ask = ("Membership", opened.membership)
    assert money["booked"] == koinon.word(*ask, "earnings")
    assert money["withdrawn"] == koinon.word(*ask, "earnings", index=1)
    unearned = sum(koinon.word(*ask, "stateOf", token, index=3) for token in tokens)
    assert money["due"] + money["due_badges"] + money["to_come"] == unearned
    assert money["paid"] == 2 * PRICE + 10 * PRICE + PRICE
    spent = money["refunded"] + money["booked"] + money["booked_badges"] + unearned
    assert money["paid"] == spent
    assert koinon.word("Community", opened.community, "dueOf", opened.membership, founder.account.address) == 0
    valid = sum(koinon.word(*ask, "isValid", token) for token in tokens)
    assert found["members"] == found["days"][-1]["members"] == valid
