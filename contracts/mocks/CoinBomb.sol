// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Forces coins upon a contract that takes none.
contract CoinBomb {
    function explode(address payable to) external payable {
        selfdestruct(to);
    }
}
