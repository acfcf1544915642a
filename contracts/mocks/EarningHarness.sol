// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EarningLib} from "../membership/EarningLib.sol";
import {IMembershipBase} from "../membership/IMembershipBase.sol";

/// @notice Plays the history of one membership in memory, so that a test can try many histories in a second.
contract EarningHarness {
    using EarningLib for IMembershipBase.State;

    struct Step {
        uint40 time;
        uint96 payment; // 0: settle only
        uint40 length; // over which the payment is earned
        uint40 extension; // by which the membership is extended
        uint16 rate; // of the badge in the payment
    }

    /// @notice What was earned in all, and the state after the last step.
    function play(Step[] calldata steps) external pure returns (uint256 earned, IMembershipBase.State memory state) {
        for (uint256 i; i < steps.length; ++i) {
            Step calldata step = steps[i];
            earned += state.settle(step.time);
            if (step.payment == 0) continue;
            uint40 from = state.expiresAt > step.time ? state.expiresAt : step.time;
            state.expiresAt = from + step.extension;
            state.credit(step.payment, step.length, step.rate, step.time);
        }
    }

    /// @notice Packs and unpacks: gives back what it was given, if every field fits its bits.
    function repack(IMembershipBase.State calldata state) external pure returns (IMembershipBase.State memory) {
        return EarningLib.unpack(EarningLib.packTerms(state), EarningLib.packMoney(state));
    }
}
