// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Store
contract Store {
    function earnings() external pure returns (uint256 earnedTotal, uint256 withdrawnTotal) {
        return (0, 0);
    }
}
