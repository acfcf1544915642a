// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMembershipBase} from "./IMembershipBase.sol";

/// @title IMembershipHolder
/// @notice What holders do with their memberships besides paying: at the address of the Membership, which hands these
/// calls on.
interface IMembershipHolder is IMembershipBase {
    /// @notice The holder moves to another tier: what is unearned buys time at the target's join price, `periods` are paid on top.
    /// @dev Granted time is dropped, consent ends. To a tier for life: `periods` is 1 and max(0, price - unearned) is paid
    /// (native: more coins may come, as what is unearned falls until the block; the rest is added to the caller's funds).
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

    /// @notice Moves a badge to the newest rates. Only its owner; no rate may be lower (RatesLower).
    function adoptRates(uint40 badge) external;

    /// @notice ERC-5643: as `cancel` to the holder.
    function cancelSubscription(uint256 tokenId) external payable;

    /// @notice ERC-5643: whether a renewal of one period is possible now.
    function isRenewable(uint256 tokenId) external view returns (bool);

    /// @notice Whether a keeper can renew now, or the first reason why not; the price, and the window.
    /// @return status the first reason
    /// @return price base units
    /// @return opensAt first second of the window
    /// @return closesAt first second after it
    function renewalStatus(uint256 tokenId)
        external
        view
        returns (RenewalStatus status, uint96 price, uint40 opensAt, uint40 closesAt);

    /// @notice The live consent of a membership; all 0 when there is none.
    function consentOf(uint256 tokenId) external view returns (Consent memory);
}
