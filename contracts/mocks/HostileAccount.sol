// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A contract that holds memberships or shares: it does what a test tells it, and answers what comes in as told.
contract HostileAccount {
    enum Mode {
        Accepts,
        Reverts,
        BurnsGas,
        CallsBack // calls `target` with `payload` when coins or a token arrive
    }

    error Refused();
    error ExecutionFailed(bytes reason);

    Mode public mode;
    address public target;
    bytes public payload;
    bytes public answer; // what the last call back gave
    bool public succeeded;

    receive() external payable {
        _react();
    }

    function misbehave(Mode mode_, address target_, bytes calldata payload_) external {
        (mode, target, payload) = (mode_, target_, payload_);
    }

    /// @notice Calls anything as this account; reverts with what the call reverts with.
    function execute(address to, bytes calldata call_) external payable returns (bytes memory result) {
        bool ok;
        (ok, result) = to.call{value: msg.value}(call_);
        if (!ok) revert ExecutionFailed(result);
    }

    /// @notice Calls anything as this account with so much gas and no more; keeps the coins when that is too little.
    function starve(address to, bytes calldata call_, uint256 gas_) external payable {
        (succeeded, answer) = to.call{value: msg.value, gas: gas_}(call_);
    }

    function onERC721Received(address, address, uint256, bytes calldata) external returns (bytes4) {
        _react();
        return this.onERC721Received.selector;
    }

    function onERC1155Received(address, address, uint256, uint256, bytes calldata) external returns (bytes4) {
        _react();
        return this.onERC1155Received.selector;
    }

    function onERC1155BatchReceived(address, address, uint256[] calldata, uint256[] calldata, bytes calldata)
        external
        returns (bytes4)
    {
        _react();
        return this.onERC1155BatchReceived.selector;
    }

    function _react() private {
        if (mode == Mode.Reverts) revert Refused();
        if (mode == Mode.BurnsGas) while (true) {}
        if (mode == Mode.CallsBack) (succeeded, answer) = target.call(payload);
    }
}
