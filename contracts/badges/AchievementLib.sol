// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibBitmap} from "solady/utils/LibBitmap.sol";
import {LibString} from "solady/utils/LibString.sol";
import {IBadges} from "./IBadges.sol";

/// @title AchievementLib
/// @notice What an achievement is, how many tokens it can still make, and which of its vouchers were used.
library AchievementLib {
    using LibBitmap for LibBitmap.Bitmap;

    /// @dev `issuer` to `flags` are one slot.
    struct Record {
        address issuer;
        uint32 cap; // 0 = no limit
        uint32 made;
        uint24 allowance;
        uint8 flags;
        bytes32 label;
        string description;
        string uri;
        mapping(address issuer => LibBitmap.Bitmap) used; // nonces
    }

    uint8 internal constant EXISTS = 1;
    uint8 internal constant LOCKED = 2;
    uint256 private constant _MOST_DESCRIPTION = 500; // bytes
    uint256 private constant _MOST_URI = 200; // bytes
    bytes32 private constant _VOUCHER_TYPE = keccak256(
        "AchievementVoucher(address issuer,uint32 achievementId,address recipient,uint40 deadline,uint256 nonce)"
    );

    /// @notice Writes a new achievement. Reverts unless the parameters are sound.
    function write(Record storage record, IBadges.AchievementParams calldata params) internal {
        if (params.label[0] == 0) revert IBadges.AchievementInvalid(params.label, params.issuer, params.allowance);
        record.label = params.label;
        record.cap = params.cap;
        record.flags = params.locked ? EXISTS | LOCKED : EXISTS;
        setText(record, params.description, params.uri);
        setIssuer(record, params.issuer, params.allowance);
    }

    /// @notice Changes description and uri.
    function setText(Record storage record, string calldata description, string calldata uri) internal {
        _checkLength(description, _MOST_DESCRIPTION);
        _checkLength(uri, _MOST_URI);
        bool known = LibString.startsWith(uri, "https://") || LibString.startsWith(uri, "ipfs://");
        if (bytes(uri).length != 0 && !known) revert IBadges.AchievementUriInvalid(uri);
        record.description = description;
        record.uri = uri;
    }

    /// @notice Changes the issuer, and how many vouchers are left to it.
    function setIssuer(Record storage record, address issuer, uint24 allowance) internal {
        if (issuer == address(0) && allowance != 0) {
            revert IBadges.AchievementInvalid(record.label, issuer, allowance);
        }
        record.issuer = issuer;
        record.allowance = allowance;
    }

    /// @notice Counts `amount` more tokens. Reverts when that is more than the cap leaves.
    /// @return firstSerial of the new tokens
    function make(Record storage record, uint32 achievementId, uint256 amount) internal returns (uint256 firstSerial) {
        uint256 made = record.made;
        uint256 left = (record.cap == 0 ? type(uint32).max : record.cap) - made;
        if (amount > left) revert IBadges.AchievementCapExceeded(achievementId, amount, left);
        record.made = uint32(made + amount); // at most the cap, which is 32 bits
        return made + 1;
    }

    /// @notice Takes a voucher out of use, and one from the issuer's allowance.
    function spend(Record storage record, IBadges.AchievementVoucher calldata voucher) internal {
        if (record.allowance == 0) revert IBadges.AllowanceUsedUp(voucher.achievementId, voucher.issuer);
        withdraw(record, voucher.achievementId, voucher.issuer, voucher.nonce);
        record.allowance -= 1;
    }

    /// @notice Takes a voucher out of use. Reverts when it is already.
    function withdraw(Record storage record, uint32 achievementId, address issuer, uint256 nonce) internal {
        LibBitmap.Bitmap storage used = record.used[issuer];
        if (used.get(nonce)) revert IBadges.VoucherUsed(achievementId, issuer, nonce);
        used.set(nonce);
    }

    /// @notice The whole state.
    function read(Record storage record) internal view returns (IBadges.Achievement memory) {
        return IBadges.Achievement({
            label: record.label,
            cap: record.cap,
            made: record.made,
            locked: isLocked(record),
            issuer: record.issuer,
            allowance: record.allowance,
            description: record.description,
            uri: record.uri
        });
    }

    function isLocked(Record storage record) internal view returns (bool) {
        return record.flags & LOCKED != 0;
    }

    /// @notice EIP-712 hash of a voucher.
    function hash(IBadges.AchievementVoucher calldata voucher) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                _VOUCHER_TYPE, voucher.issuer, voucher.achievementId, voucher.recipient, voucher.deadline, voucher.nonce
            )
        );
    }

    function _checkLength(string calldata text, uint256 most) private pure {
        uint256 length = bytes(text).length;
        if (length > most) revert IBadges.AchievementTextTooLong(length, most);
    }
}
