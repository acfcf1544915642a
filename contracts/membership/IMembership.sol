// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IMembership
/// @notice Memberships of one community as ERC-721 tokens that expire, paid in one currency.
/// @dev Money is earned over time: of each payment only what has been earned can leave to the community,
/// the rest (`unearned`) always stays for refunds. Amounts are base units of `currency()`; times unix seconds.
interface IMembership {
    /// @notice What a founder states of a new tier.
    struct TierParams {
        bytes32 label; // UTF-8, zero padded; not empty
        uint96 price; // per period; 0 = free
        uint40 periodSeconds; // fixed; 1 hour to 100 years; 0 = for life
        uint40 earningSeconds; // fixed; over which a period's price is earned; 0 = the period (for life: 365 days), else 1 day to it
        uint32 cap; // most seats; 0 = no limit; below 2**24
        uint40 saleStart; // joins from here on; 0 = at once
        uint40 saleEnd; // joins before this; 0 = no end
        bool soulbound; // fixed; memberships of this tier cannot be transferred
    }

    /// @notice The whole state of a tier.
    struct Tier {
        bytes32 label;
        uint96 price; // of joins, at once
        uint96 renewalPrice; // of renewals before `noticeEnds` (then: `price`)
        uint40 noticeEnds; // 0 when no rise is pending
        uint40 periodSeconds;
        uint40 earningSeconds;
        uint32 cap;
        uint32 seats; // taken
        uint40 saleStart;
        uint40 saleEnd;
        uint40 retiresAt; // renewals end here; 0 = not retired
        uint16 inviteeDiscountBps; // off a first payment made through a badge
        bytes32 allowRoot; // Merkle root of who may join; 0 = anybody
        bool paused; // no joins; renewals go on
        bool soulbound;
    }

    /// @notice The whole state of a membership, besides its holder.
    struct State {
        uint40 expiresAt; // exclusive; type(uint40).max = for life
        uint16 tierId;
        uint40 badge; // that the member is bound to; 0 = none
        uint96 unearned;
        uint40 settledAt;
        uint40 earnedAt; // when all of `unearned` will be earned
        uint16 rate; // of the badge in what is unearned, 1/10 000
        uint32 countAt; // unix hours from which the member counts for its badge
        uint16 transferCount;
        uint8 flags; // 1 counted for its badge; 2 badge chosen by the holder itself
    }

    /// @notice A tier was made or changed; this is its state now.
    event TierSet(uint16 indexed tierId, Tier tier);

    /// @notice A wallet became a member. A first payment of `amount` (0 = free) came from `payer`.
    event MembershipJoined(
        uint256 indexed tokenId,
        address indexed holder,
        uint16 indexed tierId,
        address payer,
        uint256 amount,
        uint16 periods,
        State state
    );

    /// @notice A membership was extended by `periods` for `amount` from `payer`.
    event MembershipRenewed(
        uint256 indexed tokenId,
        address indexed holder,
        uint16 indexed tierId,
        address payer,
        uint256 amount,
        uint16 periods,
        State state
    );

    /// @notice A membership went from one wallet to another, with its time, badge and unearned money.
    event MembershipMoved(uint256 indexed tokenId, address indexed from, address indexed to, State state);

    /// @notice `earned` of the unearned money became income: `badgeShare` of the badge, the rest of the community.
    /// @param earnedTotal all that the community has ever earned here
    event MembershipSettled(
        uint256 indexed tokenId, uint256 earned, uint256 badgeShare, uint256 earnedTotal, State state
    );

    /// @notice The community took `amount` of what it had earned.
    /// @param withdrawnTotal all that ever left
    event EarningsWithdrawn(address indexed to, uint256 amount, uint256 withdrawnTotal);

    error TierUnknown(uint16 tierId);
    error TierPaused(uint16 tierId);
    error TierNotOnSale(uint16 tierId, uint40 saleStart, uint40 saleEnd);
    error TierSoldOut(uint16 tierId, uint32 cap);
    error TierRetired(uint16 tierId, uint40 retiresAt);
    error TierSoulbound(uint16 tierId);
    error TierParamsInvalid(uint16 tierId);
    error RetirementTooSoon(uint16 tierId, uint40 retiresAt, uint40 least);
    error PriceRisePending(uint16 tierId, uint40 noticeEnds);
    error PriceMismatch(uint256 expected, uint256 price);
    error CurrencyMismatch(address expected, address currency);
    error ValueMismatch(uint256 value, uint256 due);
    error TransferFromFailed(); // the payer's tokens could not be pulled: no balance, no allowance, or a refusal
    error TransferFailed(); // tokens could not be sent
    error ETHTransferFailed(); // the recipient refused native coins
    error TransferShort(uint256 received, uint256 due);
    error PeriodsInvalid(uint16 periods);
    error PaymentTooLarge(uint256 amount, uint256 most);
    error GiftNotPaid(uint16 tierId);
    error EarningsExceeded(uint256 amount, uint256 left);
    error PaidTooFarAhead(uint40 expiresAt, uint40 limit);
    error AlreadyMember(address account);
    error MembershipExpired(uint256 tokenId, uint40 expiresAt);
    error BadgeUnknown(uint40 badge);
    error NotCommunity(address caller);
    error NotOwner(address caller);
    error AlreadyInitialized();

    /// @notice Makes `recipient` (the caller or anybody else) a member of a tier for `periods` periods.
    /// @dev `price`: expected price of one period; `expectedCurrency`: expected currency; `badge`: that invited, 0 for
    /// none; it must be 0 until referral badges exist: reverts BadgeUnknown.
    /// Native: `msg.value` = price * periods exactly; ERC-20: 0, and the amount is pulled from the caller.
    /// A free tier is joined by the recipient itself (GiftNotPaid): else anybody could fill any wallet's one place.
    /// A wallet that has one, expired or not, renews it instead: reverts AlreadyMember.
    function join(
        uint16 tierId,
        uint16 periods,
        uint96 price,
        address expectedCurrency,
        address recipient,
        uint40 badge
    ) external payable returns (uint256 tokenId);

    /// @notice Extends a membership from its expiry, or from now if expired. Anybody may pay.
    /// @dev Until 7 days after expiry the renewal price holds, also in a paused tier; later the rules of a join do.
    /// A free renewal extends the expiry only. Paid time ends at most max(period + 1 day, 2 years) from now.
    function renew(uint256 tokenId, uint16 periods, uint96 price, address expectedCurrency) external payable;

    /// @notice Turns what time has earned into income. Ids settled within the last day are skipped unless due whole.
    function settle(uint256[] calldata tokenIds) external;

    /// @notice Makes a tier; ids rise from 1. Only the community's owner.
    function createTier(TierParams calldata params) external returns (uint16 tierId);

    /// @notice Joins cost `price` at once; renewals after the notice if it is a rise. Only the owner.
    function setTierPrice(uint16 tierId, uint96 price) external;

    /// @notice Stops or reopens joins; renewals go on. Only the owner.
    function setTierPaused(uint16 tierId, bool paused) external;

    /// @notice Ends joins at once and renewals at `retiresAt`, a full notice away at least; only once. Only the owner.
    function retireTier(uint16 tierId, uint40 retiresAt) external;

    /// @notice Makes the first tiers. Called once, by the factory, in the transaction that makes the clone.
    function initialize(TierParams[] calldata tiers) external;

    /// @notice Sends `amount` of earned money to `to`. Only the Community, which divides it.
    function withdrawEarnings(address to, uint256 amount) external;

    function community() external view returns (address);
    function currency() external view returns (address);
    function noticeSeconds() external view returns (uint40);
    function tierCount() external view returns (uint16);
    function tierOf(uint16 tierId) external view returns (Tier memory);
    function stateOf(uint256 tokenId) external view returns (State memory);

    /// @notice The holder of a membership. ERC-721.
    function ownerOf(uint256 tokenId) external view returns (address);

    /// @notice Whether the membership exists and has not expired.
    /// @dev No function finds the membership of an account: that index costs 22,100 gas per join. `balanceOf` is 1 or 0.
    function isValid(uint256 tokenId) external view returns (bool);

    /// @notice When the membership expires (exclusive); type(uint40).max = for life. ERC-5643.
    function expiresAt(uint256 tokenId) external view returns (uint64);

    /// @notice What a renewal of one period costs now. Base units. Reverts with the reason why there can be none.
    function renewalPrice(uint256 tokenId) external view returns (uint96);

    /// @notice Income of the community so far: earned in sum, and withdrawn of it. Base units.
    function earnings() external view returns (uint256 earnedTotal, uint256 withdrawnTotal);

    /// @notice Refundable part of a membership if settled now. Base units.
    function unearnedOf(uint256 tokenId) external view returns (uint256);
}
