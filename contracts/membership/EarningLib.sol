// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMembershipBase} from "./IMembershipBase.sol";

/// @notice How a payment becomes income over time, and how a membership is packed into two words.
/// @dev The layout of both words stands in IMembershipBase. Beside them the word of a wallet without a membership may hold
/// what it keeps from one that it burned: a badge, and whether it was counted.
library EarningLib {
    uint8 internal constant COUNTED = 1; // the member counts for its badge, or did
    uint8 internal constant CHOSEN = 2; // the holder chose its badge (or none) at its own first payment
    uint8 internal constant RELEASED = 4; // its seat went to somebody else

    uint256 private constant _WHOLE = 10_000;

    /// @notice The state that both words hold. Every field fits its member: the words are never wider.
    function unpack(uint96 terms, uint224 money) internal pure returns (IMembershipBase.State memory state) {
        state.expiresAt = uint40(terms >> 56);
        state.tierId = uint16(terms >> 40);
        state.badge = uint40(terms);
        state.unearned = uint96(money >> 128);
        state.settledAt = uint40((money >> 92) & 0xfffffffff);
        state.earnedAt = uint40((money >> 56) & 0xfffffffff);
        state.rate = uint16((money >> 44) & 0xfff);
        state.countAt = uint32((money >> 20) & 0xffffff);
        state.transferCount = uint16(money >> 4);
        state.flags = uint8(money & 0xf);
    }

    function packTerms(IMembershipBase.State memory state) internal pure returns (uint96) {
        return (uint96(state.expiresAt) << 56) | (uint96(state.tierId) << 40) | state.badge;
    }

    /// @dev Times are 36 bits (until the year 4147), which `earnedAt <= now + 2 years` and clock times keep;
    /// the lifetime expiry of 40 bits never gets here. Rates are at most 3,000.
    function packMoney(IMembershipBase.State memory state) internal pure returns (uint224) {
        return (uint224(state.unearned) << 128) | (uint224(state.settledAt) << 92) | (uint224(state.earnedAt) << 56)
            | (uint224(state.rate) << 44) | (uint224(state.countAt) << 20) | (uint224(state.transferCount) << 4)
            | state.flags;
    }

    /// @notice The packed money after a transfer: one more is counted, and the new holder has not chosen the badge.
    /// @dev Reverts at the 65,536th, so that no signature over a count ever revives.
    function moved(uint224 money) internal pure returns (uint224) {
        uint256 count = uint256(uint16(money >> 4)) + 1;
        if (count > type(uint16).max) revert IMembershipBase.TransfersUsedUp();
        return ((money >> 20) << 20) | uint224(count << 4) | (money & (0xf ^ CHOSEN));
    }

    /// @notice What a wallet keeps after it burned its membership: the badge that it chose itself, and that it was counted.
    function remembered(IMembershipBase.State memory state) internal pure returns (uint40 badge, bool counted) {
        return (state.flags & CHOSEN != 0 ? state.badge : 0, state.flags & COUNTED != 0);
    }

    /// @notice Packs what `remembered` gave; `recall` gives it back.
    function memorize(uint40 badge, bool counted) internal pure returns (uint224) {
        return (uint224(badge) << 4) | (counted ? COUNTED : 0);
    }

    function recall(uint224 memory_) internal pure returns (uint40 badge, bool counted) {
        return (uint40(memory_ >> 4), memory_ & COUNTED != 0);
    }

    /// @notice What of `unearned` has been earned at `time` and not been settled. Rounded up, never above `unearned`.
    function earnedOf(IMembershipBase.State memory state, uint256 time) internal pure returns (uint256) {
        if (time >= state.earnedAt) return state.unearned;
        uint256 length = state.earnedAt - state.settledAt;
        // Below `unearned`, as time < earnedAt; settledAt <= time, since only a block's own time is ever stored.
        return (uint256(state.unearned) * (time - state.settledAt) + length - 1) / length;
    }

    /// @notice Moves what has been earned out of `unearned`.
    function settle(IMembershipBase.State memory state, uint256 time) internal pure returns (uint256 earned) {
        earned = earnedOf(state, time);
        state.unearned -= uint96(earned);
        state.settledAt = uint40(time);
    }

    /// @notice Adds a payment, of which the badge will get `rate`, to a settled membership whose expiry is already the new one.
    /// @dev A payment of nothing leaves `earnedAt`, as a grant does: else free periods, which anybody can add, would put
    /// off what was paid before. The rate of all that is unearned is the mean, rounded down.
    /// @param seconds_ over which the payment is earned, after what is being earned now
    function credit(IMembershipBase.State memory state, uint256 payment, uint256 seconds_, uint256 rate, uint256 time)
        internal
        pure
    {
        if (payment == 0) return;
        blend(state, payment, rate);
        uint256 from = time > state.earnedAt ? time : state.earnedAt;
        uint256 until = from + seconds_;
        state.earnedAt = uint40(until < state.expiresAt ? until : state.expiresAt);
    }

    /// @notice Adds a payment to what is unearned and mixes the rates.
    function blend(IMembershipBase.State memory state, uint256 payment, uint256 rate) internal pure {
        uint256 before = state.unearned;
        uint256 total = before + payment;
        if (total > type(uint96).max) revert IMembershipBase.PaymentTooLarge(payment, type(uint96).max - before);
        if (total == 0) return;
        state.rate = uint16((before * state.rate + payment * rate) / total);
        state.unearned = uint96(total);
    }

    /// @notice Takes all that is unearned out of a settled membership and ends its time.
    function end(IMembershipBase.State memory state, uint256 time) internal pure returns (uint256 refund) {
        refund = state.unearned;
        state.unearned = 0;
        if (state.expiresAt > time) state.expiresAt = uint40(time);
        if (state.earnedAt > time) state.earnedAt = uint40(time);
        state.countAt = 0; // paid time was cancelled: it counts for nothing
    }

    /// @notice The badge's part of what was earned, rounded down.
    function shareOf(IMembershipBase.State memory state, uint256 earned) internal pure returns (uint256) {
        return earned * state.rate / _WHOLE;
    }
}
