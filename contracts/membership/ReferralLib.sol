// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMembershipBase} from "./IMembershipBase.sol";
import {LevelLib} from "./LevelLib.sol";

/// @notice The ledger of a badge: one word, whose layout stands in IMembershipBase. A used one is never 0.
library ReferralLib {
    uint256 internal constant USED = 8;
    uint256 internal constant MINTED = 4;

    uint256 private constant _MOST_INCOME = type(uint112).max;
    uint256 private constant _MOST_VOLUME = type(uint104).max;
    uint256 private constant _MOST_COUNTED = 2 ** 20 - 1;

    error IncomeTooLarge(uint256 income);

    function incomeOf(uint256 ledger) internal pure returns (uint256) {
        return ledger >> 144;
    }

    function volumeOf(uint256 ledger) internal pure returns (uint256) {
        return (ledger >> 40) & _MOST_VOLUME;
    }

    function countedOf(uint256 ledger) internal pure returns (uint256) {
        return (ledger >> 20) & _MOST_COUNTED;
    }

    function levelOf(uint256 ledger) internal pure returns (uint256) {
        return (ledger >> 18) & 3;
    }

    function versionOf(uint256 ledger) internal pure returns (uint256) {
        return (ledger >> 4) & 0x3fff;
    }

    /// @notice Whether somebody used the badge; before, the membership tells.
    function exists(uint256 ledger) internal pure returns (bool) {
        return ledger & USED != 0;
    }

    /// @notice The ledger of a badge at its first use: its version of the rates is now fixed.
    function used(uint256 ledger, uint256 version) internal pure returns (uint256) {
        return ledger & USED != 0 ? ledger : ledger | (version << 4) | USED;
    }

    /// @notice The ledger with other rates.
    function adopted(uint256 ledger, uint256 version) internal pure returns (uint256) {
        return (ledger & ~(uint256(0x3fff) << 4)) | (version << 4);
    }

    /// @notice Adds income of the badge.
    function paid(uint256 ledger, uint256 amount) internal pure returns (uint256) {
        uint256 income = incomeOf(ledger) + amount;
        if (income > _MOST_INCOME) revert IncomeTooLarge(income);
        return ledger + (amount << 144);
    }

    /// @notice Adds what was earned from a bound member's payments, and perhaps the member; the level follows, upwards only.
    /// @dev Volume and count stop at their maximum: no badge can make a settlement revert.
    function grown(uint256 ledger, uint256 earned, bool counts, IMembershipBase.Rates memory rates)
        internal
        pure
        returns (uint256)
    {
        uint256 volume = volumeOf(ledger) + earned;
        if (volume > _MOST_VOLUME) volume = _MOST_VOLUME;
        uint256 counted = countedOf(ledger);
        if (counts && counted < _MOST_COUNTED) ++counted;
        uint256 level = levelOf(ledger);
        uint256 reached = LevelLib.levelFor(rates, counted, volume);
        if (reached > level) level = reached;
        return (incomeOf(ledger) << 144) | (volume << 40) | (counted << 20) | (level << 18) | (ledger & 0x3ffff);
    }

    /// @notice The ledger as views show it.
    function read(uint256 ledger, uint256 claimed) internal pure returns (IMembershipBase.Ledger memory) {
        return IMembershipBase.Ledger({
            income: uint112(incomeOf(ledger)),
            claimed: uint112(claimed),
            volume: uint104(volumeOf(ledger)),
            counted: uint24(countedOf(ledger)),
            level: uint8(levelOf(ledger)),
            version: uint16(versionOf(ledger)),
            used: ledger & USED != 0,
            minted: ledger & MINTED != 0
        });
    }
}
