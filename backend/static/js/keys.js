// Session keys on the chain: a wallet revokes them for a community, or lets them count again.

import { transact } from "./transaction.js";

function set(button, until, done) {
  const { community, hash } = button.dataset;
  const wanted = { name: "set-key", contract: "Community", call: "setKey", args: { keyHash: hash, until } };
  return transact(community, wanted, { key_hash: hash, until: Number(until) }, done);
}

export const actions = {
  revoke: (button) => set(button, "0", "key-revoked"),
  allow: (button) => set(button, button.dataset.until, "key-allowed"),
};
