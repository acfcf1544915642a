// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "solady/utils/ECDSA.sol";
import {EIP712} from "solady/utils/EIP712.sol";
import {ReentrancyGuardTransient} from "solady/utils/ReentrancyGuardTransient.sol";
import {SafeCastLib} from "solady/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {SignatureCheckerLib} from "solady/utils/SignatureCheckerLib.sol";
import {IMarket} from "./IMarket.sol";

/// @notice What the market keeps of accounts: what they signed and cancelled, and their native coins.
abstract contract MarketAccounts is IMarket, EIP712, ReentrancyGuardTransient {
    using SafeCastLib for uint256;

    /// @dev One slot.
    struct Account {
        uint128 funds;
        uint64 counter;
        bool cancels; // something was cancelled by its digest, or an offer was accepted: `_spent` must be read
    }

    bytes32 private constant _LISTING = keccak256(
        "Listing(address seller,address collection,address membership,uint256 tokenId,address currency,uint96 price,uint96 minProceeds,"
        "address feeRecipient,uint16 feeBps,address buyer,uint40 startsAt,uint40 deadline,uint64 transferCount,"
        "uint96 minAccrued,uint16 tierId,uint40 minExpiresAt,uint96 minUnearned,bool withBadge,uint64 counter,"
        "uint256 salt)"
    );
    bytes32 private constant _OFFER = keccak256(
        "Offer(address buyer,address collection,address membership,uint256 tokenId,uint8 level,uint16 minRateBps,uint96 minAccrued,address currency,"
        "uint96 price,address feeRecipient,uint16 feeBps,uint40 deadline,uint64 counter,uint256 salt)"
    );
    uint256 private constant _LISTING_SIZE = 20 * 32;
    uint256 private constant _OFFER_SIZE = 14 * 32;
    /// @dev Gas for an account that is paid. More than any wallet needs; if one burns it all, or if the transaction had less
    /// to give, what is left is a 63rd: too little to go on with the credit, so no buyer can starve a seller's wallet.
    uint256 private constant _PUSH_GAS = 100_000;

    mapping(address account => Account) private _accounts;
    mapping(address account => mapping(bytes32 digest => bool)) private _spent;

    /// @inheritdoc IMarket
    function announceListing(Listing calldata listing, bytes calldata signature) external {
        bytes32 digest = listingDigest(listing);
        if (!_isSignedBy(listing.seller, digest, signature)) revert SignatureInvalid(listing.seller);
        emit ListingAnnounced(digest, listing, signature);
    }

    /// @inheritdoc IMarket
    function announceOffer(Offer calldata offer, bytes calldata signature) external {
        bytes32 digest = offerDigest(offer);
        if (!_isSignedBy(offer.buyer, digest, signature)) revert SignatureInvalid(offer.buyer);
        emit OfferAnnounced(digest, offer, signature);
    }

    /// @inheritdoc IMarket
    function cancel(bytes32[] calldata digests) external {
        for (uint256 i; i < digests.length; ++i) {
            _spend(msg.sender, digests[i]);
            emit SignatureCancelled(msg.sender, digests[i]);
        }
    }

    /// @inheritdoc IMarket
    function raiseCounter() external returns (uint64 counter) {
        Account storage account = _accounts[msg.sender];
        counter = account.counter + 1 + uint32(uint256(blockhash(block.number - 1)));
        account.counter = counter;
        emit CounterRaised(msg.sender, counter);
    }

    /// @inheritdoc IMarket
    function addFunds(address account) external payable {
        _credit(account, msg.value);
    }

    /// @inheritdoc IMarket
    function withdrawFunds(address to, uint256 amount) external nonReentrant {
        _debit(msg.sender, amount);
        SafeTransferLib.safeTransferETH(to, amount);
    }

    /// @inheritdoc IMarket
    function isSpent(address account, bytes32 digest) external view returns (bool) {
        return _spent[account][digest];
    }

    /// @inheritdoc IMarket
    function counterOf(address account) external view returns (uint64) {
        return _accounts[account].counter;
    }

    /// @inheritdoc IMarket
    function fundsOf(address account) public view returns (uint256) {
        return _accounts[account].funds;
    }

    /// @inheritdoc IMarket
    function listingDigest(Listing calldata) public view returns (bytes32) {
        return _digest(_LISTING, _LISTING_SIZE);
    }

    /// @inheritdoc IMarket
    function offerDigest(Offer calldata) public view returns (bytes32) {
        return _digest(_OFFER, _OFFER_SIZE);
    }

    function _spend(address account, bytes32 digest) internal {
        _spent[account][digest] = true;
        _accounts[account].cancels = true;
    }

    function _credit(address account, uint256 amount) internal {
        if (amount == 0) return;
        Account storage entry = _accounts[account];
        uint128 funds = (uint256(entry.funds) + amount).toUint128();
        entry.funds = funds;
        emit FundsSet(account, funds);
    }

    function _debit(address account, uint256 amount) internal {
        Account storage entry = _accounts[account];
        uint128 funds = entry.funds;
        if (amount > funds) revert FundsTooLow(account, amount, funds);
        entry.funds = funds - uint128(amount); // amount <= funds
        emit FundsSet(account, funds - amount);
    }

    /// @dev Pays native coins, or holds them for an account that does not take them.
    function _push(address account, uint256 amount) internal {
        if (amount == 0) return;
        if (!SafeTransferLib.trySafeTransferETH(account, amount, _PUSH_GAS)) _credit(account, amount);
    }

    /// @dev What stands against a signature, now: that it was cancelled, or was never given.
    function _signatureStatus(address account, bytes32 digest, uint64 counter, bytes calldata signature)
        internal
        view
        returns (Status)
    {
        Account memory entry = _accounts[account];
        if (counter != entry.counter) return Status.CounterRaised;
        if (entry.cancels && _spent[account][digest]) return Status.Spent;
        return _isSignedBy(account, digest, signature) ? Status.Ready : Status.SignatureInvalid;
    }

    /// @dev By the key of the account, also where it has code (EIP-7702), or as its code says (EIP-1271).
    function _isSignedBy(address account, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (account == address(0)) return false;
        if (ECDSA.tryRecoverCalldata(digest, signature) == account) return true;
        return SignatureCheckerLib.isValidERC1271SignatureNowCalldata(account, digest, signature);
    }

    /// @dev A listing or offer is the first argument of every function that takes one, of fixed size, and encoded there as
    /// EIP-712 encodes it: a word for each field. A field that does not fit its type reverts where it is read.
    function _digest(bytes32 typeHash, uint256 size) private view returns (bytes32) {
        return _hashTypedData(keccak256(bytes.concat(typeHash, msg.data[4:4 + size])));
    }

    function _domainNameAndVersion() internal pure override returns (string memory name, string memory version) {
        return ("Koinon Market", "1");
    }

    /// @dev Every supported chain has transient storage (Cancun).
    function _useTransientReentrancyGuardOnlyOnMainnet() internal pure override returns (bool) {
        return false;
    }
}
