// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICrowdsale} from "../crowdsale/ICrowdsale.sol";
import {ICrowdsaleFactory} from "../crowdsale/ICrowdsaleFactory.sol";

/// @notice Says where a sale would be, and makes none.
contract SaleFactoryMock is ICrowdsaleFactory {
    error TermsRefused();

    function make(ICrowdsale.Terms calldata terms) external view returns (address sale) {
        if (terms.cap == 0) revert TermsRefused();
        return address(uint160(uint256(keccak256(abi.encode(msg.sender, terms)))));
    }
}
