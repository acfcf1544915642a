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

    error DatesInvalid(uint40 startsAt, uint40 endsAt, uint256 latest);
    error GoalInvalid(uint96 goal, uint96 cap);
    error StepCountInvalid(uint256 count, uint256 most);
    error StepInvalid(uint256 index); // `upTo` and `price` rise; periods divide it whole
    error AccountLimitsInvalid(uint96 accountMin, uint96 accountMax);
    error TierMissing();
    error TierCapped(uint16 tierId, uint32 cap); // contributors could find no seat when they claim
    error TierPriceMismatch(uint96 expected, uint96 price);
    error TierIsFree(uint16 tierId);
    error TierPeriodsMissing(uint16 tierId);
    error TierThresholdTooLow(uint96 threshold, uint256 least);
    error VestingInvalid(uint40 cliffSeconds, uint40 vestingSeconds, uint256 most);
    error StopThresholdInvalid(uint16 bps, uint16 least, uint16 most);
    error LockupTooLong(uint40 lockupSeconds, uint256 most);
    error SupplyTooLarge(uint256 maximum, uint256 most);
    error TokenNameInvalid(string name);
    error TokenSymbolInvalid(string symbol);
    error TermUnused(bytes32 term); // it says something that this asset does not have
    error DeploymentFailed(); // the same community made the very same before

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
