// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICrowdsale} from "./ICrowdsale.sol";
import {LedgerLib} from "./LedgerLib.sol";
import {StepLib} from "./StepLib.sol";
import {TermsLib} from "./TermsLib.sol";
import {VestingLib} from "./VestingLib.sol";

/// @notice What a sale has written down, and what follows from it: the storage and the views of a crowdsale.
/// @dev Every division rounds down what is paid out, so that all of it can be paid in any order.
abstract contract CrowdsaleBooks is ICrowdsale {
    using LedgerLib for uint256;
    using StepLib for bytes;
    using TermsLib for bytes;

    /// @dev One slot: what happens after finalization.
    struct Progress {
        uint96 released;
        uint96 votes;
        uint40 stoppedAt;
    }

    /// @dev One slot each.
    struct Account {
        uint256 contribution; // a word of LedgerLib
        Claims claims;
        uint256 funds;
    }

    uint256 internal _raised; // a word of LedgerLib
    Progress internal _progress;
    mapping(address account => Account) internal _accounts;

    /// @inheritdoc ICrowdsale
    function terms() external view returns (Terms memory terms_, Parties memory parties) {
        bytes memory args = TermsLib.load();
        return (args.unpack(), args.parties());
    }

    /// @inheritdoc ICrowdsale
    function status() external view returns (Status) {
        bytes memory args = TermsLib.load();
        uint256 raised = _raised;
        if (_progress.stoppedAt != 0) return Status.Stopped;
        if (raised.finalizedAtOf() != 0) return Status.Finalized;
        // Only contributions count, and none goes beyond the cap: nobody can make it miss.
        // slither-disable-next-line incorrect-equality
        if (raised.amountOf() == args.cap()) return Status.Reached;
        if (block.timestamp < args.startsAt()) return Status.Planned;
        if (block.timestamp < args.endsAt()) return Status.Open;
        return raised.amountOf() < args.goal() ? Status.Missed : Status.Reached;
    }

    /// @inheritdoc ICrowdsale
    function totals() external view returns (Totals memory) {
        uint256 raised = _raised;
        Progress memory progress = _progress;
        return Totals({
            raised: uint96(raised.amountOf()),
            tierMoney: uint96(raised.tierMoneyOf()),
            finalizedAt: uint40(raised.finalizedAtOf()),
            released: progress.released,
            votes: progress.votes,
            stoppedAt: progress.stoppedAt,
            electorate: uint96(_electorate(TermsLib.load(), raised))
        });
    }

    /// @inheritdoc ICrowdsale
    function contributionOf(address account) external view returns (Contribution memory) {
        return _accounts[account].contribution.unpack();
    }

    /// @inheritdoc ICrowdsale
    function claimsOf(address account) external view returns (Claims memory) {
        return _accounts[account].claims;
    }

    /// @inheritdoc ICrowdsale
    function quote(uint256 amount) external view returns (uint256 taken, uint256 bought, uint256 price) {
        bytes memory args = TermsLib.load();
        uint256 raised = _raised.amountOf();
        uint256 left = args.cap() - raised;
        taken = amount < left ? amount : left;
        (bought, price) = args.buy(raised, taken);
    }

    /// @inheritdoc ICrowdsale
    function allocationOf(address account) external view returns (uint256) {
        return _allocationOf(TermsLib.load(), account);
    }

    /// @inheritdoc ICrowdsale
    function claimableOf(address account) external view returns (uint256 tokens, uint256 periods, uint256 price) {
        bytes memory args = TermsLib.load();
        Claims memory claims = _accounts[account].claims;
        tokens = _claimableOf(args, account, claims.tokens);
        (periods, price) = _periodsOf(args, _accounts[account].contribution, claims);
    }

    /// @inheritdoc ICrowdsale
    function releasable() external view returns (uint256) {
        return _vested(TermsLib.load(), _raised.scheduledOf()) - _progress.released;
    }

    /// @inheritdoc ICrowdsale
    function refundOf(address account) external view returns (uint256) {
        bytes memory args = TermsLib.load();
        uint256 raised = _raised;
        Account storage entry = _accounts[account];
        if (raised.finalizedAtOf() == 0) return _missedRefundOf(args, raised, entry);
        return _stopRefundOf(args, raised, entry);
    }

    /// @inheritdoc ICrowdsale
    function voteOf(address account) external view returns (uint256 weight, bool voted) {
        bytes memory args = TermsLib.load();
        uint256 contribution = _accounts[account].contribution;
        return (account == args.founder() ? 0 : _scheduledOf(args, contribution), contribution.hasVoted());
    }

    /// @inheritdoc ICrowdsale
    function fundsOf(address account) external view returns (uint256) {
        return _accounts[account].funds;
    }

    /// @dev What of `total` the schedule has let go, until now or the stop.
    function _vested(bytes memory args, uint256 total) internal view returns (uint256) {
        uint256 stoppedAt = _progress.stoppedAt;
        return VestingLib.vested({
            total: total,
            start: _raised.finalizedAtOf(),
            cliff: args.cliffSeconds(),
            duration: args.vestingSeconds(),
            time: stoppedAt == 0 ? block.timestamp : stoppedAt
        });
    }

    /// @dev Money of one contribution under the schedule.
    function _scheduledOf(bytes memory args, uint256 contribution) internal pure returns (uint256) {
        return contribution.amountOf() - _tierMoneyOf(args, contribution);
    }

    /// @dev Money of one contribution for memberships.
    function _tierMoneyOf(bytes memory args, uint256 contribution) internal pure returns (uint256) {
        if (args.isMembership()) return contribution.amountOf();
        return contribution.hasTier() ? args.tierMoney() : 0;
    }

    /// @dev What pays for a membership buys no tokens: it can be had back from the membership contract.
    function _allocationOf(bytes memory args, address account) internal view returns (uint256 tokens) {
        uint256 contribution = _accounts[account].contribution;
        if (contribution != 0) {
            tokens = contribution.boughtOf() * _scheduledOf(args, contribution) / contribution.amountOf();
        }
        if (account == args.founder()) tokens += args.founderAllocation();
    }

    function _claimableOf(bytes memory args, address account, uint256 claimed) internal view returns (uint256) {
        return _vested(args, _allocationOf(args, account)) - claimed;
    }

    /// @dev Periods that were paid for and not claimed, and the money for them.
    function _periodsOf(bytes memory args, uint256 contribution, Claims memory claims)
        internal
        pure
        returns (uint256 periods, uint256 money)
    {
        if (args.isMembership()) periods = contribution.boughtOf();
        else if (contribution.hasTier()) periods = args.tierPeriods();
        return (periods - claims.periods, _tierMoneyOf(args, contribution) - claims.paid);
    }

    /// @dev All of a contribution when the goal was missed. Takes the first words of the arguments.
    function _missedRefundOf(bytes memory head, uint256 raised, Account storage account)
        internal
        view
        returns (uint256)
    {
        if (block.timestamp < head.endsAt() || raised.amountOf() >= head.goal()) return 0;
        return account.contribution.amountOf();
    }

    /// @dev After a stop: a contribution's part of what was not released.
    function _stopRefundOf(bytes memory args, uint256 raised, Account storage account) internal view returns (uint256) {
        uint256 own = _scheduledOf(args, account.contribution);
        if (_progress.stoppedAt == 0 || own == 0 || account.claims.refunded) return 0;
        uint256 scheduled = raised.scheduledOf();
        return own * (scheduled - _vested(args, scheduled)) / scheduled;
    }

    /// @dev All weights of the vote, without the founder's.
    function _electorate(bytes memory args, uint256 raised) internal view returns (uint256) {
        return raised.scheduledOf() - _scheduledOf(args, _accounts[args.founder()].contribution);
    }
}
