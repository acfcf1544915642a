// What backend/static/vendor/walletconnect.js exports: scripts/vendor.sh bundles it.
export { Core } from "@walletconnect/core";
export { SignClient } from "@walletconnect/sign-client";
export { encode as qr } from "uqr";
