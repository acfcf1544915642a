// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IMarket
/// @notice Where holders sell badges, achievements and memberships of all communities: by signatures, without an owner,
/// a setting or a fee of its own. A gift is a plain transfer and needs no market.
/// @dev Listings and offers are EIP-712 messages (domain "Koinon Market", version "1") of accounts with a key or of
/// contracts (EIP-1271); they cost nothing to make. What is sold moves first, is looked at, and only then is paid.
/// Amounts are base units of `currency`, `Bps` 1/10 000, times unix seconds.
interface IMarket {
    /// @notice A holder's ask for one token. It dies with the first transfer of the token and never revives.
    struct Listing {
        address seller;
        address collection; // Badges or Membership of a community
        address membership; // of that community
        uint256 tokenId;
        address currency; // 0 = the native coin; else the currency of the community
        uint96 price; // all that the buyer pays; not 0
        uint96 minProceeds; // the least that the seller gets of it
        address feeRecipient; // the page that made the listing; 0 = no fee
        uint16 feeBps; // of the price, at most 500
        address buyer; // only it may buy; 0 = anybody
        uint40 startsAt; // from this second on
        uint40 deadline; // up to and including this second
        uint64 transferCount; // of the token, when it was signed
        uint96 minAccrued; // badge: income that goes with it, at least. Membership with `withBadge`: of its badge
        uint16 tierId; // membership: its tier, this and all below 0 for a badge
        uint40 minExpiresAt; // membership: paid until then, at least
        uint96 minUnearned; // membership: refundable money that goes with it, at least
        bool withBadge; // membership: its own badge was not minted, and so goes with it
        uint64 counter; // of the seller
        uint256 salt; // tells listings apart that say the same
    }

    /// @notice A buyer's bid for one badge or achievement, or for any badge of a community. It is accepted once.
    struct Offer {
        address buyer;
        address collection; // Badges of a community
        address membership; // of that community
        uint256 tokenId; // 0 = any referral badge
        uint8 level; // of a referral badge, at least: 0 bronze, 1 silver, 2 gold
        uint16 minRateBps; // what a referral badge gets of payments, at least: badges of one level may differ
        uint96 minAccrued; // income that goes with it, at least
        address currency; // 0 = the native coin, from the buyer's funds here; else the currency, by allowance
        uint96 price; // all that the buyer pays; not 0
        address feeRecipient; // the page that made the offer; 0 = no fee
        uint16 feeBps; // of the price, at most 500
        uint40 deadline; // up to and including this second
        uint64 counter; // of the buyer
        uint256 salt; // tells offers apart that say the same
    }

    /// @notice Why a listing cannot be bought, or an offer cannot be accepted, now.
    enum Status {
        Ready, // it can
        PriceZero,
        FeeTooHigh,
        NotStarted,
        Expired,
        CounterRaised, // all that was signed before is cancelled
        Spent, // cancelled by itself; an offer: or accepted
        SignatureInvalid,
        CollectionUnknown, // not of a community of this market's factory; an offer: not Badges
        CurrencyRefused, // neither native nor the community's
        ProceedsTooLow, // after royalty and fee
        TokenUnknown, // not minted, or burned
        Transferred, // since it was signed: sold, given away, come back; or never so often
        NotHolder, // the seller does not hold it
        NotApproved, // the seller does not let the market move it
        NotTransferable, // locked, soulbound, or an expired membership
        AccruedTooLow,
        TierChanged,
        ExpiryTooEarly,
        UnearnedTooLow,
        BadgeMinted,
        TokenNotMeant, // an offer is for another token, or for referral badges only
        LevelTooLow,
        RateTooLow,
        FundsTooLow, // an offer's buyer has not so much here, or in its wallet
        AllowanceTooLow // an offer's buyer does not let the market pull so much
    }

    /// @notice A page (`feeRecipient`; 0 = no page) sold a token of a collection for the first time: the collection was found
    /// to be genuine, and `royaltyBps` of each sale go to the community.
    event TillOpened(
        address indexed collection, address indexed membership, address indexed feeRecipient, uint16 royaltyBps
    );

    /// @notice The signer published a listing, or an offer. Nothing on chain needs this: it lets others find it.
    event ListingAnnounced(bytes32 indexed digest, Listing listing, bytes signature);
    /// @notice The signer published an offer.
    event OfferAnnounced(bytes32 indexed digest, Offer offer, bytes signature);

    /// @notice A token was sold; the seller got price - royalty - fee.
    /// @dev Native: royalty and fee wait in the till of the page (payOut); else they were paid with the sale.
    event ListingBought(
        address indexed collection,
        uint256 indexed tokenId,
        address indexed seller,
        address buyer,
        address recipient,
        address currency,
        uint256 price,
        uint256 royalty,
        uint256 fee,
        address feeRecipient,
        bytes32 digest
    );

    /// @notice As ListingBought, by the seller. `buyer` received the token.
    event OfferAccepted(
        address indexed collection,
        uint256 indexed tokenId,
        address indexed seller,
        address buyer,
        address currency,
        uint256 price,
        uint256 royalty,
        uint256 fee,
        address feeRecipient,
        bytes32 digest
    );

    /// @notice `account` cancelled its listing or offer with this digest.
    event SignatureCancelled(address indexed account, bytes32 indexed digest);

    /// @notice All that `account` signed with another counter is cancelled.
    event CounterRaised(address indexed account, uint64 counter);

    /// @notice The market holds `funds` of native coins for `account`: deposits for offers, fees of pages, and proceeds
    /// that it refused to take.
    event FundsSet(address indexed account, uint256 funds);

    /// @notice What waited in the till of a page was paid: royalties to the community, fees to the page.
    event TillPaidOut(
        address indexed collection,
        address indexed membership,
        address indexed feeRecipient,
        uint256 royalties,
        uint256 fees
    );

    /// @notice The listing cannot be bought now, for this reason.
    error ListingUnavailable(bytes32 digest, Status status);
    /// @notice The offer cannot be accepted now, for this reason.
    error OfferUnavailable(bytes32 digest, Status status);
    /// @notice The collection is not of a community of this market's factory.
    error CollectionUnknown(address collection);
    /// @notice What was signed is in neither native coins nor the community's currency.
    error CurrencyMismatch(address expected, address currency);
    /// @notice The listing is for another buyer.
    error BuyerMismatch(address caller, address buyer);
    /// @notice `value` native coins were sent where exactly `due` are.
    error ValueMismatch(uint256 value, uint256 due);
    /// @notice After royalty and fee the seller would get less than it wants.
    error ProceedsTooLow(uint256 proceeds, uint256 least);
    /// @notice The market holds `funds` for the account, and `amount` is needed.
    error FundsTooLow(address account, uint256 amount, uint256 funds);
    /// @notice The signature is not the account's (by key or EIP-1271).
    error SignatureInvalid(address account);
    /// @notice Neither royalties nor fees wait here.
    error TillsEmpty(address collection, address membership);
    /// @notice The buyer's tokens could not be pulled: no balance, no allowance, or a refusal.
    error TransferFromFailed();
    /// @notice Not exactly what was pulled arrived: a fee on transfer, or a lie.
    error TransferShort(uint256 received, uint256 due);
    /// @notice The recipient refused native coins.
    error ETHTransferFailed();

    /// @notice Buys what is listed, for `recipient` (0 = the caller). Native: `msg.value` is the price; else it is pulled.
    /// @dev Reverts ListingUnavailable with the reason, or as the token's transfer does. The recipient gets no call.
    /// @param minMoney the least that the buyer wants with the token, whatever is listed: a badge's accrued income, or a
    /// membership's unearned money
    function buy(Listing calldata listing, bytes calldata signature, address recipient, uint96 minMoney)
        external
        payable;

    /// @notice Sells the caller's badge to the offer's buyer. Native: out of the buyer's funds here; else it is pulled.
    /// @dev Reverts OfferUnavailable with the reason, ProceedsTooLow, FundsTooLow, or as the token's transfer does.
    /// @param minProceeds the least that the seller wants after royalty and fee
    function accept(Offer calldata offer, bytes calldata signature, uint256 tokenId, uint256 minProceeds) external;

    /// @notice Publishes a signed listing, by anybody. It works without.
    function announceListing(Listing calldata listing, bytes calldata signature) external;

    /// @notice Publishes a signed offer, by anybody. It works without.
    function announceOffer(Offer calldata offer, bytes calldata signature) external;

    /// @notice Cancels the caller's listings and offers with these digests, for good.
    function cancel(bytes32[] calldata digests) external;

    /// @notice Cancels all that the caller ever signed.
    /// @dev The next counter cannot be told before, so that nothing can be signed for it ahead.
    function raiseCounter() external returns (uint64 counter);

    /// @notice Adds native coins to the funds of an account, for its offers.
    function addFunds(address account) external payable;

    /// @notice Pays the caller's funds to `to`.
    function withdrawFunds(address to, uint256 amount) external;

    /// @notice Pays what waits in the tills of pages (0 = of sales without one): royalties to the community, fees to the
    /// pages. Anybody may call. Empty tills are skipped; reverts TillsEmpty when all are.
    function payOut(address collection, address membership, address[] calldata feeRecipients)
        external
        returns (uint256 royalties);

    /// @notice Whether a listing can be bought now, or the first reason why not.
    function listingStatus(Listing calldata listing, bytes calldata signature) external view returns (Status);

    /// @notice Whether the holder of `tokenId` can accept an offer now, or the first reason why not.
    function offerStatus(Offer calldata offer, bytes calldata signature, uint256 tokenId)
        external
        view
        returns (Status);

    /// @notice What is signed.
    function listingDigest(Listing calldata listing) external view returns (bytes32);
    /// @notice What is signed of an offer.
    function offerDigest(Offer calldata offer) external view returns (bytes32);

    /// @notice Whether `account` cancelled this digest, or its offer was accepted.
    function isSpent(address account, bytes32 digest) external view returns (bool);

    /// @notice What the next signatures of an account name. 0 at first.
    function counterOf(address account) external view returns (uint64);

    /// @notice Native coins that the market holds for an account.
    function fundsOf(address account) external view returns (uint256);

    /// @notice Native royalties and fees that wait for `payOut`.
    function tillOf(address collection, address membership, address feeRecipient)
        external
        view
        returns (uint256 royalties, uint256 fees);

    /// @notice That made the communities whose tokens are sold here.
    function communityFactory() external view returns (address);
}
