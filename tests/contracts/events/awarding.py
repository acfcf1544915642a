"""Random badges and achievements"""

from typing import Any

from tests.contracts.events.playing import Play, action
from tests.contracts.events.recording import NOBODY
from tests.factories.badges import achievement, signed, voucher


class Awarding(Play):
    def _achievement(self) -> int:
        """Mostly one that was created; the first is created for it."""
        count = int(self.chain.read(self.world.badges.achievementCount))
        if not count:
            self.create_achievement()
            count = 1
        number: int = self.one_of(range(1, count + 1), 99)
        return number

    @action
    def mint_badge(self) -> None:
        minted, holders = self.held(self.world.badges), self.held(self.world.membership)
        badge = self.one_of([each for each in holders if each not in minted], *holders, 0)
        self.send(self.world.badges.mint, badge, by=holders.get(badge, self.world.founder))

    @action
    def create_achievement(self) -> None:
        issuer = self.dice.choice([NOBODY, self.anybody(), self.anybody()])
        terms = achievement(
            cap=self.dice.choice([0, 0, 3]),
            locked=self.dice.choice([True, False, False]),
            issuer=issuer,
            allowance=0 if issuer == NOBODY else 5,
        )
        self.send(self.world.badges.createAchievement, terms, by=self.world.founder)

    @action
    def change_achievement(self) -> None:
        badges, founder, achievement_id = self.world.badges, self.world.founder, self._achievement()
        if self.dice.randrange(2):
            self.send(badges.setAchievementText, achievement_id, "A deed", "ipfs://more", by=founder)
        else:
            self.send(badges.setAchievementIssuer, achievement_id, self.anybody(), 3, by=founder)

    @action
    def grant_achievement(self) -> None:
        recipients = [self.anybody() for _ in range(self.dice.randint(1, 2))]
        self.send(self.world.badges.grantAchievement, self._achievement(), recipients, by=self.world.founder)

    @action
    def claim_achievement(self) -> None:
        issuers = self._issuers()
        achievement_id = self.one_of([*issuers], self._achievement())
        signer = next((key for key in self.keys if key.address == issuers.get(achievement_id)), self.keys[2])
        terms = voucher(achievement_id, issuer=signer.address, nonce=self.dice.randint(0, 9))
        signature = signed(self.world, terms, signer=signer)
        self.send(self.world.badges.claimAchievement, terms, signature, by=self.anybody())

    @action
    def withdraw_voucher(self) -> None:
        by, nonce = self.anybody(), self.dice.randint(0, 9)
        self.send(self.world.badges.withdrawAchievementVoucher, self._achievement(), by, nonce, by=by)

    @action
    def move_badge(self) -> None:
        badges, holders = self.world.badges, self.held(self.world.badges)
        free = [each for each in holders if not self.chain.read(badges.locked, each)]
        token_id = self.one_of(free, *holders, 1)
        holder = holders.get(token_id, self.world.founder)
        call = self.dice.choice(
            [
                (badges.transferFrom, holder, self.anybody(), token_id),
                (badges.approve, self.anybody(), token_id),
                (badges.setApprovalForAll, self.anybody(), self.dice.choice([True, False])),
            ]
        )
        self.send(*call, by=holder)

    @action
    def burn_badge(self) -> None:
        if not any(each >> 40 for each in self.held(self.world.badges)):
            self.grant_achievement()
        holders = self.held(self.world.badges)
        token_id = self.one_of([each for each in holders if each >> 40], *holders)
        self.send(self.world.badges.burn, token_id, by=holders[token_id])

    def _issuers(self) -> dict[int, Any]:
        """Achievements of which vouchers can be used, and who signs them."""
        badges = self.world.badges
        count = int(self.chain.read(badges.achievementCount))
        known = {number: self.chain.read(badges.achievementOf, number) for number in range(1, count + 1)}
        return {
            number: each["issuer"]
            for number, each in known.items()
            if each["allowance"] and each["issuer"] != self.world.founder and not 0 < each["cap"] <= each["made"]
        }
