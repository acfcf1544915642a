// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMembershipBase} from "./IMembershipBase.sol";

/// @title IMembership
/// @notice Memberships of one community as ERC-721 tokens that expire, paid in one currency; and what badges earn.
/// @dev Money is earned over time: of each payment only what has been earned can leave to the community and the badge,
/// the rest (`unearned`) always stays for refunds. What is done seldom stands in IMembershipDesk, IMembershipHolder and IMembershipOffice, at the same address.
interface IMembership is IMembershipBase {
    /// @notice Makes `recipient` (the caller or anybody else) a member of a tier for `periods` periods.
    /// @dev `price`: expected price of one period, after the invitee's discount; `expectedCurrency`: expected currency;
    /// `badge`: that invited, 0 for none; only for oneself (BadgeNotChosen). A wallet that chose a badge before keeps that one.
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

    /// @notice Renews a membership for one period as its holder consented, with the holder's money. Anybody may call.
    /// @dev ERC-20: pulled by allowance; native: from the holder's funds. Reverts RenewalImpossible with the reason.
    /// @param tip part of the price that is added to the caller's funds; at most 2 % (TipTooHigh)
    function renewFor(uint256 tokenId, uint96 tip) external;

    /// @notice Turns what time has earned into income. Ids settled within the last day are skipped unless due whole.
    function settle(uint256[] calldata tokenIds) external;

    /// @notice Pays all accrued income of each badge to `to`, and mints what was not minted. 0 accrued: skipped.
    /// @dev Only by the badge's owner, or to the owner by an account that the owner approved in Badges.
    /// Reverts NothingToClaim with the last badge when all are 0.
    function claim(uint40[] calldata badges, address to) external returns (uint256 amount);

    /// @notice Credits a badge with its share of a sale. Only the Store; native: with value; ERC-20: sent just before.
    function creditBadge(uint40 badge, uint256 amount) external payable;

    /// @notice Notes that the badge is now a token, whose owner is the holder of the day. Only Badges.
    /// @dev Reverts BadgeUnknown when the membership was never paid, or the badge was minted.
    function markMinted(uint40 badge) external returns (address holder);

    /// @notice Makes the first tiers. Called once, by the factory, in the transaction that makes the clone.
    function initialize(TierParams[] calldata tiers) external;

    /// @notice Sends `amount` of earned money to `to`. Only the Community, which divides it.
    function withdrawEarnings(address to, uint256 amount) external;

    /// @notice How many tiers were made; it is the id of the last one.
    function tierCount() external view returns (uint16);
    /// @notice The whole state of a tier.
    function tierOf(uint16 tierId) external view returns (Tier memory);
    /// @notice The whole state of a membership, besides its holder.
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

    /// @notice What a badge has earned. The same for a badge that was never used: all 0.
    function ledgerOf(uint40 badge) external view returns (Ledger memory);

    /// @notice Credited to a badge and not yet claimed, without what a settlement would add. Base units.
    function accruedOf(uint40 badge) external view returns (uint256);

    /// @notice What a badge gets of a payment now, 1/10 000.
    function rateOf(uint40 badge) external view returns (uint16);

    /// @notice Owner of a badge: of the token, or while it is not minted the holder of its membership; 0 for none.
    function badgeOwnerOf(uint40 badge) external view returns (address);

    /// @notice The contract's holdings for an account: prepaid renewals, refunds of revoked memberships, tips.
    function fundsOf(address account) external view returns (uint256);
}
