// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SplitLib} from "../store/SplitLib.sol";

/// @notice Divides payments, so that a test can try many in a second.
contract SplitHarness {
    function split(uint256 amount, uint256 rate, uint256 communityBps)
        external
        pure
        returns (uint256 badgeShare, uint256 payeeShare, uint256 communityShare)
    {
        return SplitLib.split(amount, rate, communityBps);
    }
}
