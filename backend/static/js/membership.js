// Memberships: join, renew, pass on; and the owner's income from them.

import { refreshAll } from "./live.js";
import { ask, say, slot } from "./page.js";
import { signIn, viewer } from "./session.js";
import { transact } from "./transaction.js";

const communityOf = (button) => button.dataset.community || document.body.dataset.community;
const currencyOf = (button) => button.closest("[data-currency]")?.dataset.currency || null;

export const actions = {
  async join(button) {
    const { tier, price } = button.dataset;
    const args = { tierId: tier, periods: 1, price, expectedCurrency: currencyOf(button) };
    const wanted = { name: "join", contract: "Membership", call: "join", args, pays: price, currency: currencyOf(button) };
    const wallet = await transact(communityOf(button), wanted, { tier_id: Number(tier), periods: 1 }, "joined");
    if (!wallet || viewer() === wallet.address) return;
    await signIn(say("joined.sign-in"));
    await refreshAll();
  },
  async renew(button) {
    const { token, price } = button.dataset;
    const args = { tokenId: token, periods: 1, price, expectedCurrency: currencyOf(button) };
    const wanted = { name: "renew", contract: "Membership", call: "renew", args, pays: price, currency: currencyOf(button) };
    await transact(communityOf(button), wanted, { token_id: Number(token), periods: 1 }, "renewed");
  },
  async transfer(button) {
    const { token } = button.dataset;
    const to = await ask("dialog-transfer", { act: (dialog) => slot(dialog, "to").value.trim().toLowerCase() });
    if (!to) return;
    const wanted = { name: "transfer", contract: "Membership", call: "transferFrom", args: { tokenId: token, to } };
    await transact(communityOf(button), wanted, { token_id: Number(token), to }, "transferred");
  },
};
