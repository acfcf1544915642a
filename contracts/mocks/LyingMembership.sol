// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Calls itself the membership contract of a community, and any badge rich.
contract LyingMembership {
    address public immutable community;

    constructor(address community_) {
        community = community_;
    }

    function accruedOf(uint40) external pure returns (uint256) {
        return type(uint256).max;
    }

    function royaltyBps() external pure returns (uint16) {
        return 0;
    }
}
