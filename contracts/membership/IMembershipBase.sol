// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IMembershipBase
/// @notice The structs, events and errors that the faces of a membership contract share.
/// @dev Amounts are base units of the community's currency, times unix seconds, `Bps` 1/10 000.
/// Two packed words hold a membership, and one a badge's ledger; events carry them as they are stored. High bits to low:
/// `terms` (96 bits): `expiresAt 40 | tierId 16 | badge 40`;
/// `money` (224 bits): `unearned 96 | settledAt 36 | earnedAt 36 | rate 12 | countAt 24 (hours) | transferCount 16 | flags 4`;
/// `ledger` (256 bits): `income 112 | volume 104 | counted 20 | level 2 | version 14 | used 1 | minted 1 | 0 2`.
interface IMembershipBase {
    /// @notice What a founder states of a new tier.
    struct TierParams {
        bytes32 label; // UTF-8, zero padded; not empty
        uint96 price; // per period; 0 = free
        uint40 periodSeconds; // fixed; 1 hour to 100 years; 0 = for life
        uint40 earningSeconds; // fixed; over which a period's price is earned; 0 = the period (for life: 365 days), else 1 day to it
        uint32 cap; // fixed; most seats; 0 = no limit; below 2**24
        uint40 saleStart; // fixed; joins from here on; 0 = at once
        uint40 saleEnd; // fixed; joins before this; 0 = no end
        bool soulbound; // fixed; memberships of this tier cannot be transferred
        bool invitationOnly; // joins need a voucher
        uint16 inviteeDiscountBps; // off a first payment made through a badge; at most 2,000
        bytes32 allowRoot; // Merkle root over keccak256(keccak256(abi.encode(account))); 0 = anybody
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
        uint16 inviteeDiscountBps;
        bytes32 allowRoot;
        bool paused; // no joins and no changes into it; renewals go on
        bool soulbound;
        bool invitationOnly;
    }

    /// @notice The whole state of a membership, besides its holder: what `terms` and `money` hold.
    struct State {
        uint40 expiresAt; // exclusive; type(uint40).max = for life
        uint16 tierId;
        uint40 badge; // that the member is bound to; 0 = none
        uint96 unearned;
        uint40 settledAt;
        uint40 earnedAt; // when all of `unearned` will be earned; 0 until the first payment
        uint16 rate; // of the badge in what is unearned, 1/10 000
        uint32 countAt; // unix hours from which the member counts for its badge; 0 = nothing to count
        uint16 transferCount;
        uint8 flags; // 1 counted for its badge; 2 badge chosen by the holder itself; 4 seat released
    }

    /// @notice What a badge has earned by inviting.
    struct Ledger {
        uint112 income; // ever credited
        uint112 claimed; // of it
        uint104 volume; // earned from payments of bound members; stops at its maximum
        uint24 counted; // members; stops at 2**20 - 1
        uint8 level; // 0 bronze, 1 silver, 2 gold; never falls
        uint16 version; // of the rates that it has
        bool used; // a member was bound, or the badge was minted: its version is fixed
        bool minted; // it is a token of Badges; until then it belongs to the holder of the membership with its id
    }

    /// @notice Rates of the levels, and what a level takes.
    struct Rates {
        uint16 bronzeBps; // bronze <= silver <= gold <= 3,000
        uint16 silverBps;
        uint16 goldBps;
        uint16 silverFrom; // counted members; at least 1, and at most `goldFrom`
        uint16 goldFrom;
        uint96 volumeUnit; // a level takes an earned volume of `volumeUnit` for each counted member that it takes
    }

    /// @notice What a voucher does to a join.
    enum VoucherKind {
        Discount, // `value` in bps off the price; 0 = an invitation
        Price, // `value` is the price of a period
        Trial // `value` seconds without payment, at most 90 days; takes 0 periods
    }

    /// @notice Signed by an account with the issuer's role (EIP-712, EIP-1271). Acts on a first payment only.
    struct Voucher {
        address issuer; // 0 = no voucher is given
        uint16 tierId;
        VoucherKind kind;
        uint96 value;
        address recipient; // 0 = anybody
        uint32 uses; // how often it works in all
        uint40 deadline; // works up to and including this second
        uint256 nonce; // tells vouchers apart that say the same
    }

    /// @notice Consent of a holder to renewals by keepers.
    struct Consent {
        uint96 maxPrice; // of a period
        uint16 periodsLeft; // 0 = no consent
        uint40 until; // no renewal after this second
    }

    /// @notice ERC-2612 permit for the payment; `deadline` 0 = none is given. One that fails is passed over.
    struct Permit {
        uint256 value;
        uint256 deadline;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    /// @notice Why a keeper cannot renew a membership now.
    enum RenewalStatus {
        Due, // it can
        Unknown, // no such membership
        ForLife,
        NoConsent, // none given, or ended by transfer, change of tier, cancelling, revoking or opting out
        ConsentUsedUp, // no periods left
        ConsentPast, // after `until`
        TooEarly,
        TooLate, // 7 days after expiry
        TierRetired,
        PriceAboveConsent,
        BalanceTooLow,
        AllowanceTooLow
    }

    /// @notice The state of a tier is now this. Seats change with memberships, without this event.
    event TierSet(uint16 indexed tierId, Tier tier);

    /// @notice A wallet became a member. A first payment of `amount` (0 = free) came from `payer`.
    /// @param periods paid; 0 for a grant or a trial
    event MembershipJoined(
        uint256 indexed tokenId,
        address indexed holder,
        uint16 indexed tierId,
        address payer,
        uint256 amount,
        uint256 periods,
        uint96 terms,
        uint224 money
    );

    /// @notice A membership was extended by `periods` for `amount` from `payer`; `tip` of it went to the keeper.
    event MembershipRenewed(
        uint256 indexed tokenId,
        address indexed holder,
        address indexed payer,
        uint256 amount,
        uint256 tip,
        uint256 periods,
        uint96 terms,
        uint224 money
    );

    /// @notice Unpaid time was given.
    event MembershipGranted(uint256 indexed tokenId, address indexed holder, address indexed by, uint96 terms, uint224 money);

    /// @notice A membership changed its tier; `amount` was paid for `periods` on top of what was unearned.
    event MembershipTierChanged(
        uint256 indexed tokenId,
        address indexed holder,
        uint16 indexed tierId,
        uint16 previousTierId,
        uint256 amount,
        uint256 periods,
        uint96 terms,
        uint224 money
    );

    /// @notice The holder ended its membership and was paid `refund` at `to`.
    event MembershipCancelled(
        uint256 indexed tokenId, address indexed holder, address to, uint256 refund, uint96 terms, uint224 money
    );

    /// @notice The community ended a membership; `refund` was added to the holder's funds.
    event MembershipRevoked(
        uint256 indexed tokenId, address indexed holder, address indexed by, uint256 refund, uint96 terms, uint224 money
    );

    /// @notice The token is no more. The wallet keeps `badge` and `counted` for its next join.
    event MembershipBurned(
        uint256 indexed tokenId, address indexed holder, address to, uint256 refund, uint40 badge, bool counted
    );

    /// @notice A membership went from one wallet to another, with its time, badge and unearned money.
    event MembershipMoved(
        uint256 indexed tokenId, address indexed from, address indexed to, uint96 terms, uint224 money
    );

    /// @notice The seat of a long expired membership is free again.
    event SeatReleased(uint256 indexed tokenId, uint16 indexed tierId, uint32 seats, uint224 money);

    /// @notice `earned` of the unearned money became income: `badgeShare` of the badge, the rest of the community.
    /// @param earnedTotal all that the community has ever earned here
    /// @param ledger of the badge, after; 0 without a badge
    event MembershipSettled(
        uint256 indexed tokenId,
        uint40 indexed badge,
        uint256 earned,
        uint256 badgeShare,
        uint256 earnedTotal,
        uint256 ledger,
        uint224 money
    );

    /// @notice The ledger of a badge changed without a settlement: first use, minting, a sale in the store, newer rates.
    event BadgeLedgerSet(uint40 indexed badge, uint256 amount, uint256 ledger);

    /// @notice `amount` of a badge's income was paid to `to`. @param claimed all that was ever paid of it
    event BadgeClaimed(uint40 indexed badge, address indexed owner, address to, uint256 amount, uint256 claimed);

    /// @notice Rates of badges that are first used from now on.
    event RatesSet(uint16 indexed version, Rates rates);

    /// @notice The consent of a membership is now this one; `periodsLeft` 0 = none.
    event AutoRenewSet(uint256 indexed tokenId, address indexed holder, uint16 tierId, Consent consent);

    /// @notice The contract holds `funds` for `account`: prepaid renewals, refunds of revoked memberships, tips.
    event FundsSet(address indexed account, uint256 funds);

    /// @notice A voucher has been used or withdrawn; `used` of its uses are gone. Also a signature by which a recipient
    /// let a gift bind it to a badge: then `issuer` is the recipient and `tokenId` is 0.
    event VoucherUsed(bytes32 indexed digest, address indexed issuer, uint256 indexed tokenId, uint32 used);

    /// @notice The community took `amount` of what it had earned. @param withdrawnTotal all that ever left
    event EarningsWithdrawn(address indexed to, uint256 amount, uint256 withdrawnTotal);

    /// @notice What nobody here owns went to `to`: a token that is not the currency, sent by accident.
    event Swept(address indexed token, address indexed to, uint256 amount);

    /// @notice ERC-5643: the expiry changed.
    event SubscriptionUpdate(uint256 indexed tokenId, uint64 expiration);

    /// @notice ERC-4906: the metadata of a token, or of a range of tokens, changed.
    event MetadataUpdate(uint256 _tokenId);
    /// @notice ERC-4906: the metadata of a range of tokens changed.
    event BatchMetadataUpdate(uint256 _fromTokenId, uint256 _toTokenId);

    /// @notice No such tier was made.
    error TierUnknown(uint16 tierId);
    /// @notice The owner stopped joins.
    error TierPaused(uint16 tierId);
    /// @notice Joins are from `saleStart` on and before `saleEnd` (0 = no end).
    error TierNotOnSale(uint16 tierId, uint40 saleStart, uint40 saleEnd);
    /// @notice All seats are taken.
    error TierSoldOut(uint16 tierId, uint32 cap);
    /// @notice The tier was retired: no joins, and no renewals from `retiresAt` on.
    error TierRetired(uint16 tierId, uint40 retiresAt);
    /// @notice Memberships of this tier are not transferred.
    error TierSoulbound(uint16 tierId);
    /// @notice A parameter is out of its range, see TierParams.
    error TierParamsInvalid(uint16 tierId);
    /// @notice A paid membership is not changed into a free one.
    error TierIsFree(uint16 tierId);
    /// @notice Renewals end a full notice from now at the earliest.
    error RetirementTooSoon(uint16 tierId, uint40 retiresAt, uint40 least);
    /// @notice A rise was announced and has not reached renewals yet.
    error PriceRisePending(uint16 tierId, uint40 noticeEnds);
    /// @notice The payer expected another price.
    error PriceMismatch(uint256 expected, uint256 price);
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
    /// @notice So many periods cannot be bought here.
    error PeriodsInvalid(uint256 periods);
    /// @notice The payment is above what a membership can still hold.
    error PaymentTooLarge(uint256 amount, uint256 most);
    /// @notice A free tier is joined for oneself: else anybody could fill any wallet's one place.
    error GiftNotPaid(uint16 tierId);
    /// @notice More was asked for than is `left` of the income.
    error EarningsExceeded(uint256 amount, uint256 left);
    /// @notice Time would be paid or granted beyond `limit`.
    error PaidTooFarAhead(uint40 expiresAt, uint40 limit);
    /// @notice The holder wanted to be a member until `least`.
    error ExpiryTooEarly(uint40 expiresAt, uint40 least);
    /// @notice The wallet holds a membership, expired or not.
    error AlreadyMember(address account);
    /// @notice The membership expired at `expiresAt`.
    error MembershipExpired(uint256 tokenId, uint40 expiresAt);
    /// @notice The seat cannot be released before `freeFrom`, and only once.
    error MembershipNotExpired(uint256 tokenId, uint40 freeFrom);
    /// @notice What was sold for life and has been earned is not revoked.
    error MembershipEarned(uint256 tokenId);
    /// @notice A membership moves 65,535 times.
    error TransfersUsedUp();
    /// @notice The membership is of this tier: not of the one that was named, or already.
    error MembershipMismatch(uint256 tokenId, uint16 tierId);
    /// @notice The membership of this id was never paid, or the badge is a token already.
    error BadgeUnknown(uint40 badge);
    /// @notice The membership is bound to this badge for good.
    error BadgeAlreadyBound(uint256 tokenId, uint40 badge);
    /// @notice A badge is chosen by the member, at its own first payment.
    error BadgeNotChosen(uint40 badge, address recipient);
    /// @notice The badge belongs to who pays or who joins.
    error SelfReferral(uint40 badge, address account);
    /// @notice A rate is above 3,000 or below that of a lower level, or silver takes nobody or more than gold.
    error RatesInvalid();
    /// @notice A rate of the newest version is lower than the badge's.
    error RatesLower(uint40 badge, uint16 version);
    /// @notice The account is not on the tier's allow-list.
    error NotAllowed(uint16 tierId, address account);
    /// @notice The tier is joined by invitation.
    error VoucherNeeded(uint16 tierId);
    /// @notice The voucher speaks of another join, or its time is over.
    error VoucherInvalid(bytes32 digest);
    /// @notice The voucher, or the recipient's signature, has been used as often as it says.
    error VoucherUsedUp(bytes32 digest, uint32 uses);
    /// @notice The signature is not the account's (by key or EIP-1271).
    error SignatureInvalid(address account);
    /// @notice The signature worked up to and including `deadline`.
    error SignatureExpired(uint40 deadline);
    /// @notice No keeper can renew now, for this reason.
    error RenewalImpossible(uint256 tokenId, RenewalStatus status);
    /// @notice A keeper's tip is at most `most` of this price.
    error TipTooHigh(uint256 tip, uint256 most);
    /// @notice The contract holds `funds` for the account, and `amount` is needed.
    error FundsTooLow(address account, uint256 amount, uint256 funds);
    /// @notice None of the badges has income that waits; this is the last one of them.
    error NothingToClaim(uint40 badge);
    /// @notice The currency is owed to somebody: only other tokens can be swept.
    error CurrencyNotSwept(address currency);
    /// @notice Only the Community may do this.
    error NotCommunity(address caller);
    /// @notice Only the owner of the community may do this.
    error NotOwner(address caller);
    /// @notice Only the holder of the membership may do this, or have it done.
    error NotHolder(uint256 tokenId, address caller);
    /// @notice Only the badge's owner may do this, and claim to the owner who it approved.
    error NotBadgeOwner(uint40 badge, address caller);
    /// @notice Only the Badges, or the Store, of the community may do this.
    error NotSibling(address caller);
    /// @notice `caller` is not the owner and has no such role (its bit, see ICommunity.RolesSet).
    error RoleMissing(address caller, uint8 role);
    /// @notice A clone is wired once; an implementation never.
    error AlreadyInitialized();

    /// @notice The community that the contract belongs to, and its other contracts.
    function community() external view returns (address);
    /// @notice The Badges of the community.
    function badges() external view returns (address);
    /// @notice The Store of the community.
    function store() external view returns (address);

    /// @notice The one payment currency; 0 = native coins.
    function currency() external view returns (address);

    /// @notice Seconds between announcing and charging a higher price.
    function noticeSeconds() external view returns (uint40);

    /// @notice ERC-2981 royalty of memberships and badges, 1/10 000.
    function royaltyBps() external view returns (uint16);
}
