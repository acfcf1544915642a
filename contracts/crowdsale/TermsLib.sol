// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibClone} from "solady/utils/LibClone.sol";
import {ICrowdsale} from "./ICrowdsale.sol";

/// @notice The terms of a sale as the immutable arguments of its clone: words of 32 bytes, high bits to low:
/// 0 `asset 8 | startsAt 40 | endsAt 40 | steps 8 | tierId 16 | tierPeriods 16 | stopThresholdBps 16 | 0 16 | goal 96`;
/// 1 `accountMax 96 | currency 160`; 2 `accountMin 96 | community 160`; 3 `founder 160 | tierThreshold 96`;
/// 4 `membership 160 | tierMoney 96`; 5 `token 160 | cliffSeconds 40 | vestingSeconds 40 | 0 16`; 6 `allowRoot`;
/// 7 `lockupSeconds 40 | 0 112 | founderAllocation 104`; 8 `0 160 | cap 96`; then one a step: `upTo 128 | price 128`.
library TermsLib {
    uint256 private constant _FIRST_STEP = 9 * 32;

    /// @notice The immutable arguments of a clone.
    function pack(ICrowdsale.Terms calldata terms, ICrowdsale.Parties memory parties_)
        internal
        pure
        returns (bytes memory args)
    {
        uint256 count = terms.steps.length;
        args = bytes.concat(_first(terms), _second(terms, parties_), bytes32(uint256(terms.steps[count - 1].upTo)));
        for (uint256 i; i < count; ++i) {
            args = abi.encodePacked(args, uint128(terms.steps[i].upTo), terms.steps[i].price);
        }
    }

    /// @notice The arguments of the clone that runs.
    function load() internal view returns (bytes memory) {
        return LibClone.argsOnClone(address(this));
    }

    /// @notice Only the first three words of the arguments, which cost 200 gas less.
    function loadHead() internal view returns (bytes memory) {
        return LibClone.argsOnClone(address(this), 0, 3 * 32);
    }

    /// @notice The terms again; what the arguments do not hold is empty.
    function unpack(bytes memory args) internal pure returns (ICrowdsale.Terms memory terms) {
        terms.asset = ICrowdsale.Asset(asset(args));
        (terms.startsAt, terms.endsAt) = (uint40(startsAt(args)), uint40(endsAt(args)));
        terms.goal = uint96(goal(args));
        terms.accountMin = uint96(accountMin(args));
        terms.accountMax = uint96(accountMax(args));
        terms.allowRoot = allowRoot(args);
        (terms.tierId, terms.tierPeriods) = (tierId(args), tierPeriods(args));
        if (terms.tierPeriods != 0) terms.tierPrice = uint96(tierMoney(args) / terms.tierPeriods);
        terms.tierThreshold = uint96(tierThreshold(args));
        (terms.cliffSeconds, terms.vestingSeconds) = (uint40(cliffSeconds(args)), uint40(vestingSeconds(args)));
        terms.stopThresholdBps = uint16(stopThresholdBps(args));
        terms.founderAllocation = uint104(founderAllocation(args));
        terms.lockupSeconds = uint40(lockupSeconds(args));
        terms.steps = new ICrowdsale.Step[](uint8(_word(args, 0) >> 160));
        for (uint256 i; i < terms.steps.length; ++i) {
            (uint256 upTo, uint256 price) = step(args, i);
            (terms.steps[i].upTo, terms.steps[i].price) = (uint96(upTo), uint128(price));
        }
    }

    function parties(bytes memory args) internal pure returns (ICrowdsale.Parties memory) {
        return ICrowdsale.Parties({
            community: community(args),
            founder: founder(args),
            currency: currency(args),
            membership: membership(args),
            token: token(args)
        });
    }

    /// @notice The number of an ICrowdsale.Asset.
    function asset(bytes memory args) internal pure returns (uint256) {
        return _word(args, 0) >> 248;
    }

    function isMembership(bytes memory args) internal pure returns (bool) {
        return asset(args) == uint256(ICrowdsale.Asset.Membership);
    }

    function startsAt(bytes memory args) internal pure returns (uint256) {
        return uint40(_word(args, 0) >> 208);
    }

    function endsAt(bytes memory args) internal pure returns (uint256) {
        return uint40(_word(args, 0) >> 168);
    }

    function tierId(bytes memory args) internal pure returns (uint16) {
        return uint16(_word(args, 0) >> 144);
    }

    function tierPeriods(bytes memory args) internal pure returns (uint16) {
        return uint16(_word(args, 0) >> 128);
    }

    function stopThresholdBps(bytes memory args) internal pure returns (uint256) {
        return uint16(_word(args, 0) >> 112);
    }

    function goal(bytes memory args) internal pure returns (uint256) {
        return uint96(_word(args, 0));
    }

    function community(bytes memory args) internal pure returns (address) {
        return address(uint160(_word(args, 2)));
    }

    function accountMin(bytes memory args) internal pure returns (uint256) {
        return _word(args, 2) >> 160;
    }

    function currency(bytes memory args) internal pure returns (address) {
        return address(uint160(_word(args, 1)));
    }

    function accountMax(bytes memory args) internal pure returns (uint256) {
        return _word(args, 1) >> 160;
    }

    function founder(bytes memory args) internal pure returns (address) {
        return address(uint160(_word(args, 3) >> 96));
    }

    function tierThreshold(bytes memory args) internal pure returns (uint256) {
        return uint96(_word(args, 3));
    }

    function membership(bytes memory args) internal pure returns (address) {
        return address(uint160(_word(args, 4) >> 96));
    }

    /// @notice What all periods of the tier cost that goes with a contribution.
    function tierMoney(bytes memory args) internal pure returns (uint256) {
        return uint96(_word(args, 4));
    }

    function token(bytes memory args) internal pure returns (address) {
        return address(uint160(_word(args, 5) >> 96));
    }

    function cliffSeconds(bytes memory args) internal pure returns (uint256) {
        return uint40(_word(args, 5) >> 56);
    }

    function vestingSeconds(bytes memory args) internal pure returns (uint256) {
        return uint40(_word(args, 5) >> 16);
    }

    function allowRoot(bytes memory args) internal pure returns (bytes32) {
        return bytes32(_word(args, 6));
    }

    function lockupSeconds(bytes memory args) internal pure returns (uint256) {
        return _word(args, 7) >> 216;
    }

    function founderAllocation(bytes memory args) internal pure returns (uint256) {
        return uint104(_word(args, 7));
    }

    function cap(bytes memory args) internal pure returns (uint256) {
        return _word(args, 8);
    }

    function step(bytes memory args, uint256 index) internal pure returns (uint256 upTo, uint256 price) {
        uint256 word = uint256(LibClone.argLoad(args, _FIRST_STEP + index * 32));
        return (word >> 128, uint128(word));
    }

    function _first(ICrowdsale.Terms calldata terms) private pure returns (bytes memory) {
        return abi.encodePacked(
            uint8(terms.asset),
            terms.startsAt,
            terms.endsAt,
            uint8(terms.steps.length),
            terms.tierId,
            terms.tierPeriods,
            terms.stopThresholdBps,
            uint16(0),
            terms.goal
        );
    }

    function _second(ICrowdsale.Terms calldata terms, ICrowdsale.Parties memory parties_)
        private
        pure
        returns (bytes memory)
    {
        uint96 money = uint96(uint256(terms.tierPrice) * terms.tierPeriods); // at most the threshold, which is 96 bits
        return bytes.concat(
            abi.encodePacked(terms.accountMax, parties_.currency, terms.accountMin, parties_.community),
            abi.encodePacked(parties_.founder, terms.tierThreshold, parties_.membership, money),
            abi.encodePacked(parties_.token, terms.cliffSeconds, terms.vestingSeconds, uint16(0), terms.allowRoot),
            abi.encodePacked(terms.lockupSeconds, uint112(0), terms.founderAllocation)
        );
    }

    function _word(bytes memory args, uint256 index) private pure returns (uint256) {
        return uint256(LibClone.argLoad(args, index * 32));
    }
}
