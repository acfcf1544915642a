// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCastLib} from "solady/utils/SafeCastLib.sol";

/// @notice Divides what a source has earned among operator, parent and owner, to the last unit.
/// @dev Another account than the owner is due `credited + floor((earned - baseline) * bps / 10_000) - paid`.
/// The owner is due the rest. What division leaves over is the owner's too, but stays until it is a whole unit: were it
/// paid at once, two shares that both grow by a unit on the same later unit would find only one.
library ShareLib {
    using SafeCastLib for uint256;

    /// @notice Who shares in income beside the owner; one slot. The parent never changes.
    struct Shares {
        address operator;
        uint16 operatorBps;
        uint16 parentBps;
    }

    /// @notice One source of income; two slots.
    struct Source {
        uint112 baseline; // earned when its shares last changed
        uint112 credited; // to all but the owner, up to the baseline
        uint32 version; // of the shares that apply since the baseline; 0 stands for the first, 1
        uint112 paid; // to all but the owner, ever
        uint112 withdrawn; // by all, ever; counted only for money that the community itself holds
    }

    /// @notice What one account got and is owed by a source.
    struct Account {
        uint112 credited; // up to the baseline, as operator or parent
        uint112 paid; // of it and of what came after
        uint256 paidAsOwner;
    }

    uint256 private constant _WHOLE = 10_000;

    /// @notice Due to an account whose shares since the baseline add up to floors of `bps` (of up to two offices).
    function dueOf(Source storage source, Account storage account, uint256 earned, uint256 bpsA, uint256 bpsB)
        internal
        view
        returns (uint256)
    {
        return account.credited + _shareOf(source, earned, bpsA) + _shareOf(source, earned, bpsB) - account.paid;
    }

    /// @notice The owner's rest of `left`: what was earned and has not been withdrawn.
    function restOf(Source storage source, Shares memory shares, uint256 earned, uint256 left)
        internal
        view
        returns (uint256)
    {
        uint256 fresh = earned - source.baseline;
        uint256 others = _up(fresh * shares.operatorBps) + _up(fresh * shares.parentBps);
        uint256 owed = source.credited + others - source.paid;
        return left > owed ? left - owed : 0;
    }

    /// @notice Writes down what an account is due up to now, before other shares apply.
    function carry(Source storage source, Account storage account, uint256 earned, uint256 bps) internal {
        uint112 due = _shareOf(source, earned, bps).toUint112();
        account.credited += due;
        source.credited += due;
    }

    function _shareOf(Source storage source, uint256 earned, uint256 bps) private view returns (uint256) {
        return (earned - source.baseline) * bps / _WHOLE;
    }

    function _up(uint256 scaled) private pure returns (uint256) {
        return (scaled + _WHOLE - 1) / _WHOLE;
    }
}
