// Wallets that count for the viewer: one signs that it does, and either of the two ends it. Nothing is paid.

import { get, post, remove } from "./api.js";
import { refreshEverywhere } from "./live.js";
import { ask, confirmed, say, tell } from "./page.js";
import { messageOf, signIn, signed, viewer } from "./session.js";
import { another } from "./wallet.js";

/** The other wallet signs that what it holds counts for the viewer. */
async function linked() {
  const { wallets } = await get("/api/wallets");
  const wallet = await another([viewer(), ...wallets.map(({ address }) => address.toLowerCase())]);
  const { message_fields: fields, resource } = await post("/api/wallets/nonce", { address: wallet.address });
  const text = messageOf(fields, wallet, resource, `urn:koinon:wallet:${viewer()}`);
  return post("/api/wallets", await signed(wallet, text));
}

export const actions = {
  async link() {
    if (!viewer()) await signIn();
    if (!(await ask("dialog-link-wallet", { act: linked }))) return;
    await refreshEverywhere();
    tell(say("wallet.linked"));
  },
  async unlink({ dataset }) {
    if (!(await confirmed("unlink"))) return;
    await remove(`/api/wallets/${dataset.wallet}`);
    await refreshEverywhere();
    tell(say("wallet.unlinked"));
  },
};
