// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ICrowdsale
interface ICrowdsale {
    /// @notice What is sold.
    enum Asset {
        Membership, // periods of a tier
        Utility, // a token with votes and permit
        Restricted // a token that only attested accounts hold, with a right to income
    }

    /// @notice A price that holds until `upTo` has been raised.
    struct Step {
        uint128 upTo; // amount raised; the last one's is the cap
        uint128 price; // of one whole token, or of one period of the tier; base units of the currency
    }

    /// @notice All terms of a sale. Nothing of it can ever change.
    struct Terms {
        bytes32 salt;
        Asset asset;
        uint40 startsAt;
        uint40 endsAt;
        uint128 goal; // least that must be raised
        uint128 cap; // most that can be
        uint128 accountMin;
        uint128 accountMax; // 0 = no limit
        uint16 tierId; // asset Membership: what is sold; else given to contributors of `tierThreshold` or more; 0 = none
        uint16 tierPeriods;
        uint128 tierThreshold;
        uint40 cliffSeconds; // of the one schedule, from finalization
        uint40 vestingSeconds;
        uint16 stopThresholdBps; // 2,000 to 5,000
        bytes32 allowRoot; // Merkle root; 0 = anybody
        uint128 founderAllocation; // tokens, vested alike
        uint40 lockupSeconds; // restricted: no transfer before, from finalization
        string tokenName;
        string tokenSymbol;
        Step[] steps; // 1 to 8
    }
}
