// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICrowdsale} from "./ICrowdsale.sol";

/// @notice What a sale has raised, and what an account has contributed, as one word each. High bits to low:
/// raised `amount 96 | tierMoney 96 | finalizedAt 40 | 0 24`;
/// contribution `amount 96 | bought 104 | badge 40 | flags 16` (1 tier, 2 voted).
/// @dev A contribution works on the words themselves: that costs 4,000 gas less than structs.
library LedgerLib {
    uint256 private constant _TIER = 1;
    uint256 private constant _VOTED = 2;

    /// @notice The raised word after a contribution.
    /// @dev No field runs into the next: `taken` fits below the cap, and `tierMoney` is a part of what was contributed.
    function raise(uint256 raised, uint256 taken, uint256 tierMoney) internal pure returns (uint256) {
        return raised + (taken << 160) + (tierMoney << 64);
    }

    /// @notice The contribution's word after a contribution. The first badge stays.
    /// @dev No field runs into the next: what is bought fits below the maximum of the supply.
    function add(uint256 contribution, uint256 taken, uint256 bought, uint256 badge) internal pure returns (uint256) {
        contribution += (taken << 160) + (bought << 56);
        return badge != 0 && badgeOf(contribution) == 0 ? contribution | (badge << 16) : contribution;
    }

    function finalize(uint256 raised, uint256 time) internal pure returns (uint256) {
        return raised | (time << 24);
    }

    function giveTier(uint256 contribution) internal pure returns (uint256) {
        return contribution | _TIER;
    }

    function vote(uint256 contribution) internal pure returns (uint256) {
        return contribution | _VOTED;
    }

    /// @notice Of either word.
    function amountOf(uint256 word) internal pure returns (uint256) {
        return word >> 160;
    }

    function tierMoneyOf(uint256 raised) internal pure returns (uint256) {
        return uint96(raised >> 64);
    }

    function finalizedAtOf(uint256 raised) internal pure returns (uint256) {
        return uint40(raised >> 24);
    }

    /// @notice Money under the schedule.
    function scheduledOf(uint256 raised) internal pure returns (uint256) {
        return amountOf(raised) - tierMoneyOf(raised);
    }

    function boughtOf(uint256 contribution) internal pure returns (uint256) {
        return uint104(contribution >> 56);
    }

    function badgeOf(uint256 contribution) internal pure returns (uint40) {
        return uint40(contribution >> 16);
    }

    function hasTier(uint256 contribution) internal pure returns (bool) {
        return contribution & _TIER != 0;
    }

    function hasVoted(uint256 contribution) internal pure returns (bool) {
        return contribution & _VOTED != 0;
    }

    function unpack(uint256 contribution) internal pure returns (ICrowdsale.Contribution memory) {
        return ICrowdsale.Contribution({
            amount: uint96(amountOf(contribution)),
            bought: uint104(boughtOf(contribution)),
            badge: badgeOf(contribution),
            tier: hasTier(contribution),
            voted: hasVoted(contribution)
        });
    }
}
