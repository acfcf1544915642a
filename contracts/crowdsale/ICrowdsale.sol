// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMembershipBase} from "../membership/IMembershipBase.sol";

/// @title ICrowdsale
/// @notice One sale of a community: of memberships of a tier, of a utility token or of a restricted token.
/// @dev Amounts of money are base units of the community's currency, times unix seconds, `Bps` 1/10 000. A contribution
/// is recorded for an account, whoever paid it: the *contributor*. Of what is raised, `tierMoney` pays for
/// memberships, which the contributors claim; the rest is *scheduled*: one schedule releases it to the community and
/// vests the contributors' tokens, until contributors stop it.
/// `Contributed` carries two words as they are stored. High bits to low: `contribution` is `amount 96 | bought 104 |
/// badge 40 | flags 16` (1 tier, 2 voted); `raised` is `amount 96 | tierMoney 96 | finalizedAt 40 | 0 24`.
interface ICrowdsale {
    /// @notice What is sold.
    enum Asset {
        Membership, // periods of a tier
        Utility, // a token with votes and permit
        Restricted // a token that only attested accounts hold, with a right to income
    }

    /// @notice Where a sale stands.
    enum Status {
        Planned, // before the start
        Open,
        Reached, // ended with its goal, or full: anybody may finalize
        Missed, // ended without: contributions are refunded
        Finalized, // the schedule runs, or has run
        Stopped // by its contributors: what was not released is refunded
    }

    /// @notice A price that holds until `upTo` has been raised. A contribution is split across steps.
    struct Step {
        uint96 upTo; // amount raised; the last one's is the cap
        uint128 price; // of one whole token (10**18), or of one period of the tier
    }

    /// @notice All terms of a sale. Nothing of it can ever change.
    struct Terms {
        bytes32 salt; // any; with the community and all other fields it decides the addresses
        Asset asset;
        uint40 startsAt; // first second; past = at once
        uint40 endsAt; // exclusive
        uint96 goal; // least that must be raised
        uint96 accountMin; // least that an account contributes in sum; what fills the cap may be less
        uint96 accountMax; // most that it does; 0 = no limit
        bytes32 allowRoot; // Merkle root over keccak256(keccak256(abi.encode(account))); 0 = anybody
        Step[] steps; // 1 to 8, of rising `upTo` and `price`
        uint16 tierId; // asset Membership: what is sold; else for contributors of `tierThreshold` or more; 0 = none
        uint16 tierPeriods; // that they get, and pay for out of the contribution; asset Membership: 0
        uint96 tierPrice; // of one of these periods: the tier's when the sale is made; asset Membership: 0
        uint96 tierThreshold; // at least tierPrice * tierPeriods; asset Membership: 0
        uint40 cliffSeconds; // of the one schedule, from finalization; asset Membership: 0, as all that follow
        uint40 vestingSeconds; // from finalization until all is released and vested
        uint16 stopThresholdBps; // votes that stop are more than this part; 2,000 to 5,000
        uint104 founderAllocation; // tokens for the owner of today, vested alike
        uint40 lockupSeconds; // restricted token only: no transfer before, from finalization
        string tokenName; // 1 to 64 bytes
        string tokenSymbol; // 1 to 16 bytes
    }

    /// @notice Who stands beside the terms. Nothing of it can ever change.
    struct Parties {
        address community;
        address founder; // the community's owner when the sale was made
        address currency; // 0 = native coins
        address membership;
        address token; // 0 for asset Membership
    }

    /// @notice What is recorded for an account. One slot.
    struct Contribution {
        uint96 amount; // money, in sum
        uint104 bought; // tokens, or periods, at the prices of the steps
        uint40 badge; // that the contributor came by; 0 = none
        bool tier; // `tierPeriods` of the tier are paid out of it
        bool voted; // to stop
    }

    /// @notice What an account has claimed. One slot.
    struct Claims {
        uint104 tokens;
        uint40 periods;
        uint96 paid; // for these periods, to the membership contract
        bool refunded; // what a stop left
    }

    /// @notice Where the money and the votes stand.
    struct Totals {
        uint96 raised;
        uint96 tierMoney; // of it for memberships; the rest is scheduled
        uint40 finalizedAt; // 0 = not yet; start of the schedule
        uint96 released; // of the scheduled money, to the community
        uint96 votes; // scheduled money of those who voted to stop
        uint40 stoppedAt; // 0 = not stopped; end of the schedule
        uint96 electorate; // weight of all votes, without the founder's
    }

    /// @notice `payer` contributed `amount` for `account`, which bought `bought` tokens or periods.
    /// @param contribution of the account, after. @param raised by the sale, after
    event Contributed(
        address indexed account,
        address indexed payer,
        uint256 amount,
        uint256 bought,
        uint256 contribution,
        uint256 raised
    );

    /// @notice The sale holds `funds` of native coins for `account`: what it sent beyond the cap.
    event FundsSet(address indexed account, uint256 funds);

    /// @notice The sale succeeded. The schedule of `scheduled` money and of the tokens began at `finalizedAt`.
    event CrowdsaleFinalized(uint256 finalizedAt, uint256 raised, uint256 scheduled, address by);

    /// @notice `amount` went to the community. @param released all that ever did
    event Released(address indexed community, uint256 amount, uint256 released, address by);

    /// @notice `amount` of a contribution was paid back at `to`: after a missed goal all of it, after a stop what was
    /// not released. Nothing of it is left to refund.
    event ContributionRefunded(address indexed account, address to, uint256 amount);

    /// @notice `amount` tokens were minted to `account`. @param claims of the account, after
    event TokensClaimed(address indexed account, uint256 amount, Claims claims);

    /// @notice `periods` of the tier were paid `amount` for the membership `tokenId` of `wallet`.
    /// @param claims of the account, after
    event MembershipClaimed(
        address indexed account,
        address indexed wallet,
        uint256 indexed tokenId,
        uint256 periods,
        uint256 amount,
        Claims claims
    );

    /// @notice `account` voted to stop with `weight`. @param votes of all, after. @param electorate all weights
    event StopVoted(address indexed account, uint256 weight, uint256 votes, uint256 electorate);

    /// @notice The contributors stopped the schedule. @param unreleased what is refunded of `scheduled`
    event CrowdsaleStopped(uint256 stoppedAt, uint256 unreleased, uint256 scheduled);

    /// @notice What nobody here owns went to the community: a token that is not the currency, sent by accident.
    event Swept(address indexed token, address indexed to, uint256 amount);

    /// @notice The sale takes contributions from `startsAt` on and before `endsAt`.
    error CrowdsaleNotOpen(uint256 startsAt, uint256 endsAt);
    /// @notice The cap was raised.
    error CrowdsaleFull(uint256 cap);
    /// @notice The sale is neither over nor full.
    error CrowdsaleNotOver(uint256 endsAt);
    /// @notice Nobody has finalized the sale yet.
    error CrowdsaleNotFinalized();
    /// @notice A sale is finalized once.
    error CrowdsaleAlreadyFinalized(uint256 finalizedAt);
    /// @notice A sale is stopped once.
    error CrowdsaleAlreadyStopped(uint40 stoppedAt);
    /// @notice All was released at `vestedAt`: nothing is left to stop.
    error CrowdsaleVested(uint256 vestedAt);
    /// @notice The sale ended with less than its goal.
    error GoalMissed(uint256 raised, uint256 goal);
    /// @notice The account's contributions would in sum be below the least of an account.
    error ContributionTooLow(uint256 amount, uint256 least);
    /// @notice The account's contributions would in sum be above the most of an account.
    error ContributionTooHigh(uint256 amount, uint256 most);
    /// @notice `amount` at a step of this price does not buy whole periods.
    error PeriodsNotWhole(uint256 amount, uint256 price);
    /// @notice The contribution touches a step at `price`, above the `most` that the payer named.
    error PriceTooHigh(uint256 price, uint256 most);
    /// @notice The caller expected another currency; 0 = native coins.
    error CurrencyMismatch(address expected, address currency);
    /// @notice `value` native coins were sent where exactly `due` are.
    error ValueMismatch(uint256 value, uint256 due);
    /// @notice The payer's tokens could not be pulled: no balance, no allowance, or a refusal.
    error TransferFromFailed();
    /// @notice Tokens could not be sent.
    error TransferFailed();
    /// @notice The recipient refused native coins.
    error ETHTransferFailed();
    /// @notice Not exactly what was pulled arrived: a fee on transfer, or a lie.
    error TransferShort(uint256 received, uint256 due);
    /// @notice A gift has a recipient.
    error RecipientMissing();
    /// @notice The founder contributes for itself only.
    error GiftByFounder(address recipient);
    /// @notice A badge is chosen by who contributes for itself.
    error BadgeNotChosen(uint40 badge, address recipient);
    /// @notice The account is not on the allow-list.
    error NotAllowed(address account);
    /// @notice The account may not hold the token; see ICommunityToken.Restriction.
    error AccountRestricted(address account, uint8 restriction);
    /// @notice Only the contributor may do this now.
    error NotContributor(address account, address caller);
    /// @notice The schedule has let nothing go since the last release.
    error NothingToRelease();
    /// @notice No token of the account has vested since its last claim.
    error NothingToClaim(address account);
    /// @notice No refund of the account waits: the sale goes on or went well, or it was paid.
    error NothingToRefund(address account);
    /// @notice The sale holds no funds of the account.
    error NothingToWithdraw(address account);
    /// @notice The account can claim 1 to `left` periods.
    error PeriodsInvalid(uint256 periods, uint256 left);
    /// @notice The account has no vote: nothing that it contributed is scheduled.
    error VoteMissing(address account);
    /// @notice The founder has no vote.
    error VoteOfFounder(address account);
    /// @notice A vote is for good.
    error VoteAlreadyCast(address account);
    /// @notice The currency is owed to somebody: only other tokens can be swept.
    error CurrencyNotSwept(address currency);

    /// @notice Contributes `amount` for `recipient` (the caller or anybody else); at most what the cap leaves.
    /// @dev Native: `msg.value` = amount, and what is too much is added to the caller's funds; ERC-20: value 0, and
    /// only `taken` is pulled. A restricted token takes an attested recipient (AccountRestricted); periods are whole.
    /// The founder contributes for nobody else: such votes could not be told from others. An account becomes due the
    /// tier when its sum reaches the threshold by its own contribution, or by one of another that reaches it alone.
    /// @param price highest price of a step that the contribution may touch
    /// @param badge that invited, 0 for none; only for oneself (BadgeNotChosen); the first one stays
    function contribute(uint256 amount, uint128 price, address expectedCurrency, address recipient, uint40 badge)
        external
        payable
        returns (uint256 taken);

    /// @notice As `contribute`, with the proof that the recipient is on the allow-list, and a permit.
    function contributeWith(
        uint256 amount,
        uint128 price,
        address expectedCurrency,
        address recipient,
        uint40 badge,
        bytes32[] calldata proof,
        IMembershipBase.Permit calldata permit
    ) external payable returns (uint256 taken);

    /// @notice Begins the schedule of a sale that reached its goal and has ended or is full. Anybody.
    function finalize() external;

    /// @notice Sends the community what the schedule has released, until now or the stop. Anybody.
    function release() external returns (uint256 amount);

    /// @notice Mints to `account` the tokens that have vested, until now or the stop. Anybody.
    /// @dev A restricted token reverts TransferRestricted unless the account is attested and not frozen.
    function claimTokens(address account) external returns (uint256 amount);

    /// @notice Makes `wallet` a member for `periods` of those that `account` paid for: a join, or with `tokenId` of the
    /// wallet's membership in that tier a renewal. The price goes to the membership contract, which earns it over time.
    /// @dev The account, to any wallet without another membership; from 90 days after finalization anybody, to the
    /// account. The badge goes along only to the account itself. Also after a stop: `cancel` pays what was not earned.
    function claimMembership(address account, address wallet, uint16 periods, uint256 tokenId)
        external
        returns (uint256 membershipId);

    /// @notice Pays the caller's contribution back at `to` (0 = the caller): all of it when the goal was missed, after
    /// a stop its part of what was not released. Neither attestation nor the state of a token matters.
    function claimRefund(address to) external returns (uint256 amount);

    /// @notice Votes to stop, for good. The vote that exceeds the threshold ends the schedule at that instant.
    /// @dev Weight: what of the contribution is scheduled, whoever holds the tokens now; the founder has none.
    function voteStop() external;

    /// @notice Pays the caller's funds to `to` (0 = the caller).
    function withdrawFunds(address to) external returns (uint256 amount);

    /// @notice Sends the community a token that is not the currency, or native coins of an ERC-20 sale. Anybody.
    function sweep(address token) external returns (uint256 amount);

    /// @notice The terms, except for `salt` (0) and the names of the token (empty): the factory's event has these.
    function terms() external view returns (Terms memory terms_, Parties memory parties);
    /// @notice Where the sale stands now.
    function status() external view returns (Status);
    /// @notice Where the money and the votes stand.
    function totals() external view returns (Totals memory);
    /// @notice What is recorded for an account.
    function contributionOf(address account) external view returns (Contribution memory);
    /// @notice What an account has claimed.
    function claimsOf(address account) external view returns (Claims memory);

    /// @notice What a contribution of `amount` would take and buy now, and the price of the last step that it touches.
    function quote(uint256 amount) external view returns (uint256 taken, uint256 bought, uint256 price);

    /// @notice All tokens that `account` will ever get unless the sale is stopped.
    function allocationOf(address account) external view returns (uint256);

    /// @notice Tokens that `claimTokens` would mint now; periods that `account` can claim after finalization, and what
    /// will be paid for them.
    function claimableOf(address account) external view returns (uint256 tokens, uint256 periods, uint256 price);

    /// @notice What `release` would send now.
    function releasable() external view returns (uint256);

    /// @notice What `claimRefund` would pay now.
    function refundOf(address account) external view returns (uint256);

    /// @notice The weight of an account's vote, and whether it was cast.
    function voteOf(address account) external view returns (uint256 weight, bool voted);

    /// @notice Native coins that the sale holds for `account`, beside contributions.
    function fundsOf(address account) external view returns (uint256);
}
