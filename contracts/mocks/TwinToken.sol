// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockToken} from "./MockToken.sol";

/// @notice A token that answers at two addresses, as some tokens with an old and a new proxy do.
contract TwinToken is MockToken {
    error NotTwin(address caller);

    TwinEntry public immutable twin = new TwinEntry(this);

    constructor() MockToken("Twin", "TWIN", 18) {}

    function moveFor(address from, address to, uint256 amount) external {
        if (msg.sender != address(twin)) revert NotTwin(msg.sender);
        _transfer(from, to, amount);
    }
}

/// @notice The second address.
contract TwinEntry {
    TwinToken private immutable _TOKEN;

    constructor(TwinToken token) {
        _TOKEN = token;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _TOKEN.moveFor(msg.sender, to, amount);
        return true;
    }

    function balanceOf(address account) external view returns (uint256) {
        return _TOKEN.balanceOf(account);
    }
}
