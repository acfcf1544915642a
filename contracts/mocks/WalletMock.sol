// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A contract wallet (EIP-1271) with one owner, and the ways in which one may answer badly.
contract WalletMock {
    enum Answer {
        Honest,
        Refuses,
        Reverts,
        LooksElsewhere,
        BurnsGas,
        TrustsEstimates
    }

    /// @dev EIP-3668: asks the caller to fetch an address of the contract's choice.
    error OffchainLookup(address sender, string[] urls, bytes callData, bytes4 callbackFunction, bytes extraData);
    error WalletMockRefused();

    bytes4 private constant _MAGIC = 0x1626ba7e;

    address private immutable _OWNER;
    Answer private _answer;

    constructor(address owner) {
        _OWNER = owner;
    }

    function setAnswer(Answer answer) external {
        _answer = answer;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        if (_answer == Answer.Honest) return _signed(digest, signature) ? _MAGIC : bytes4(0xffffffff);
        if (_answer == Answer.Refuses) return 0xffffffff;
        if (_answer == Answer.Reverts) revert WalletMockRefused();
        if (_answer == Answer.BurnsGas) while (true) {}
        if (_answer == Answer.LooksElsewhere) {
            string[] memory urls = new string[](1);
            urls[0] = "http://127.0.0.1:9/{sender}/{data}";
            revert OffchainLookup(address(this), urls, "", _MAGIC, "");
        }
        return tx.origin == address(0) || tx.origin == address(0xdEaD) ? _MAGIC : bytes4(0);
    }

    function _signed(bytes32 digest, bytes calldata signature) private view returns (bool) {
        if (signature.length != 65) return false;
        address signer = ecrecover(
            digest, uint8(signature[64]), bytes32(signature[0:32]), bytes32(signature[32:64])
        );
        return signer != address(0) && signer == _OWNER;
    }
}

/// @notice Deploys wallets to addresses that are known before (EIP-1014).
contract WalletMockFactory {
    function deploy(address owner, bytes32 salt) external returns (address wallet) {
        wallet = address(new WalletMock{salt: salt}(owner));
    }

    function addressOf(address owner, bytes32 salt) external view returns (address wallet) {
        bytes32 code = keccak256(abi.encodePacked(type(WalletMock).creationCode, abi.encode(owner)));
        wallet = address(uint160(uint256(keccak256(abi.encodePacked(hex"ff", address(this), salt, code)))));
    }
}
