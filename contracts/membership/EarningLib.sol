// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMembership} from "./IMembership.sol";

/// @notice How a payment becomes income over time, and how a membership is packed into two words.
/// @dev Extra data of the token, 96 bits, high to low: `expiresAt 40 | tierId 16 | badge 40`.
/// Aux data of its holder, 224 bits, high to low:
/// `unearned 96 | settledAt 36 | earnedAt 36 | rate 14 | countAt 24 (hours) | transferCount 16 | flags 2`.
library EarningLib {
    /// @notice The state that both words hold. Every field fits its member: the words are never wider.
    function unpack(uint96 extra, uint224 aux) internal pure returns (IMembership.State memory state) {
        state.expiresAt = uint40(extra >> 56);
        state.tierId = uint16(extra >> 40);
        state.badge = uint40(extra);
        state.unearned = uint96(aux >> 128);
        state.settledAt = uint40((aux >> 92) & 0xfffffffff);
        state.earnedAt = uint40((aux >> 56) & 0xfffffffff);
        state.rate = uint16((aux >> 42) & 0x3fff);
        state.countAt = uint32((aux >> 18) & 0xffffff);
        state.transferCount = uint16(aux >> 2);
        state.flags = uint8(aux & 3);
    }

    function packExtra(IMembership.State memory state) internal pure returns (uint96) {
        return (uint96(state.expiresAt) << 56) | (uint96(state.tierId) << 40) | state.badge;
    }

    /// @dev Times are 36 bits (until the year 4147), which `earnedAt <= now + 2 years` and clock times keep;
    /// the lifetime expiry of 40 bits never gets here.
    function packAux(IMembership.State memory state) internal pure returns (uint224) {
        return (uint224(state.unearned) << 128) | (uint224(state.settledAt) << 92) | (uint224(state.earnedAt) << 56)
            | (uint224(state.rate) << 42) | (uint224(state.countAt) << 18) | (uint224(state.transferCount) << 2)
            | state.flags;
    }

    /// @notice What of `unearned` has been earned at `time` and not been settled. Rounded up, never above `unearned`.
    function earnedOf(IMembership.State memory state, uint256 time) internal pure returns (uint256) {
        if (time >= state.earnedAt) return state.unearned;
        uint256 length = state.earnedAt - state.settledAt;
        // Below `unearned`, as time < earnedAt; settledAt <= time, since only a block's own time is ever stored.
        return (uint256(state.unearned) * (time - state.settledAt) + length - 1) / length;
    }

    /// @notice Moves what has been earned out of `unearned`.
    function settle(IMembership.State memory state, uint256 time) internal pure returns (uint256 earned) {
        earned = earnedOf(state, time);
        state.unearned -= uint96(earned);
        state.settledAt = uint40(time);
    }

    /// @notice Adds a payment to a settled membership whose expiry is already the new one.
    /// @dev A payment of nothing leaves `earnedAt`, as a grant does: else free periods, which anybody can add, would put
    /// off what was paid before.
    /// @param seconds_ over which the payment is earned, after what is being earned now
    function credit(IMembership.State memory state, uint256 payment, uint256 seconds_, uint256 time) internal pure {
        if (payment == 0) return;
        uint256 total = state.unearned + payment;
        if (total > type(uint96).max) revert IMembership.PaymentTooLarge(payment, type(uint96).max - state.unearned);
        state.unearned = uint96(total);
        uint256 from = time > state.earnedAt ? time : state.earnedAt;
        uint256 until = from + seconds_;
        state.earnedAt = uint40(until < state.expiresAt ? until : state.expiresAt);
    }
}
