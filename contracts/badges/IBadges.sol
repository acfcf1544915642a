// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IBadges
interface IBadges {
    /// @notice Makes the referral badge of a membership a token of `holder`. Only the Membership.
    function mintFor(uint40 badge, address holder) external;
}
