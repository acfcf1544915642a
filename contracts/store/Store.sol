// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {ReentrancyGuardTransient} from "solady/utils/ReentrancyGuardTransient.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {ICommunity} from "../community/ICommunity.sol";
import {IMembership} from "../membership/IMembership.sol";
import {IMembershipBase} from "../membership/IMembershipBase.sol";
import {Catalog} from "./Catalog.sol";
import {IStore} from "./IStore.sol";
import {ProductLib} from "./ProductLib.sol";
import {SplitLib} from "./SplitLib.sol";

/// @title Store
/// @notice See IStore. A clone with immutable arguments `community 20 | currency 20`, in bytes. All it keeps starts at 0.
contract Store is Catalog, ReentrancyGuardTransient {
    using ProductLib for ProductLib.Terms;

    /// @dev One slot.
    struct Totals {
        uint112 earned; // by the community, ever
        uint112 withdrawn; // of it
    }

    /// @dev One slot; after the first sale it is never 0 again.
    struct Ledger {
        uint112 credited; // to an account, ever
        uint112 claimed; // of it
    }

    uint8 private constant _TREASURER = 1;

    Totals private _totals;
    mapping(address account => Ledger) private _ledgers;

    /// @inheritdoc IStore
    function buy(Purchase calldata purchase) external payable nonReentrant {
        _buy(purchase);
    }

    /// @inheritdoc IStore
    function buyWith(Purchase calldata purchase, address expired, IMembershipBase.Permit calldata permit)
        external
        payable
        nonReentrant
    {
        _permit(permit);
        if (expired != address(0)) releaseSeat(purchase.productId, expired);
        _buy(purchase);
    }

    /// @inheritdoc IStore
    function tip(Tip calldata tip_) external payable nonReentrant {
        _tip(tip_);
    }

    /// @inheritdoc IStore
    function tipWith(Tip calldata tip_, IMembershipBase.Permit calldata permit) external payable nonReentrant {
        _permit(permit);
        _tip(tip_);
    }

    /// @inheritdoc IStore
    function claim(address account, address to) external nonReentrant returns (uint256 amount) {
        // Check:
        address paid = msg.sender == account ? to : account;
        if (to != paid) revert PayeeMismatch(to, paid);
        Ledger memory ledger = _ledgers[account];
        amount = ledger.credited - ledger.claimed;
        if (amount == 0) revert NothingToClaim(account);

        // Effect:
        _ledgers[account].claimed = ledger.credited;
        emit CreatorPaid(account, to, amount, ledger.credited, msg.sender);

        // Interaction:
        _send(currency(), to, amount);
    }

    /// @inheritdoc IStore
    function withdrawEarnings(address to, uint256 amount) external nonReentrant {
        // Check:
        if (msg.sender != community()) revert NotCommunity(msg.sender);
        Totals memory totals = _totals;
        uint256 left = totals.earned - totals.withdrawn;
        if (amount > left) revert EarningsExceeded(amount, left);

        // Effect:
        totals.withdrawn += uint112(amount); // amount <= left, which is 112 bits
        _totals = totals;
        emit EarningsWithdrawn(to, amount, totals.withdrawn);

        // Interaction:
        _send(currency(), to, amount);
    }

    /// @inheritdoc IStore
    function sweep(address token, address to) external nonReentrant returns (uint256 amount) {
        if (!ICommunity(community()).hasRole(msg.sender, _TREASURER)) revert RoleMissing(msg.sender, _TREASURER);
        if (token == currency()) revert CurrencyNotSwept(token);
        amount = token == address(0) ? address(this).balance : SafeTransferLib.balanceOf(token, address(this));
        emit Swept(token, to, amount);
        _send(token, to, amount);
    }

    /// @inheritdoc IStore
    function ledgerOf(address account) external view returns (uint256 credited, uint256 claimed) {
        return (_ledgers[account].credited, _ledgers[account].claimed);
    }

    /// @inheritdoc IStore
    function earnings() external view returns (uint256 earnedTotal, uint256 withdrawnTotal) {
        return (_totals.earned, _totals.withdrawn);
    }

    /// @dev Every supported chain has transient storage (Cancun).
    function _useTransientReentrancyGuardOnlyOnMainnet() internal pure override returns (bool) {
        return false;
    }

    function _buy(Purchase calldata purchase) private {
        // Check:
        uint256 productId = purchase.productId;
        ProductLib.Record storage product = _productOf(productId);
        ProductLib.Terms memory terms = product.terms;
        ProductLib.Price memory price = product.price;
        uint24 quantity = purchase.quantity;
        if (purchase.version != terms.version) revert VersionMismatch(purchase.version, terms.version);
        if (purchase.price != price.price) revert PriceMismatch(purchase.price, price.price);
        uint24 most = price.price == 0 ? 1 : type(uint24).max;
        if (quantity == 0 || quantity > most) revert QuantityInvalid(quantity, most);
        if (price.price == 0 && purchase.recipient != msg.sender) revert GiftNotPaid(productId);
        uint256 amount = _checkPayment(uint256(price.price) * quantity, purchase.currency);

        // Effect:
        uint40 validUntil = type(uint40).max;
        bool mints = true;
        if (terms.periodSeconds == 0) terms.sell(productId, quantity);
        else (validUntil, mints) = terms.extend(product.licenses[purchase.recipient], productId, quantity);
        product.terms = terms;
        Payment memory payment =
            _divide(amount, price.payout, terms.communityBps, purchase.recipient, purchase.membershipId);
        _emitBought(purchase, validUntil, terms.units, payment);

        // Interaction:
        _take(purchase.currency, payment);
        if (mints) _mint(purchase.recipient, productId, terms.periodSeconds == 0 ? quantity : 1, "");
    }

    function _emitBought(Purchase calldata purchase, uint40 validUntil, uint48 units, Payment memory payment) private {
        emit LicenseBought(
            purchase.productId,
            purchase.recipient,
            msg.sender,
            purchase.membershipId,
            purchase.version,
            purchase.quantity,
            validUntil,
            units,
            payment
        );
    }

    function _tip(Tip calldata tip_) private {
        // Check:
        if (tip_.amount == 0) revert TipEmpty();
        uint256 amount = _checkPayment(tip_.amount, tip_.currency);
        uint16 communityBps;
        if (tip_.productId == 0) {
            (communityBps,) = policy();
            _checkPayee(tip_.payee);
        } else {
            ProductLib.Record storage product = _productOf(tip_.productId);
            communityBps = product.terms.communityBps;
            address payout = product.price.payout;
            if (tip_.payee != payout) revert PayeeMismatch(tip_.payee, payout);
        }

        // Effect:
        Payment memory payment = _divide(amount, tip_.payee, communityBps, msg.sender, tip_.membershipId);
        emit Tipped(tip_.payee, msg.sender, tip_.productId, tip_.membershipId, tip_.subject, payment);

        // Interaction:
        _take(tip_.currency, payment);
    }

    /// @dev Divides a payment made for `account`, and credits all but the badge.
    function _divide(uint256 amount, address payee, uint256 communityBps, address account, uint256 membershipId)
        private
        returns (Payment memory payment)
    {
        uint256 rate;
        (payment.badge, rate) = _referralOf(account, membershipId);
        if (payee == community()) communityBps = SplitLib.WHOLE;
        (payment.badgeShare, payment.payeeShare, payment.communityShare) = SplitLib.split(amount, rate, communityBps);
        (payment.amount, payment.payee) = (amount, payee);
        Ledger memory ledger = _ledgers[payee];
        if (payment.payeeShare != 0) {
            ledger.credited += uint112(payment.payeeShare); // at most 96 bits
            _ledgers[payee] = ledger;
        }
        Totals memory totals = _totals;
        if (payment.communityShare != 0) {
            totals.earned += uint112(payment.communityShare); // at most 96 bits
            _totals = totals;
        }
        (payment.payeeTotal, payment.communityTotal) = (ledger.credited, totals.earned);
    }

    /// @dev Takes the tokens of a payment (native coins came with the call) and hands the badge its share. No try around
    /// the credit: who pays chooses the gas, and could make just that fail.
    // The coins go to the Membership of the same community, whose address is fixed.
    // slither-disable-next-line arbitrary-send-eth
    function _take(address coin, Payment memory payment) private {
        uint256 badgeShare = payment.badgeShare;
        if (coin != address(0)) _pull(coin, address(this), payment.amount - badgeShare);
        if (badgeShare == 0) return;
        address sibling = membership();
        if (coin != address(0)) _pull(coin, sibling, badgeShare);
        IMembership(sibling).creditBadge{value: coin == address(0) ? badgeShare : 0}(payment.badge, badgeShare);
    }

    /// @dev Moves tokens from the caller to `to`, where they must arrive exactly.
    function _pull(address coin, address to, uint256 amount) private {
        if (amount == 0) return;
        uint256 before = SafeTransferLib.balanceOf(coin, to);
        SafeTransferLib.safeTransferFrom(coin, msg.sender, to, amount);
        uint256 received = SafeTransferLib.balanceOf(coin, to) - before;
        if (received != amount) revert TransferShort(received, amount);
    }

    function _send(address coin, address to, uint256 amount) private {
        if (to == address(0)) revert AccountMissing();
        if (coin == address(0)) SafeTransferLib.safeTransferETH(to, amount);
        else SafeTransferLib.safeTransfer(coin, to, amount);
    }

    /// @dev Anybody can use a permit that waits in the pool: whether the allowance is there is what counts.
    function _permit(IMembershipBase.Permit calldata permit) private {
        address coin = currency();
        if (permit.deadline == 0 || coin == address(0)) return;
        try IERC20Permit(coin).permit(
            msg.sender, address(this), permit.value, permit.deadline, permit.v, permit.r, permit.s
        ) {} catch {}
    }

    /// @dev The badge that the member is bound to, and its rate. A member cannot pass for somebody else or for nobody.
    function _referralOf(address account, uint256 membershipId) private view returns (uint40 badge, uint256 rate) {
        address sibling = membership();
        if (membershipId == 0) {
            if (IERC721(sibling).balanceOf(account) != 0) revert MembershipNotNamed(account);
            return (0, 0);
        }
        if (IMembership(sibling).ownerOf(membershipId) != account) revert MembershipMismatch(membershipId, account);
        badge = IMembership(sibling).stateOf(membershipId).badge;
        if (badge != 0) rate = IMembership(sibling).rateOf(badge);
    }

    /// @dev The amount due, after size, currency and value were checked.
    function _checkPayment(uint256 amount, address expectedCurrency) private view returns (uint256) {
        address coin = currency();
        if (expectedCurrency != coin) revert CurrencyMismatch(expectedCurrency, coin);
        if (amount > type(uint96).max) revert PaymentTooLarge(amount, type(uint96).max);
        uint256 value = coin == address(0) ? amount : 0;
        if (msg.value != value) revert ValueMismatch(msg.value, value);
        return amount;
    }

    /// @dev A tip to a mistyped account would wait for nobody.
    function _checkPayee(address payee) private view {
        if (payee == community() || payee == _owner()) return;
        // Who is made a member by somebody else can then be tipped: that is no harm.
        // slither-disable-next-line incorrect-equality
        if (payee == address(0) || IERC721(membership()).balanceOf(payee) == 0) revert PayeeUnknown(payee);
    }
}
