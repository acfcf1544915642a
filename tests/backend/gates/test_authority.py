"""Who may act is judged as of the act's own block; a gate is set by its owner's wallet only, and never malformed."""

import pytest

from backend.gates.decision import Condition
from backend.log.kinds import ActRefused
from backend.problems import Malformed
from tests.factories.home import TestHome


def reason(home: TestHome, post: str, gate: str | None, number: int, tier: int | None) -> str:
    member = home.author(number)
    if tier is not None:
        home.member(member, tier=tier, token_id=number)
    with pytest.raises(ActRefused) as caught:
        home.reply(member, post, "words", gate=gate)
    return str(caught.value.extensions["reason"])


def test_a_stranger_does_not_reply(home: TestHome) -> None:
    assert reason(home, home.publish("Free").act, None, 2, None) == "members-only"


def test_a_member_of_another_tier_does_not_reply_behind_a_gate(home: TestHome) -> None:
    home.set_recovery()
    home.open_gate("members", [2])
    post = home.publish("Gated", rest="words", gate="members").act

    assert reason(home, post, "members", 2, 1) == "gate-closed"


def test_a_member_of_a_named_tier_and_the_owner_reply_behind_a_gate(home: TestHome) -> None:
    home.set_recovery()
    home.open_gate("members", [2])
    post = home.publish("Gated", rest="words", gate="members").act
    member = home.author(2)
    home.member(member, tier=2)

    assert home.reply(member, post, "mine", gate="members").seq == 4
    assert home.reply(home.owner, post, "the owner's", gate="members").seq == 5


@pytest.mark.parametrize("rule", [{"op": "any"}, {"op": "holds_tier", "tiers": []}])
def test_a_malformed_rule_is_refused(home: TestHome, rule: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        home.say(home.owner, "gate.set", wallet=True, data={"gate": "members", "rule": rule})


def test_a_post_behind_a_gate_that_nobody_set_is_refused(home: TestHome) -> None:
    home.set_recovery()
    with pytest.raises(ActRefused) as caught:
        home.publish("Gated", rest="words", gate="nowhere")

    assert caught.value.extensions == {"reason": "gate-unknown"}


def test_a_condition_is_written_as_json() -> None:
    need = {"op": "holds_tier", "tiers": [1, 2]}
    assert Condition("membership-missing", need, "join").encode() == {
        "code": "membership-missing",
        "need": need,
        "have": None,
        "at": None,
        "next": "join",
        "way": 0,
    }
