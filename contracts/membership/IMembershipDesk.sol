// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMembershipBase} from "./IMembershipBase.sol";

/// @title IMembershipDesk
/// @notice Joins and renewals beyond the plain ones: at the address of the Membership, which hands these calls to a second
/// contract (all together exceeds the size limit of one).
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

    /// @notice A join or, with `tokenId` of the recipient's membership in that tier, a renewal, paid `amount` by a sale
    /// of the community (the caller) for `periods`. Pause, dates, allow-list and vouchers of the tier do not matter, its cap does.
    /// @dev The badge was chosen by the recipient in the sale, or is 0. Native: with value; ERC-20: pulled from the sale.
    function sell(uint16 tierId, uint16 periods, uint256 amount, address recipient, uint40 badge, uint256 tokenId)
        external
        payable
        returns (uint256);

    /// @notice Gives one membership each to several wallets that have none, paid by the caller.
    function giftMany(uint16 tierId, uint16 periods, uint96 price, address expectedCurrency, address[] calldata recipients)
        external
        payable;

    /// @notice Frees the seat of a membership that expired 30 days ago or earlier. Its renewal then needs a free one.
    function releaseSeat(uint256 tokenId) external;

    /// @notice Takes back all uses of a voucher that are left. Only its issuer or the owner.
    function withdrawVoucher(Voucher calldata voucher) external;

    /// @notice ERC-5643: extends by `duration` seconds, a multiple of the period. Native only: the value is the price.
    function renewSubscription(uint256 tokenId, uint64 duration) external payable;

    /// @notice What one period of a first payment costs through a badge (0 = none) and a voucher (issuer 0 = none).
    function joinPrice(uint16 tierId, uint40 badge, Voucher calldata voucher) external view returns (uint96);

    /// @notice EIP-712 digest of a voucher, and how many of its uses are gone.
    function voucherOf(Voucher calldata voucher) external view returns (bytes32 digest, uint32 used);
}
