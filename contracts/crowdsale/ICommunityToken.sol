// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ICommunityToken
/// @notice ERC-20 of a community with votes (ERC-5805, clock in seconds) and permit (ERC-2612). Its supply never
/// exceeds `maximum`; only the crowdsale that sold it mints, at claims.
/// @dev A *restricted* token (ERC-1404) moves between attested accounts only and carries a right to income. It must be
/// nobody's currency: contracts that hold it for others would need attestation, and would take their income.
/// Amounts are base units, of the token or (income) of the community's currency; times unix seconds.
interface ICommunityToken {
    /// @notice Why a transfer cannot be. The numbers are the codes of ERC-1404 and never change.
    enum Restriction {
        None,
        SenderNotAttested,
        RecipientNotAttested,
        SenderFrozen,
        RecipientFrozen,
        LockedUp
    }

    /// @notice What is noted about a holder of a restricted token. One slot.
    struct Holder {
        uint40 attestedUntil; // exclusive; 0 = never attested
        bool frozen;
    }

    /// @notice What a holder of a restricted token earns.
    struct Income {
        uint256 index; // up to which `owed` was counted, see `incomeIndex`
        uint128 owed;
        uint128 claimed; // all that was ever paid
    }

    /// @notice The sale is finalized: no transfer before `lockedUntil`.
    event LockupSet(uint40 lockedUntil);

    /// @notice `attestor` may attest and freeze, beside the community's owner; 0 = nobody else.
    event AttestorSet(address indexed attestor, address by);

    /// @notice The state of `account` is now `holder`.
    event HolderSet(address indexed account, Holder holder, address by);

    /// @notice `amount` is shared by the holders of this moment. @param index after. @param distributed ever
    event IncomeDistributed(address indexed from, uint256 amount, uint256 supply, uint256 index, uint256 distributed);

    /// @notice `amount` of income was paid to `to`. @param claimed all that `account` was ever paid
    event IncomeClaimed(address indexed account, address to, uint256 amount, uint256 claimed);

    /// @notice Only the sale of the token may do this.
    error NotSale(address caller);
    /// @notice Only the owner of the community may do this.
    error NotOwner(address caller);
    /// @notice Only the attestor or the community's owner may do this.
    error NotAttestor(address caller);
    /// @notice Income goes elsewhere only by its holder.
    error NotHolder(address account, address caller);
    /// @notice Only a restricted token has this.
    error NotRestricted();
    /// @notice A clone is wired once; an implementation never.
    error AlreadyInitialized();
    /// @notice More base units were to be minted than the maximum leaves.
    error MaximumExceeded(uint256 amount, uint256 left);
    /// @notice The tokens, or the income, may not move (ERC-1404).
    error TransferRestricted(Restriction restriction);
    /// @notice Nobody holds a token yet that could share.
    error NothingHeld();
    /// @notice The amount is 0.
    error NothingToDistribute();
    /// @notice All that was ever shared would exceed what the index can count. Base units of the currency.
    error IncomeTooLarge(uint256 amount, uint256 most);
    /// @notice No income of the account waits.
    error NothingToClaim(address account);
    /// @notice The caller expected another currency; 0 = native coins.
    error CurrencyMismatch(address expected, address currency);
    /// @notice `value` native coins were sent where exactly `due` are.
    error ValueMismatch(uint256 value, uint256 due);
    /// @notice Not exactly what was pulled arrived: a fee on transfer, or a lie.
    error TransferShort(uint256 received, uint256 due);
    /// @notice The payer's tokens could not be pulled: no balance, no allowance, or a refusal.
    error TransferFromFailed();
    /// @notice Tokens could not be sent.
    error TransferFailed();
    /// @notice The recipient refused native coins.
    error ETHTransferFailed();

    /// @notice Wires the clone to its sale. Called once, by the factory, in the transaction that makes the clone.
    function initialize(address sale) external;

    /// @notice Lets nobody transfer before `until`. Only the sale, when it is finalized.
    function lock(uint40 until) external;

    /// @notice Mints to a contributor or the founder. Only the sale.
    /// @dev Also while locked up; a restricted token only to who may hold it (TransferRestricted).
    function mint(address account, uint256 amount) external;

    /// @notice Lets `attestor` attest and freeze. Only the community's owner.
    function setAttestor(address attestor) external;

    /// @notice Attests accounts until a time (exclusive); 0 takes the attestation back. The attestor or the owner.
    function attest(address[] calldata accounts, uint40 until) external;

    /// @notice Freezes or thaws an account: no tokens in or out, no income. The attestor or the owner.
    function setFrozen(address account, bool frozen) external;

    /// @notice Shares `amount` of the community's currency among the holders of this moment. Anybody may pay.
    /// @dev Tokens that were not claimed have no share. Native: with value; ERC-20: pulled. Reverts NothingHeld.
    function distribute(uint128 amount, address expectedCurrency) external payable;

    /// @notice Pays the income of `account`: to it by anybody, elsewhere by itself. Not while frozen; it stays its own.
    function claimIncome(address account, address to) external returns (uint256 amount);

    /// @notice ERC-1404: code of the reason why a transfer cannot be; 0 = it can. From 0: a claim.
    function detectTransferRestriction(address from, address to, uint256 value) external view returns (uint8);

    /// @notice ERC-1404: the reason in words.
    function messageForTransferRestriction(uint8 restriction) external view returns (string memory);

    /// @notice ERC-165: a restricted token is an ERC-1404 (0xab84a5c8), so that others can refuse it as a currency.
    function supportsInterface(bytes4 interfaceId) external view returns (bool);

    /// @notice The crowdsale that mints the token.
    function sale() external view returns (address);
    /// @notice The community whose token this is.
    function community() external view returns (address);
    /// @notice The currency of its income; 0 = native coins.
    function currency() external view returns (address);
    /// @notice Base units that the supply never exceeds.
    function maximum() external view returns (uint256);
    /// @notice Whether it moves between attested accounts only, and carries a right to income.
    function restricted() external view returns (bool);
    /// @notice Who may attest and freeze beside the community's owner; 0 = nobody.
    function attestor() external view returns (address);
    /// @notice No transfer before; unix seconds. 0 before finalization and without a lock-up.
    function lockedUntil() external view returns (uint40);
    /// @notice What is noted about a holder.
    function holderOf(address account) external view returns (Holder memory);
    /// @notice Whether an account is attested now, frozen or not.
    function isAttested(address account) external view returns (bool);

    /// @notice Income of one token since the beginning, times 2**128.
    function incomeIndex() external view returns (uint256);
    /// @notice All that was ever shared among holders. Base units of the currency.
    function distributed() external view returns (uint256);

    /// @notice What `claimIncome` would pay, and what was paid.
    function incomeOf(address account) external view returns (uint256 due, uint256 claimed);
}
