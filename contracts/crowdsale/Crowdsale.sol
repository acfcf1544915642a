// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {MerkleProofLib} from "solady/utils/MerkleProofLib.sol";
import {ReentrancyGuardTransient} from "solady/utils/ReentrancyGuardTransient.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {IMembershipBase} from "../membership/IMembershipBase.sol";
import {IMembershipDesk} from "../membership/IMembershipDesk.sol";
import {CrowdsaleBooks} from "./CrowdsaleBooks.sol";
import {ICommunityToken} from "./ICommunityToken.sol";
import {ICrowdsale} from "./ICrowdsale.sol";
import {LedgerLib} from "./LedgerLib.sol";
import {StepLib} from "./StepLib.sol";
import {TermsLib} from "./TermsLib.sol";

/// @title Crowdsale
/// @notice See ICrowdsale. A clone whose immutable arguments are the terms (TermsLib).
/// @dev What the sale owes at any time: until finalization all contributions; then the scheduled money that was not
/// released or refunded, and the tier money that was not paid on; always the funds.
contract Crowdsale is CrowdsaleBooks, ReentrancyGuardTransient {
    using LedgerLib for uint256;
    using StepLib for bytes;
    using TermsLib for bytes;

    uint256 private constant _OWN_CLAIM_SECONDS = 90 days; // in which only the contributor claims its membership
    uint256 private constant _WHOLE = 10_000;

    /// @dev The implementation behind the clones is full and finalized, and will release nothing.
    constructor() {
        _raised = type(uint256).max;
    }

    /// @inheritdoc ICrowdsale
    function contribute(uint256 amount, uint128 price, address expectedCurrency, address recipient, uint40 badge)
        external
        payable
        returns (uint256)
    {
        return _contribute(amount, price, expectedCurrency, recipient, badge, MerkleProofLib.emptyProof());
    }

    /// @inheritdoc ICrowdsale
    function contributeWith(
        uint256 amount,
        uint128 price,
        address expectedCurrency,
        address recipient,
        uint40 badge,
        bytes32[] calldata proof,
        IMembershipBase.Permit calldata permit
    ) external payable returns (uint256) {
        _permit(TermsLib.load().currency(), permit);
        return _contribute(amount, price, expectedCurrency, recipient, badge, proof);
    }

    /// @inheritdoc ICrowdsale
    function finalize() external {
        // Check:
        bytes memory args = TermsLib.load();
        uint256 raised = _raised;
        uint256 amount = raised.amountOf();
        if (raised.finalizedAtOf() != 0) revert CrowdsaleAlreadyFinalized(raised.finalizedAtOf());
        // Only contributions count, and none goes beyond the cap: nobody can make it miss.
        // slither-disable-next-line incorrect-equality
        bool full = amount == args.cap();
        if (!full && block.timestamp < args.endsAt()) revert CrowdsaleNotOver(args.endsAt());
        if (amount < args.goal()) revert GoalMissed(amount, args.goal());

        // Effect:
        _raised = raised.finalize(block.timestamp);
        emit CrowdsaleFinalized(block.timestamp, amount, raised.scheduledOf(), msg.sender);

        // Interaction: with our own clone
        uint256 lockup = args.lockupSeconds();
        if (lockup != 0) ICommunityToken(args.token()).lock(uint40(block.timestamp + lockup));
    }

    /// @inheritdoc ICrowdsale
    function release() external returns (uint256 amount) {
        // Check:
        bytes memory args = TermsLib.load();
        uint256 released = _vested(args, _raised.scheduledOf());
        amount = released - _progress.released;
        if (amount == 0) revert NothingToRelease();

        // Effect:
        _progress.released = uint96(released); // at most what was raised, which is 96 bits
        address to = args.community();
        emit Released(to, amount, released, msg.sender);

        // Interaction:
        _send(args.currency(), to, amount);
    }

    /// @inheritdoc ICrowdsale
    function claimTokens(address account) external returns (uint256 amount) {
        // Check:
        bytes memory args = TermsLib.load();
        Claims memory claims = _accounts[account].claims;
        amount = _claimableOf(args, account, claims.tokens);
        if (amount == 0) revert NothingToClaim(account);

        // Effect:
        claims.tokens += uint104(amount); // at most the maximum of the supply, which is 104 bits
        _accounts[account].claims = claims;
        emit TokensClaimed(account, amount, claims);

        // Interaction: with our own clone
        ICommunityToken(args.token()).mint(account, amount);
    }

    /// @inheritdoc ICrowdsale
    function claimMembership(address account, address wallet, uint16 periods, uint256 tokenId)
        external
        nonReentrant
        returns (uint256 membershipId)
    {
        // Check:
        bytes memory args = TermsLib.load();
        uint256 finalizedAt = _raised.finalizedAtOf();
        if (finalizedAt == 0) revert CrowdsaleNotFinalized();
        bool helped = wallet == account && block.timestamp >= finalizedAt + _OWN_CLAIM_SECONDS;
        if (msg.sender != account && !helped) revert NotContributor(account, msg.sender);
        Account storage entry = _accounts[account];
        Claims memory claims = entry.claims;
        (uint256 left, uint256 money) = _periodsOf(args, entry.contribution, claims);
        if (periods == 0 || periods > left) revert PeriodsInvalid(periods, left);
        uint256 amount = money * periods / left; // all of it for the last ones
        uint40 badge = wallet == account ? entry.contribution.badgeOf() : 0; // a wallet binds only itself

        // Effect:
        claims.periods += periods;
        claims.paid += uint96(amount); // at most the contribution, which is 96 bits
        entry.claims = claims;

        // Interaction: with the membership contract, which calls nobody else but the currency
        membershipId = _buyMembership(args, periods, amount, wallet, badge, tokenId);
        emit MembershipClaimed(account, wallet, membershipId, periods, amount, claims);
    }

    /// @inheritdoc ICrowdsale
    function claimRefund(address to) external returns (uint256 amount) {
        // Check:
        bytes memory head = TermsLib.loadHead();
        uint256 raised = _raised;
        Account storage account = _accounts[msg.sender];
        bool missed = raised.finalizedAtOf() == 0;
        amount = missed ? _missedRefundOf(head, raised, account) : _stopRefundOf(TermsLib.load(), raised, account);
        if (amount == 0) revert NothingToRefund(msg.sender);
        if (to == address(0)) to = msg.sender;

        // Effect:
        if (missed) account.contribution = 0;
        else account.claims.refunded = true;
        emit ContributionRefunded(msg.sender, to, amount);

        // Interaction:
        _send(head.currency(), to, amount);
    }

    /// @inheritdoc ICrowdsale
    function voteStop() external {
        // Check:
        bytes memory args = TermsLib.load();
        uint256 raised = _raised;
        if (raised.finalizedAtOf() == 0) revert CrowdsaleNotFinalized();
        Progress memory progress = _progress;
        if (progress.stoppedAt != 0) revert CrowdsaleAlreadyStopped(progress.stoppedAt);
        uint256 vestedAt = raised.finalizedAtOf() + args.vestingSeconds();
        if (block.timestamp >= vestedAt) revert CrowdsaleVested(vestedAt);
        if (msg.sender == args.founder()) revert VoteOfFounder(msg.sender);
        uint256 contribution = _accounts[msg.sender].contribution;
        uint256 weight = _scheduledOf(args, contribution);
        if (weight == 0) revert VoteMissing(msg.sender);
        if (contribution.hasVoted()) revert VoteAlreadyCast(msg.sender);

        // Effect:
        uint256 all = _electorate(args, raised);
        progress.votes += uint96(weight); // all weights together are at most what was raised, which is 96 bits
        _accounts[msg.sender].contribution = contribution.vote();
        emit StopVoted(msg.sender, weight, progress.votes, all);
        if (progress.votes * _WHOLE > all * args.stopThresholdBps()) {
            uint256 scheduled = raised.scheduledOf();
            progress.stoppedAt = uint40(block.timestamp);
            emit CrowdsaleStopped(block.timestamp, scheduled - _vested(args, scheduled), scheduled);
        }
        _progress = progress;
    }

    /// @inheritdoc ICrowdsale
    function withdrawFunds(address to) external returns (uint256 amount) {
        // Check:
        amount = _accounts[msg.sender].funds;
        if (amount == 0) revert NothingToWithdraw(msg.sender);
        if (to == address(0)) to = msg.sender;

        // Effect:
        delete _accounts[msg.sender].funds;
        emit FundsSet(msg.sender, 0);

        // Interaction:
        SafeTransferLib.safeTransferETH(to, amount);
    }

    /// @inheritdoc ICrowdsale
    function sweep(address coin) external returns (uint256 amount) {
        bytes memory args = TermsLib.load();
        address kept = args.currency();
        if (coin == kept) revert CurrencyNotSwept(kept);
        address to = args.community();
        amount = _balanceOf(coin);
        emit Swept(coin, to, amount);
        uint256 before = _balanceOf(kept);
        _send(coin, to, amount);
        if (_balanceOf(kept) != before) revert CurrencyNotSwept(kept); // some tokens answer at two addresses
    }

    /// @dev Every supported chain has transient storage (Cancun).
    function _useTransientReentrancyGuardOnlyOnMainnet() internal pure override returns (bool) {
        return false;
    }

    function _contribute(
        uint256 amount,
        uint256 price,
        address expectedCurrency,
        address recipient,
        uint40 badge,
        bytes32[] calldata proof
    ) private returns (uint256 taken) {
        // Check:
        bytes memory args = TermsLib.load();
        _checkPayment(args, amount, expectedCurrency);
        _checkContributor(args, recipient, badge, proof);
        uint256 raised = _raised;
        Account storage account = _accounts[recipient];
        uint256 contribution = account.contribution;
        taken = _taken(args, amount, raised.amountOf(), contribution.amountOf());
        (uint256 bought, uint256 last) = args.buy(raised.amountOf(), taken);
        if (last > price) revert PriceTooHigh(last, price);

        // Effect:
        contribution = contribution.add(taken, bought, badge);
        uint256 tierMoney;
        (contribution, tierMoney) = _withTier(args, contribution, taken, recipient);
        raised = raised.raise(taken, tierMoney);
        (_raised, account.contribution) = (raised, contribution);
        emit Contributed(recipient, msg.sender, taken, bought, contribution, raised);

        // Interaction: none with native coins; what is too much of them is kept for the payer
        if (expectedCurrency != address(0)) _pull(expectedCurrency, taken);
        else if (amount != taken) _credit(amount - taken);
    }

    function _credit(uint256 amount) private {
        uint256 funds = _accounts[msg.sender].funds + amount;
        _accounts[msg.sender].funds = funds;
        emit FundsSet(msg.sender, funds);
    }

    /// @dev Sets the allowance that the payer signed. One that fails may have been used by somebody else before.
    function _permit(address coin, IMembershipBase.Permit calldata permit) private {
        if (permit.deadline == 0 || coin == address(0)) return;
        try IERC20Permit(coin).permit(
            msg.sender, address(this), permit.value, permit.deadline, permit.v, permit.r, permit.s
        ) {} catch {}
    }

    /// @dev Guarded: while a token that calls back is being pulled, one arrival could count for two contributions.
    function _pull(address coin, uint256 amount) private nonReentrant {
        uint256 before = SafeTransferLib.balanceOf(coin, address(this));
        SafeTransferLib.safeTransferFrom(coin, msg.sender, address(this), amount);
        uint256 received = SafeTransferLib.balanceOf(coin, address(this)) - before;
        if (received != amount) revert TransferShort(received, amount);
    }

    function _send(address coin, address to, uint256 amount) private {
        if (coin == address(0)) SafeTransferLib.safeTransferETH(to, amount);
        else _sendToken(coin, to, amount);
    }

    function _balanceOf(address coin) private view returns (uint256) {
        return coin == address(0) ? address(this).balance : SafeTransferLib.balanceOf(coin, address(this));
    }

    function _sendToken(address coin, address to, uint256 amount) private nonReentrant {
        SafeTransferLib.safeTransfer(coin, to, amount);
    }

    function _buyMembership(
        bytes memory args,
        uint16 periods,
        uint256 amount,
        address wallet,
        uint40 badge,
        uint256 tokenId
    ) private returns (uint256) {
        IMembershipDesk to = IMembershipDesk(args.membership());
        address coin = args.currency();
        if (coin != address(0)) SafeTransferLib.safeApproveWithRetry(coin, address(to), amount);
        uint256 value = coin == address(0) ? amount : 0;
        return to.sell{value: value}(args.tierId(), periods, amount, wallet, badge, tokenId);
    }

    /// @dev The contribution, due the tier if this one makes it so, and what that costs. A gift does only if it reaches
    /// the threshold alone: else a stranger's coin could turn another's tokens into a membership.
    function _withTier(bytes memory args, uint256 contribution, uint256 taken, address recipient)
        private
        view
        returns (uint256, uint256 tierMoney)
    {
        if (args.isMembership()) return (contribution, taken);
        tierMoney = args.tierMoney();
        if (tierMoney == 0 || contribution.hasTier()) return (contribution, 0);
        uint256 sum = recipient == msg.sender ? contribution.amountOf() : taken;
        return sum < args.tierThreshold() ? (contribution, 0) : (contribution.giveTier(), tierMoney);
    }

    function _checkPayment(bytes memory args, uint256 amount, address expectedCurrency) private view {
        address coin = args.currency();
        if (expectedCurrency != coin) revert CurrencyMismatch(expectedCurrency, coin);
        uint256 value = coin == address(0) ? amount : 0;
        if (msg.value != value) revert ValueMismatch(msg.value, value);
    }

    function _checkContributor(bytes memory args, address recipient, uint40 badge, bytes32[] calldata proof)
        private
        view
    {
        if (recipient != msg.sender) {
            if (recipient == address(0)) revert RecipientMissing();
            if (badge != 0) revert BadgeNotChosen(badge, recipient);
            if (msg.sender == args.founder()) revert GiftByFounder(recipient);
        }
        bytes32 root = args.allowRoot();
        if (root != 0) {
            bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(recipient))));
            if (!MerkleProofLib.verifyCalldata(proof, root, leaf)) revert NotAllowed(recipient);
        }
        if (args.asset() == uint256(Asset.Restricted)) {
            uint8 restriction = ICommunityToken(args.token()).detectTransferRestriction(address(0), recipient, 0);
            if (restriction != 0) revert AccountRestricted(recipient, restriction);
        }
    }

    /// @dev What a contribution takes: at most what the cap leaves, within the limits of the account.
    function _taken(bytes memory args, uint256 amount, uint256 raised, uint256 before)
        private
        view
        returns (uint256 taken)
    {
        if (block.timestamp < args.startsAt() || block.timestamp >= args.endsAt()) {
            revert CrowdsaleNotOpen(args.startsAt(), args.endsAt());
        }
        uint256 cap = args.cap();
        if (raised >= cap) revert CrowdsaleFull(cap);
        uint256 left = cap - raised;
        taken = amount < left ? amount : left;
        uint256 sum = before + taken;
        uint256 least = args.accountMin();
        if (taken == 0 || (sum < least && taken != left)) revert ContributionTooLow(sum, least);
        uint256 most = args.accountMax();
        if (most != 0 && sum > most) revert ContributionTooHigh(sum, most);
    }
}
