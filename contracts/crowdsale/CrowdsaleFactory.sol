// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICrowdsale} from "./ICrowdsale.sol";
import {ICrowdsaleFactory} from "./ICrowdsaleFactory.sol";

/// @title CrowdsaleFactory
contract CrowdsaleFactory is ICrowdsaleFactory {
    function make(ICrowdsale.Terms calldata) external returns (address sale) {}
}
