// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICrowdsale} from "./ICrowdsale.sol";

/// @title ICrowdsaleFactory
/// @notice Makes crowdsales for communities: a clone of the sale and, if it sells one, of its token.
interface ICrowdsaleFactory {
    /// @notice A sale was made. Only what a community itself calls its sale (SaleOpened) is one.
    /// @param token that is sold; 0 for memberships. @param maximum of its supply, ever
    event CrowdsaleMade(
        address indexed community,
        address indexed sale,
        address indexed token,
        address founder,
        address currency,
        address membership,
        uint256 maximum,
        ICrowdsale.Terms terms
    );

    /// @notice The sale ends before it starts, has ended, or ends after `latest`. Unix seconds.
    error DatesInvalid(uint40 startsAt, uint40 endsAt, uint256 latest);
    /// @notice The goal is 0 or above the cap. Base units of the currency.
    error GoalInvalid(uint96 goal, uint96 cap);
    /// @notice There are 1 to `most` steps.
    error StepCountInvalid(uint256 count, uint256 most);
    /// @notice At this step (from 0) `upTo` or `price` does not rise, or periods do not divide it whole.
    error StepInvalid(uint256 index);
    /// @notice The least of an account is above the cap or above its most. Base units of the currency.
    error AccountLimitsInvalid(uint96 accountMin, uint96 accountMax);
    /// @notice Memberships are sold of a tier.
    error TierMissing();
    /// @notice The tier has a cap: contributors could find no seat when they claim.
    error TierCapped(uint16 tierId, uint32 cap);
    /// @notice The tier's price is not the one of the terms. Base units of the currency.
    error TierPriceMismatch(uint96 expected, uint96 price);
    /// @notice A free tier is joined without a sale.
    error TierIsFree(uint16 tierId);
    /// @notice Contributors get periods of the tier: how many is missing.
    error TierPeriodsMissing(uint16 tierId);
    /// @notice Less than the periods cost would make a member. Base units of the currency.
    error TierThresholdTooLow(uint96 threshold, uint256 least);
    /// @notice The schedule is empty, longer than `most`, or shorter than its cliff. Seconds.
    error VestingInvalid(uint40 cliffSeconds, uint40 vestingSeconds, uint256 most);
    /// @notice The part of the votes that stops is out of range. 1/10 000.
    error StopThresholdInvalid(uint16 bps, uint16 least, uint16 most);
    /// @notice The lock-up is longer than `most`. Seconds.
    error LockupTooLong(uint40 lockupSeconds, uint256 most);
    /// @notice Steps and allocation would make more tokens than can be counted. Base units of the token.
    error SupplyTooLarge(uint256 maximum, uint256 most);
    /// @notice The name is empty or longer than 64 bytes.
    error TokenNameInvalid(string name);
    /// @notice The symbol is empty or longer than 16 bytes.
    error TokenSymbolInvalid(string symbol);
    /// @notice A term says something that this asset does not have.
    error TermUnused(bytes32 term);
    /// @notice The same community made the very same before.
    error DeploymentFailed();

    /// @notice Makes a sale of the calling community, whose owner is its founder.
    /// @dev Anybody may call: what only claims to be a community fools itself. CREATE2 with a salt over the caller and
    /// `terms`, so that a reorg cannot put another sale at the address.
    function make(ICrowdsale.Terms calldata terms) external returns (address sale);

    /// @notice The addresses that `make` by `community` would give now.
    function addressesOf(address community, ICrowdsale.Terms calldata terms)
        external
        view
        returns (address sale, address token);
}
