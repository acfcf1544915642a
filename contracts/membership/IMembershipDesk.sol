// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMembershipBase} from "./IMembershipBase.sol";

/// @title IMembershipDesk
/// @notice What founders and holders do seldom with memberships: at the address of the Membership, which hands these
/// calls to a second contract (both together exceed the size limit of one).
interface IMembershipDesk is IMembershipBase {
    /// @notice What a join may say beyond the plain one. Empty fields say nothing.
    struct JoinExtras {
        bytes32[] proof; // that the recipient is on the allow-list of the tier
        Voucher voucher;
        bytes voucherSignature;
        Consent consent; // to renewals by keepers; only for oneself
        Permit permit;
        uint256 releasedId; // membership whose seat is released first (see releaseSeat)
        uint40 bindingDeadline; // of the next
        bytes bindingSignature; // the recipient's consent to `badge` of a gift: EIP-712 Binding
    }

    /// @notice Unpaid time for an account.
    struct Grant {
        address recipient;
        uint16 tierId;
        uint40 seconds_;
        uint256 tokenId; // the recipient's membership in that tier; 0 = it has none and gets one
    }

    /// @notice As `join`, with voucher, allow-list, auto-renewal, permit, seat or the recipient's signature.
    /// @dev A trial takes 0 periods and price 0. Errors: NotAllowed, VoucherNeeded, VoucherInvalid, VoucherUsedUp.
    function joinWith(
        uint16 tierId,
        uint16 periods,
        uint96 price,
        address expectedCurrency,
        address recipient,
        uint40 badge,
        JoinExtras calldata extras
    ) external payable returns (uint256 tokenId);

    /// @notice As `renew`, with permit, allow-list proof of the holder, and a badge that the holder binds itself to at its own first payment.
    /// @dev `badge` 0 = none. Reverts BadgeAlreadyBound, BadgeNotChosen (not the holder, or it has paid before).
    function renewWith(
        uint256 tokenId,
        uint16 periods,
        uint96 price,
        address expectedCurrency,
        uint40 badge,
        bytes32[] calldata proof,
        Permit calldata permit
    ) external payable;

    /// @notice Gives one membership each to several wallets that have none, paid by the caller.
    function giftMany(uint16 tierId, uint16 periods, uint96 price, address expectedCurrency, address[] calldata recipients)
        external
        payable;

    /// @notice The holder moves to another tier: what is unearned buys time at the target's join price, `periods` are paid on top.
    /// @dev Granted time is dropped, consent ends. To a tier for life: `periods` is 1 and max(0, price - unearned) is paid.
    /// Reverts ExpiryTooEarly below `minExpiresAt`, TierIsFree from paid to free, PaidTooFarAhead, and as a join does.
    function changeTier(
        uint256 tokenId,
        uint16 tierId,
        uint16 periods,
        uint96 price,
        address expectedCurrency,
        uint40 minExpiresAt,
        bytes32[] calldata proof
    ) external payable;

    /// @notice Gives unpaid time, to new members and to members. Only a granter or the owner.
    /// @dev Time ahead stays within the limit of paid time. A grant never changes what is unearned.
    function grant(Grant[] calldata grants) external;

    /// @notice Ends a membership now and adds what is unearned to the holder's funds. Only a granter or the owner.
    /// @dev Sold for life: only while it is being earned (MembershipEarned).
    function revoke(uint256 tokenId) external;

    /// @notice The holder ends its membership now and is paid what is unearned, at `to`. The token stays.
    function cancel(uint256 tokenId, address to) external returns (uint256 refund);

    /// @notice As cancel, and the token is no more; its referral badge is minted to the holder.
    function burn(uint256 tokenId, address to) external returns (uint256 refund);

    /// @notice Moves a membership to another wallet of the same person, also a soulbound or an expired one. Both wallets
    /// agree: one calls, the other signed EIP-712 WalletChange (or both signed).
    /// @dev A used signature never works again: it names the count of transfers.
    function changeWallet(
        uint256 tokenId,
        address to,
        uint40 deadline,
        bytes calldata holderSignature,
        bytes calldata recipientSignature
    ) external;

    /// @notice Lets keepers renew the caller's membership. `periodsLeft` 0 ends the consent.
    function setAutoRenew(uint256 tokenId, Consent calldata consent) external;

    /// @notice Adds native coins to the funds of an account, for renewals. Reverts CurrencyMismatch in an ERC-20 community.
    function addFunds(address account) external payable;

    /// @notice Pays the caller's funds to `to`.
    function withdrawFunds(address to, uint256 amount) external;

    /// @notice Frees the seat of a membership that expired 30 days ago or earlier. Its renewal then needs a free one.
    function releaseSeat(uint256 tokenId) external;

    /// @notice Makes a tier; ids rise from 1. Only the owner, as all that follow.
    function createTier(TierParams calldata params) external returns (uint16 tierId);

    /// @notice Joins cost `price` at once; renewals after the notice if it is a rise.
    function setTierPrice(uint16 tierId, uint96 price) external;

    /// @notice Stops or reopens joins; renewals go on.
    function setTierPaused(uint16 tierId, bool paused) external;

    /// @notice Who may join, and what an invitee saves.
    function setTierAccess(uint16 tierId, bool invitationOnly, bytes32 allowRoot, uint16 inviteeDiscountBps) external;

    /// @notice Renames a tier.
    function setTierLabel(uint16 tierId, bytes32 label) external;

    /// @notice Ends joins at once and renewals at `retiresAt`, a full notice away at least; only once.
    function retireTier(uint16 tierId, uint40 retiresAt) external;

    /// @notice Rates of badges that are first used from now on; the unit of volume is the cheapest paid price of today.
    function setRates(Rates calldata rates) external returns (uint16 version);

    /// @notice Moves a badge to the newest rates. Only its owner; no rate may be lower (RatesLower).
    function adoptRates(uint40 badge) external;

    /// @notice Takes back all uses of a voucher that are left. Only its issuer or the owner.
    function withdrawVoucher(Voucher calldata voucher) external;

    /// @notice Sends a token that is not the currency, or native coins in an ERC-20 community, to `to`. Treasurer or owner.
    function sweep(address token, address to) external returns (uint256 amount);

    /// @notice ERC-5643: extends by `duration` seconds, a multiple of the period. Native only: the value is the price.
    function renewSubscription(uint256 tokenId, uint64 duration) external payable;

    /// @notice ERC-5643: as `cancel` to the holder.
    function cancelSubscription(uint256 tokenId) external payable;

    /// @notice ERC-5643: whether a renewal of one period is possible now.
    function isRenewable(uint256 tokenId) external view returns (bool);

    /// @notice Whether a keeper can renew now, or the first reason why not; the price, and the window.
    /// @return opensAt first second of the window. @return closesAt first second after it
    function renewalStatus(uint256 tokenId)
        external
        view
        returns (RenewalStatus status, uint96 price, uint40 opensAt, uint40 closesAt);

    /// @notice The live consent of a membership; all 0 when there is none.
    function consentOf(uint256 tokenId) external view returns (Consent memory);

    /// @notice What one period of a first payment costs through a badge (0 = none) and a voucher (issuer 0 = none).
    function joinPrice(uint16 tierId, uint40 badge, Voucher calldata voucher) external view returns (uint96);

    /// @notice EIP-712 digest of a voucher, and how many of its uses are gone.
    function voucherOf(Voucher calldata voucher) external view returns (bytes32 digest, uint32 used);

    /// @notice The rates of a version. 0 is the one of the opening.
    function ratesOf(uint16 version) external view returns (Rates memory);
    function ratesVersion() external view returns (uint16);

    /// @notice ERC-2981: to the Community, in the currency of the sale.
    function royaltyInfo(uint256 tokenId, uint256 salePrice) external view returns (address receiver, uint256 amount);

    /// @notice ERC-7572.
    function contractURI() external view returns (string memory);
}
