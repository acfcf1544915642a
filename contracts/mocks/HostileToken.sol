// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockToken} from "./MockToken.sol";

/// @notice A token whose misbehaviour a test chooses.
contract HostileToken is MockToken {
    enum Mode {
        Honest,
        ReturnsFalse, // and moves nothing
        LiesTrue, // says true and moves nothing
        TakesFee, // 1 % of what is moved vanishes
        GivesMore, // one unit more than was asked for arrives
        CallsBack // calls `target` with `payload` before it moves
    }

    Mode public mode;
    address public target;
    bytes public payload;
    bytes public answer; // what the last call back gave
    bool public succeeded;

    constructor() MockToken("Hostile", "BAD", 18) {}

    function misbehave(Mode mode_, address target_, bytes calldata payload_) external {
        (mode, target, payload) = (mode_, target_, payload_);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (mode == Mode.ReturnsFalse) return false;
        if (mode == Mode.LiesTrue) return true;
        _callBack();
        _transfer(msg.sender, to, amount);
        _distort(to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (mode == Mode.ReturnsFalse) return false;
        if (mode == Mode.LiesTrue) return true;
        _callBack();
        _spendAllowance(from, msg.sender, amount);
        _transfer(from, to, amount);
        _distort(to, amount);
        return true;
    }

    function _distort(address to, uint256 amount) private {
        if (mode == Mode.TakesFee) _burn(to, amount / 100);
        if (mode == Mode.GivesMore) _mint(to, 1);
    }

    function _callBack() private {
        if (mode != Mode.CallsBack) return;
        mode = Mode.Honest;
        (succeeded, answer) = target.call(payload);
        mode = Mode.CallsBack;
    }
}
