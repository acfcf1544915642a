// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICrowdsale} from "./ICrowdsale.sol";
import {TermsLib} from "./TermsLib.sol";

/// @notice What a contribution buys: its parts at the prices of the steps into which they fall.
library StepLib {
    using TermsLib for bytes;

    uint256 internal constant TOKEN = 10 ** 18; // base units of one whole token

    /// @notice What `amount` buys after `raised`; rounded down in each step. Periods must be whole: PeriodsNotWhole.
    /// @dev `raised + amount` is at most the cap, which is where the last step ends.
    /// @return bought base units of the token, or periods
    /// @return price of the last step that it touches
    function buy(bytes memory terms, uint256 raised, uint256 amount)
        internal
        pure
        returns (uint256 bought, uint256 price)
    {
        uint256 unit = terms.isMembership() ? 1 : TOKEN;
        for (uint256 i; amount != 0; ++i) {
            uint256 left;
            (left, price) = terms.step(i);
            if (raised >= left) continue;
            left -= raised;
            uint256 part = left < amount ? left : amount;
            if (unit == 1 && part % price != 0) revert ICrowdsale.PeriodsNotWhole(part, price);
            bought += part * unit / price;
            raised += part;
            amount -= part;
        }
    }

    /// @notice The most tokens that all contributions together can buy.
    function forSale(ICrowdsale.Step[] calldata steps) internal pure returns (uint256 total) {
        uint256 from;
        for (uint256 i; i < steps.length; ++i) {
            total += (steps[i].upTo - from) * TOKEN / steps[i].price;
            from = steps[i].upTo;
        }
    }
}
