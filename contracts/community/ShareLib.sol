// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCastLib} from "solady/utils/SafeCastLib.sol";
import {ICommunity} from "./ICommunity.sol";

/// @notice Divides what a source has earned among operator, parent, co-founders and owner, to the last unit.
/// @dev Another account than the owner is due `credited + Σ floor((earned - baseline) * bps / 10_000) - paid`, over its offices.
/// The owner is due the rest. What division leaves over is the owner's too, but stays until it is a whole unit: were it
/// paid at once, two shares that both grow by a unit on the same later unit would find only one.
library ShareLib {
    using SafeCastLib for uint256;

    /// @notice Who shares in income beside the owner and the parent, which never changes.
    struct Shares {
        address operator; // first slot
        uint16 operatorBps;
        uint16 parentBps;
        uint40 splitsLockedUntil;
        ICommunity.Split[] splits; // of co-founders
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
        uint112 credited; // up to the baseline, by its offices
        uint112 paid; // of it and of what came after
        uint256 paidAsOwner;
    }

    uint256 internal constant WHOLE = 10_000;
    uint256 internal constant MOST_SPLITS = 16;

    /// @notice Reverts unless the parts name accounts, each once, and leave something to operator, parent and owner.
    function check(ICommunity.Split[] calldata splits, uint256 otherBps) internal pure {
        uint256 sum = otherBps;
        if (splits.length > MOST_SPLITS) revert ICommunity.SplitsInvalid(splits.length);
        for (uint256 i; i < splits.length; ++i) {
            if (splits[i].account == address(0) || splits[i].bps == 0) revert ICommunity.SplitsInvalid(splits[i].bps);
            for (uint256 j; j < i; ++j) {
                if (splits[j].account == splits[i].account) revert ICommunity.SplitsInvalid(splits[i].bps);
            }
            sum += splits[i].bps;
        }
        if (sum > WHOLE) revert ICommunity.SplitsInvalid(sum);
    }

    /// @notice Due to `who` as operator, parent and co-founder, past or present; nothing of it as owner.
    function dueOf(
        Source storage source,
        Account storage account,
        Shares storage shares,
        address parent,
        address who,
        uint256 earned
    ) internal view returns (uint256 due) {
        uint256 fresh = earned - source.baseline;
        due = account.credited;
        if (who == shares.operator) due += fresh * shares.operatorBps / WHOLE;
        if (who == parent) due += fresh * shares.parentBps / WHOLE;
        uint256 count = shares.splits.length;
        for (uint256 i; i < count; ++i) {
            ICommunity.Split storage split = shares.splits[i];
            if (who == split.account) due += fresh * split.bps / WHOLE;
        }
        due -= account.paid;
    }

    /// @notice The owner's rest of `left`: what was earned and has not been withdrawn.
    function restOf(Source storage source, Shares storage shares, uint256 earned, uint256 left)
        internal
        view
        returns (uint256)
    {
        uint256 fresh = earned - source.baseline;
        uint256 owed = source.credited + _up(fresh * shares.operatorBps) + _up(fresh * shares.parentBps);
        uint256 count = shares.splits.length;
        for (uint256 i; i < count; ++i) {
            owed += _up(fresh * shares.splits[i].bps);
        }
        owed -= source.paid; // last: of what co-founders are owed much may have been paid
        return left > owed ? left - owed : 0;
    }

    /// @notice Writes down what every account but the owner is due up to now, before the shares `version` apply.
    function adopt(
        Source storage source,
        mapping(address => Account) storage accounts,
        Shares storage shares,
        address parent,
        uint256 earned,
        uint32 version
    ) internal {
        uint256 fresh = earned - source.baseline;
        uint256 sum = _carry(accounts[shares.operator], fresh * shares.operatorBps / WHOLE)
            + _carry(accounts[parent], fresh * shares.parentBps / WHOLE);
        uint256 count = shares.splits.length;
        for (uint256 i; i < count; ++i) {
            ICommunity.Split storage split = shares.splits[i];
            sum += _carry(accounts[split.account], fresh * split.bps / WHOLE);
        }
        source.credited += sum.toUint112();
        (source.baseline, source.version) = (earned.toUint112(), version);
    }

    function _carry(Account storage account, uint256 due) private returns (uint256) {
        if (due != 0) account.credited += due.toUint112();
        return due;
    }

    function _up(uint256 scaled) private pure returns (uint256) {
        return (scaled + WHOLE - 1) / WHOLE;
    }
}
