// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibClone} from "solady/utils/LibClone.sol";
import {ICommunity} from "../community/ICommunity.sol";
import {IMembership} from "../membership/IMembership.sol";
import {ICommunityToken} from "./ICommunityToken.sol";
import {ICrowdsale} from "./ICrowdsale.sol";
import {ICrowdsaleFactory} from "./ICrowdsaleFactory.sol";
import {StepLib} from "./StepLib.sol";
import {TermsLib} from "./TermsLib.sol";

/// @title CrowdsaleFactory
/// @notice See ICrowdsaleFactory. It has no owner and no setting that can change.
contract CrowdsaleFactory is ICrowdsaleFactory {
    uint256 private constant _MOST_SECONDS = 2 * 365 days; // from now to the end of a sale
    uint256 private constant _MOST_VESTING = 10 * 365 days;
    uint256 private constant _MOST_STEPS = 8;
    uint256 private constant _MOST_NAME = 64; // bytes
    uint256 private constant _MOST_SYMBOL = 16; // bytes
    uint16 private constant _LEAST_STOP_BPS = 2_000;
    uint16 private constant _MOST_STOP_BPS = 5_000;

    address private immutable _CROWDSALE; // implementation behind the clones
    address private immutable _TOKEN;

    constructor(address crowdsale, address token) {
        (_CROWDSALE, _TOKEN) = (crowdsale, token);
    }

    /// @inheritdoc ICrowdsaleFactory
    function make(ICrowdsale.Terms calldata terms) external returns (address sale) {
        ICrowdsale.Parties memory parties = _partiesOf(msg.sender);
        _checkSale(terms);
        _checkTier(terms, parties.membership);
        uint256 maximum;
        bytes32 salt = _saltOf(msg.sender, terms);
        if (terms.asset == ICrowdsale.Asset.Membership) {
            _checkUnused(terms);
        } else {
            maximum = _checkToken(terms);
            parties.token = LibClone.cloneDeterministic(_TOKEN, _tokenArguments(terms, parties, maximum), salt);
        }
        sale = LibClone.cloneDeterministic(_CROWDSALE, TermsLib.pack(terms, parties), salt);
        emit CrowdsaleMade(
            msg.sender, sale, parties.token, parties.founder, parties.currency, parties.membership, maximum, terms
        );
        if (parties.token != address(0)) ICommunityToken(parties.token).initialize(sale);
    }

    /// @inheritdoc ICrowdsaleFactory
    function addressesOf(address community, ICrowdsale.Terms calldata terms)
        external
        view
        returns (address sale, address token)
    {
        ICrowdsale.Parties memory parties = _partiesOf(community);
        bytes32 salt = _saltOf(community, terms);
        if (terms.asset != ICrowdsale.Asset.Membership) {
            token = LibClone.predictDeterministicAddress(
                _TOKEN, _tokenArguments(terms, parties, _maximumOf(terms)), salt, address(this)
            );
            parties.token = token;
        }
        sale = LibClone.predictDeterministicAddress(_CROWDSALE, TermsLib.pack(terms, parties), salt, address(this));
    }

    function _partiesOf(address community) private view returns (ICrowdsale.Parties memory parties) {
        parties.community = community;
        parties.founder = ICommunity(community).owner();
        parties.currency = ICommunity(community).currency();
        parties.membership = ICommunity(community).membership();
    }

    /// @dev Reverts unless dates, goal, steps and the limits of an account make sense together.
    function _checkSale(ICrowdsale.Terms calldata terms) private view {
        uint256 latest = block.timestamp + _MOST_SECONDS;
        if (terms.endsAt <= block.timestamp || terms.endsAt <= terms.startsAt || terms.endsAt > latest) {
            revert DatesInvalid(terms.startsAt, terms.endsAt, latest);
        }
        uint256 count = terms.steps.length;
        if (count == 0 || count > _MOST_STEPS) revert StepCountInvalid(count, _MOST_STEPS);
        bool periods = terms.asset == ICrowdsale.Asset.Membership;
        (uint96 upTo, uint128 price) = (0, 0);
        for (uint256 i; i < count; ++i) {
            ICrowdsale.Step calldata step = terms.steps[i];
            if (step.upTo <= upTo || step.price <= price) revert StepInvalid(i);
            if (periods && (step.upTo - upTo) % step.price != 0) revert StepInvalid(i);
            (upTo, price) = (step.upTo, step.price);
        }
        if (terms.goal == 0 || terms.goal > upTo) revert GoalInvalid(terms.goal, upTo);
        if (terms.accountMin > upTo || (terms.accountMax != 0 && terms.accountMax < terms.accountMin)) {
            revert AccountLimitsInvalid(terms.accountMin, terms.accountMax);
        }
    }

    /// @dev Reverts unless the tier exists, has a seat for every contributor (a cap never changes) and, where it goes
    /// with a token, costs what the terms say.
    function _checkTier(ICrowdsale.Terms calldata terms, address membership) private view {
        bool sold = terms.asset == ICrowdsale.Asset.Membership;
        if (terms.tierId == 0) {
            if (sold) revert TierMissing();
            if (terms.tierPeriods != 0) revert TermUnused("tierPeriods");
            if (terms.tierPrice != 0) revert TermUnused("tierPrice");
            if (terms.tierThreshold != 0) revert TermUnused("tierThreshold");
            return;
        }
        IMembership.Tier memory tier = IMembership(membership).tierOf(terms.tierId); // reverts TierUnknown
        if (tier.cap != 0) revert TierCapped(terms.tierId, tier.cap);
        if (sold) return;
        uint96 price = tier.price;
        if (price == 0) revert TierIsFree(terms.tierId);
        if (terms.tierPrice != price) revert TierPriceMismatch(terms.tierPrice, price);
        if (terms.tierPeriods == 0) revert TierPeriodsMissing(terms.tierId);
        uint256 least = uint256(price) * terms.tierPeriods;
        if (terms.tierThreshold < least) revert TierThresholdTooLow(terms.tierThreshold, least);
    }

    /// @dev A sale of memberships has neither token nor schedule: its money goes to the membership contract at claims.
    function _checkUnused(ICrowdsale.Terms calldata terms) private pure {
        if (terms.tierPeriods != 0) revert TermUnused("tierPeriods");
        if (terms.tierPrice != 0) revert TermUnused("tierPrice");
        if (terms.tierThreshold != 0) revert TermUnused("tierThreshold");
        if (terms.cliffSeconds != 0) revert TermUnused("cliffSeconds");
        if (terms.vestingSeconds != 0) revert TermUnused("vestingSeconds");
        if (terms.stopThresholdBps != 0) revert TermUnused("stopThresholdBps");
        if (terms.founderAllocation != 0) revert TermUnused("founderAllocation");
        if (terms.lockupSeconds != 0) revert TermUnused("lockupSeconds");
        if (bytes(terms.tokenName).length != 0) revert TermUnused("tokenName");
        if (bytes(terms.tokenSymbol).length != 0) revert TermUnused("tokenSymbol");
    }

    /// @dev Reverts unless schedule, vote and token make sense.
    function _checkToken(ICrowdsale.Terms calldata terms) private pure returns (uint256 maximum) {
        if (terms.cliffSeconds > terms.vestingSeconds || terms.vestingSeconds > _MOST_VESTING) {
            revert VestingInvalid(terms.cliffSeconds, terms.vestingSeconds, _MOST_VESTING);
        }
        if (terms.stopThresholdBps < _LEAST_STOP_BPS || terms.stopThresholdBps > _MOST_STOP_BPS) {
            revert StopThresholdInvalid(terms.stopThresholdBps, _LEAST_STOP_BPS, _MOST_STOP_BPS);
        }
        if (terms.asset == ICrowdsale.Asset.Utility && terms.lockupSeconds != 0) revert TermUnused("lockupSeconds");
        if (terms.lockupSeconds > _MOST_VESTING) revert LockupTooLong(terms.lockupSeconds, _MOST_VESTING);
        uint256 nameLength = bytes(terms.tokenName).length;
        if (nameLength == 0 || nameLength > _MOST_NAME) revert TokenNameInvalid(terms.tokenName);
        uint256 symbolLength = bytes(terms.tokenSymbol).length;
        if (symbolLength == 0 || symbolLength > _MOST_SYMBOL) revert TokenSymbolInvalid(terms.tokenSymbol);
        maximum = _maximumOf(terms);
        if (maximum > type(uint104).max) revert SupplyTooLarge(maximum, type(uint104).max);
    }

    function _maximumOf(ICrowdsale.Terms calldata terms) private pure returns (uint256) {
        return StepLib.forSale(terms.steps) + terms.founderAllocation;
    }

    // The length of the name stands before name and symbol: no two sales give the same bytes.
    // slither-disable-next-line encode-packed-collision
    function _tokenArguments(ICrowdsale.Terms calldata terms, ICrowdsale.Parties memory parties, uint256 maximum)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(
            parties.community,
            parties.currency,
            uint104(maximum),
            terms.asset == ICrowdsale.Asset.Restricted,
            uint8(bytes(terms.tokenName).length),
            terms.tokenName,
            terms.tokenSymbol
        );
    }

    function _saltOf(address community, ICrowdsale.Terms calldata terms) private pure returns (bytes32) {
        return keccak256(abi.encode(community, terms));
    }
}
