// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMembershipBase} from "./IMembershipBase.sol";
import {TierLib} from "./TierLib.sol";

/// @notice What is signed at the desk (EIP-712), and what a voucher does to a price.
library VoucherLib {
    uint96 internal constant MOST_TRIAL = 90 days;

    bytes32 private constant _VOUCHER = keccak256(
        "Voucher(address issuer,uint16 tierId,uint8 kind,uint96 value,address recipient,uint32 uses,uint40 deadline,uint256 nonce)"
    );
    bytes32 private constant _BINDING =
        keccak256("Binding(address recipient,uint16 tierId,uint40 badge,uint40 deadline)");
    bytes32 private constant _WALLET_CHANGE =
        keccak256("WalletChange(uint256 tokenId,address from,address to,uint16 transferCount,uint40 deadline)");

    function hashOf(IMembershipBase.Voucher calldata voucher) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                _VOUCHER,
                voucher.issuer,
                voucher.tierId,
                voucher.kind,
                voucher.value,
                voucher.recipient,
                voucher.uses,
                voucher.deadline,
                voucher.nonce
            )
        );
    }

    function bindingHashOf(address recipient, uint16 tierId, uint40 badge, uint40 deadline)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(_BINDING, recipient, tierId, badge, deadline));
    }

    function walletChangeHashOf(uint256 tokenId, address from, address to, uint16 transferCount, uint40 deadline)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(_WALLET_CHANGE, tokenId, from, to, transferCount, deadline));
    }

    /// @notice Whether the voucher speaks of this join, whoever signed it.
    function fits(IMembershipBase.Voucher calldata voucher, uint16 tierId, address recipient)
        internal
        view
        returns (bool)
    {
        if (voucher.tierId != tierId || block.timestamp > voucher.deadline) return false;
        if (voucher.recipient != address(0) && voucher.recipient != recipient) return false;
        if (voucher.kind == IMembershipBase.VoucherKind.Discount) return voucher.value <= 10_000;
        if (voucher.kind == IMembershipBase.VoucherKind.Trial) return voucher.value != 0 && voucher.value <= MOST_TRIAL;
        return true;
    }

    /// @notice Price of a period with the voucher, where `price` is that without. Never higher; a trial: 0.
    /// @param full price of the tier, before the invitee's discount, which does not add to a voucher's
    function priceOf(IMembershipBase.Voucher calldata voucher, uint96 full, uint96 price)
        internal
        pure
        returns (uint96 reduced)
    {
        if (voucher.issuer == address(0)) return price;
        if (voucher.kind == IMembershipBase.VoucherKind.Trial) return 0;
        reduced = voucher.kind == IMembershipBase.VoucherKind.Price
            ? voucher.value
            : TierLib.discounted(full, voucher.value > 10_000 ? 10_000 : voucher.value);
        if (reduced > price) reduced = price;
    }
}
