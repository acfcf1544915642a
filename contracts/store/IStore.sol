// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMembershipBase} from "../membership/IMembershipBase.sol";

/// @title IStore
/// @notice Products of a community's members and owner, licenses to them as ERC-1155 tokens, and tips. The id of a license
/// is the id of its product.
/// @dev Amounts are base units of the community's currency, times unix seconds, `Bps` 1/10 000. A payment is divided when
/// it is made: the badge that the member is bound to gets `floor(amount * rate / 10_000)`; of the rest the payee gets
/// `floor(rest * (10_000 - communityBps) / 10_000)`; what remains, dust included, is income of the community. Sales are final.
interface IStore {
    /// @notice What a product is, for pages and gates; the contract treats all alike.
    enum Kind {
        Other,
        Course,
        File,
        Ticket,
        Plugin
    }

    /// @notice What a creator states of a new product.
    struct ProductParams {
        Kind kind; // fixed
        bytes32 label; // UTF-8, zero padded; not empty
        bytes32 digest; // sha2-256 of the metadata, a raw IPFS block (CIDv1); not 0
        uint96 price; // of a unit or a period; 0 = free
        uint40 periodSeconds; // fixed; 0 = licenses for good, which can be transferred; else 1 hour to 100 years
        uint48 cap; // fixed; most units, or with a period most accounts at a time; 0 = no limit
        uint16 royaltyBps; // fixed; ERC-2981, to the payout account; at most 1,000, and 0 with a period
        address payout; // whose ledger gets the creator's part; the Community: all is income of the community
        uint16 communityBps; // fixed; the store's policy of today, as the creator expects it
    }

    /// @notice The whole state of a product.
    struct Product {
        address creator; // who changes it
        address payout;
        uint96 price;
        uint48 cap;
        uint48 units; // sold; with a period: accounts that hold a seat
        uint40 periodSeconds;
        uint40 retiresAt; // renewals end here; 0 = not retired
        uint32 version; // of label and digest, from 1
        uint16 communityBps;
        uint16 royaltyBps;
        Kind kind;
        bool delisted; // by the creator: no new sales, renewals go on
        bool barred; // by the owner of the community: the same
        bytes32 label;
        bytes32 digest;
    }

    /// @notice What is bought, and what the buyer expects it to cost.
    struct Purchase {
        uint256 productId;
        uint24 quantity; // of units or periods; from 1
        uint96 price; // expected, of one
        address currency; // expected
        uint32 version; // expected
        address recipient; // of the license; the caller or anybody else, but of a free product the caller
        uint256 membershipId; // of the recipient; 0 only when it holds none
    }

    /// @notice A gift to a creator or another member.
    struct Tip {
        address payee; // a member, the owner or the Community; with a product: its payout account
        uint256 productId; // whose shares apply; 0 = the policy of today
        uint96 amount; // not 0
        address currency; // expected
        uint256 membershipId; // of the caller; 0 only when it holds none
        bytes32 subject; // what the tip is for, as the page says it; 0 = nothing in particular
    }

    /// @notice How a payment was divided, and what its receivers have been credited with ever.
    struct Payment {
        uint256 amount; // the sum of the three shares
        uint40 badge; // 0 = none
        uint256 badgeShare;
        address payee;
        uint256 payeeShare; // 0 when the payee is the Community
        uint256 communityShare;
        uint256 payeeTotal;
        uint256 communityTotal;
    }

    /// @notice Products listed from now on give the community `communityBps` of what their badge shares leave. Before the
    /// first of these events that is 1,000, and members can list.
    /// @param membersMayList whether others than the owner can list
    event PolicySet(uint16 communityBps, bool membersMayList);

    /// @notice A product was listed or changed.
    event ProductSet(uint256 indexed productId, address indexed creator, Product product);

    /// @notice `recipient` got or extended a license.
    /// @param quantity units, or with a period the periods paid
    /// @param validUntil exclusive; type(uint40).max = for good
    /// @param units of the product, after
    event LicenseBought(
        uint256 indexed productId,
        address indexed recipient,
        address indexed payer,
        uint256 membershipId,
        uint32 version,
        uint24 quantity,
        uint40 validUntil,
        uint48 units,
        Payment payment
    );

    /// @notice A seat that an expired license held is free again; `units` of the product are taken.
    event LicenseSeatReleased(uint256 indexed productId, address indexed account, uint48 units);

    /// @notice `payer` gave a tip.
    event Tipped(
        address indexed payee,
        address indexed payer,
        uint256 indexed productId,
        uint256 membershipId,
        bytes32 subject,
        Payment payment
    );

    /// @notice `amount` of the ledger of `account` was paid to `to`. @param claimed all that was ever paid of that ledger
    event CreatorPaid(address indexed account, address indexed to, uint256 amount, uint256 claimed, address by);

    /// @notice The community took `amount` of its income. @param withdrawnTotal all that ever left
    event EarningsWithdrawn(address indexed to, uint256 amount, uint256 withdrawnTotal);

    /// @notice What nobody here owns went to `to`: a token that is not the currency, sent by accident.
    event Swept(address indexed token, address indexed to, uint256 amount);

    /// @notice No such product was listed.
    error ProductUnknown(uint256 productId);
    /// @notice Creator or owner stopped new sales.
    error ProductDelisted(uint256 productId);
    /// @notice The product was retired: no new sales, and no renewals from `retiresAt` on.
    error ProductRetired(uint256 productId, uint40 retiresAt);
    /// @notice `quantity` units or seats were asked for, and `left` are.
    error ProductSoldOut(uint256 productId, uint256 quantity, uint256 left);
    /// @notice A product has a label.
    error LabelMissing();
    /// @notice A product has metadata.
    error DigestMissing();
    /// @notice The account is 0.
    error AccountMissing();
    /// @notice The period is shorter or longer than is allowed. Seconds.
    error PeriodOutOfRange(uint40 periodSeconds, uint40 least, uint40 most);
    /// @notice The royalty is above the cap, which is 0 with a period.
    error RoyaltyTooHigh(uint16 bps, uint16 capBps);
    /// @notice The community's part is above the cap.
    error CommunityShareTooHigh(uint16 bps, uint16 capBps);
    /// @notice The creator expected another policy.
    error CommunityShareMismatch(uint16 expected, uint16 communityBps);
    /// @notice Only the owner lists products now.
    error ListingClosed(address caller);
    /// @notice The account does not hold that membership, or it has expired.
    error MembershipInvalid(uint256 membershipId, address account);
    /// @notice The account does not hold that membership.
    error MembershipMismatch(uint256 membershipId, address account);
    /// @notice The account holds a membership, which must be named: its badge has a share.
    error MembershipNotNamed(address account);
    /// @notice Only the creator of the product may do this.
    error NotCreator(uint256 productId, address caller);
    /// @notice Renewals end a full notice from now at the earliest.
    error RetirementTooSoon(uint256 productId, uint40 retiresAt, uint40 least);
    /// @notice The buyer expected another price.
    error PriceMismatch(uint256 expected, uint256 price);
    /// @notice The buyer expected another version.
    error VersionMismatch(uint32 expected, uint32 version);
    /// @notice The caller expected another currency; 0 = native coins.
    error CurrencyMismatch(address expected, address currency);
    /// @notice The tip names a product with another payout account.
    error PayeeMismatch(address expected, address payee);
    /// @notice The payee of a tip is a member, the owner or the Community.
    error PayeeUnknown(address payee);
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
    /// @notice A payment is at most 2**96 - 1.
    error PaymentTooLarge(uint256 amount, uint256 most);
    /// @notice The quantity is 0, or above `most`.
    error QuantityInvalid(uint256 quantity, uint256 most);
    /// @notice A tip is not 0.
    error TipEmpty();
    /// @notice A free license is for oneself: else anybody could hand out all.
    error GiftNotPaid(uint256 productId);
    /// @notice The license would be paid for beyond `limit`.
    error PaidTooFarAhead(uint256 validUntil, uint256 limit);
    /// @notice A license with a period stays with its account.
    error LicenseBound(uint256 productId);
    /// @notice The license has not been expired for long enough; its seat can be released from `freeFrom` on.
    error SeatTaken(uint256 productId, address account, uint40 freeFrom);
    /// @notice The account holds no seat of the product.
    error SeatUnknown(uint256 productId, address account);
    /// @notice Nothing that was credited to the account waits.
    error NothingToClaim(address account);
    /// @notice More was asked for than is `left` of the income.
    error EarningsExceeded(uint256 amount, uint256 left);
    /// @notice The currency is owed to somebody: only other tokens can be swept.
    error CurrencyNotSwept(address currency);
    /// @notice Only the Community may do this.
    error NotCommunity(address caller);
    /// @notice Only the owner of the community may do this.
    error NotOwner(address caller);
    /// @notice `caller` is not the owner and has no such role (its bit, see ICommunity.RolesSet).
    error RoleMissing(address caller, uint8 role);

    /// @notice Lists a product; ids rise from 1. A holder names its valid membership; the owner of the community passes 0.
    /// @dev The community's part is the policy of today for good (CommunityShareMismatch when the creator expected another).
    /// The creator goes on selling when the membership expires: the owner of the community can bar a product.
    function list(ProductParams calldata params, uint256 membershipId) external returns (uint256 productId);

    /// @notice Sales and renewals cost `price` from now on: buyers say what they expect. Only the creator.
    function setPrice(uint256 productId, uint96 price) external;

    /// @notice The product becomes another version, with other metadata. Only the creator.
    /// @dev Licenses are to the product: they hold for every version.
    function publishVersion(uint256 productId, bytes32 label, bytes32 digest) external;

    /// @notice Later sales are credited to `payout`, as royalties are paid to it. Only the creator.
    function setPayout(uint256 productId, address payout) external;

    /// @notice Gives the product into the hands of another account; what it sells goes on to the payout account. Only the creator.
    function setCreator(uint256 productId, address creator) external;

    /// @notice Stops or reopens new sales. The creator, and for itself the owner of the community: on sale when both allow it.
    /// @dev Who has a license with a period, up to min(period, 7 days) after its expiry, goes on renewing it.
    function setListed(uint256 productId, bool listed) external;

    /// @notice Ends new sales at once and renewals at `retiresAt`, for good. Only the creator.
    /// @dev At least the community's notice away (RetirementTooSoon): licensees know in time. Only once (ProductRetired).
    function retire(uint256 productId, uint40 retiresAt) external;

    /// @notice The community's part of what is listed from now on, at most 5,000, and whether members can list. Only the owner.
    function setPolicy(uint16 communityBps, bool membersMayList) external;

    /// @notice Buys units for good, or periods of the recipient's one license, from its expiry or from now.
    /// @dev Native: `msg.value` = price * quantity exactly; ERC-20: 0, and the amount is pulled from the caller, the badge's
    /// share straight to the Membership. A badge never makes a purchase revert: nothing of it is read but its rate.
    /// The recipient's badge is paid, whoever pays; so a member's membership must be named (MembershipNotNamed).
    /// Time ends at most max(period + 1 day, 2 years) from now (PaidTooFarAhead). Free: one, and only for oneself.
    function buy(Purchase calldata purchase) external payable;

    /// @notice As `buy`, after a permit (deadline 0 = none; one that fails is passed over) and after the seat of `expired`
    /// was released (0 = nobody's).
    function buyWith(Purchase calldata purchase, address expired, IMembershipBase.Permit calldata permit) external payable;

    /// @notice Gives `amount` to a creator or member, divided as a sale, without a license.
    function tip(Tip calldata tip_) external payable;

    /// @notice As `tip`, after a permit.
    function tipWith(Tip calldata tip_, IMembershipBase.Permit calldata permit) external payable;

    /// @notice Frees the seat of a license with a period that expired min(period, 7 days) ago or earlier. Anybody.
    /// @dev The license stays with its account; extending it then is a new sale: it needs a free seat and a listed product.
    function releaseSeat(uint256 productId, address account) external;

    /// @notice Pays all that sales credited to `account`: by itself to any address, by anybody else only to `account`.
    function claim(address account, address to) external returns (uint256 amount);

    /// @notice Sends `amount` of the community's income to `to`. Only the Community, which divides it.
    function withdrawEarnings(address to, uint256 amount) external;

    /// @notice Sends a token that is not the currency, or native coins in an ERC-20 community, to `to`. Treasurer or owner.
    function sweep(address token, address to) external returns (uint256 amount);

    /// @notice The community that the store belongs to.
    function community() external view returns (address);
    /// @notice The Membership of that community.
    function membership() external view returns (address);
    /// @notice The one payment currency; 0 = native coins.
    function currency() external view returns (address);

    /// @notice The policy in force: 1,000, and members can list, until the owner sets another.
    function policy() external view returns (uint16 communityBps, bool membersMayList);
    /// @notice How many products were listed; it is the id of the last one.
    function productCount() external view returns (uint256);
    /// @notice The whole state of a product.
    function productOf(uint256 productId) external view returns (Product memory);

    /// @notice Until when `account` is licensed, exclusive; type(uint40).max = for good, 0 = never.
    function licenseOf(address account, uint256 productId) external view returns (uint40 validUntil);

    /// @notice Whether `account` is licensed now.
    function isLicensed(address account, uint256 productId) external view returns (bool);

    /// @notice What sales and tips credited to `account` ever, and what of it was paid.
    function ledgerOf(address account) external view returns (uint256 credited, uint256 claimed);

    /// @notice Income of the community so far: in sum, and withdrawn of it.
    function earnings() external view returns (uint256 earnedTotal, uint256 withdrawnTotal);

    /// @notice ERC-2981: to the payout account, in the currency of the sale.
    function royaltyInfo(uint256 productId, uint256 salePrice) external view returns (address receiver, uint256 amount);

    /// @notice ERC-7572.
    function contractURI() external view returns (string memory);
}
