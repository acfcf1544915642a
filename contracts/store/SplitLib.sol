// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Divides a payment to the last unit.
library SplitLib {
    uint256 internal constant WHOLE = 10_000;

    /// @notice Badge and payee get floors, the community what remains: the three add up to `amount`.
    /// @param rate of the badge, 1/10 000 of the amount
    /// @param communityBps 1/10 000 of what the badge leaves
    function split(uint256 amount, uint256 rate, uint256 communityBps)
        internal
        pure
        returns (uint256 badgeShare, uint256 payeeShare, uint256 communityShare)
    {
        badgeShare = amount * rate / WHOLE;
        uint256 rest = amount - badgeShare;
        payeeShare = rest * (WHOLE - communityBps) / WHOLE;
        communityShare = rest - payeeShare;
    }
}
