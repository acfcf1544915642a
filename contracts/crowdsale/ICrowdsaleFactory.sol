// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICrowdsale} from "./ICrowdsale.sol";

/// @title ICrowdsaleFactory
interface ICrowdsaleFactory {
    /// @notice Makes a sale of the community that calls.
    function make(ICrowdsale.Terms calldata terms) external returns (address sale);
}
