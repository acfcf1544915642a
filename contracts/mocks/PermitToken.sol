// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @notice A well-behaved ERC-20 whose allowances can be signed (ERC-2612).
contract PermitToken is ERC20Permit {
    constructor() ERC20("Signed Dollar", "SUSD") ERC20Permit("Signed Dollar") {}

    function mint(address account, uint256 amount) external {
        _mint(account, amount);
    }
}
