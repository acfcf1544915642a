// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HostileAccount} from "./HostileAccount.sol";

/// @notice A contract wallet (EIP-1271) that answers for its signatures as a test tells it.
contract HostileWallet is HostileAccount {
    enum Answer {
        Yes, // to anything
        No,
        AnotherWord,
        BurnsGas,
        CallsBack // calls `target` with `payload`, and says yes if that worked
    }

    bytes4 private constant _MAGIC = 0x1626ba7e;

    Answer private _said;

    function say(Answer answer_) external {
        _said = answer_;
    }

    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        if (_said == Answer.BurnsGas) while (true) {}
        if (_said == Answer.AnotherWord) return 0x150b7a02;
        if (_said == Answer.No) return 0xffffffff;
        if (_said == Answer.Yes) return _MAGIC;
        (bool done,) = target.call(payload);
        return done ? _MAGIC : bytes4(0xffffffff);
    }
}
