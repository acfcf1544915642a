// The store: buy, renew, pass on, tip; and what creators and the owner of the community change.

import { baseUnits, typedAddress } from "./amounts.js";
import { post } from "./api.js";
import { refreshAll } from "./live.js";
import { Told, say, show, slot } from "./page.js";
import { hex, signIn, viewer, writer } from "./session.js";
import { transact } from "./transaction.js";

const LABEL_BYTES = 32;
const anything = () => true; // a membership that is not the recipient's makes the contract refuse

const communityOf = (node) => node.dataset.community || document.body.dataset.community;
const currencyOf = (node) => node.closest("[data-currency]")?.dataset.currency || null;
const bytes = (text) => new TextEncoder().encode(text);
const reset = (form) => {
  form.reset();
  if (form.dataset.keep) localStorage.removeItem(`koinon.draft.${form.dataset.keep}`);
};

/** A call of the community's store that moves no money. */
function onStore(node, name, call, args, body, done = "store.saved") {
  return transact(communityOf(node), { name, contract: "Store", call, args }, body, done);
}

/** A license of the product that the node names. */
async function buy(node, { quantity = 1, recipient }) {
  const { product, price, version, expired } = node.dataset;
  const currency = currencyOf(node);
  const purchase = { productId: product, quantity, price, currency, version, recipient, membershipId: anything };
  const args = expired ? { purchase, expired } : { purchase };
  const pays = (BigInt(price) * BigInt(quantity)).toString();
  const wanted = { name: "buy", contract: "Store", call: expired ? "buyWith" : "buy", args, pays, currency };
  const body = { product_id: product, price, version: Number(version), quantity, recipient, expired };
  const wallet = await transact(communityOf(node), wanted, body, recipient ? "store.gifted" : "store.bought");
  if (!wallet || viewer() === wallet.address) return;
  await signIn(say("store.sign-in"));
  await refreshAll();
}

/** The name as the contract keeps it. */
function labelWord(label) {
  const word = new Uint8Array(LABEL_BYTES);
  const text = bytes(label);
  if (!text.length || text.length > LABEL_BYTES) throw new Told(say("store.label"));
  word.set(text);
  return hex(word);
}

/** The home keeps the words; their hash, made here, goes on chain. */
async function describe(form, label) {
  await writer();
  show(slot(form, "state"), say("store.describing"));
  const text = JSON.stringify({ name: label, description: form.elements.description.value.trim() });
  const digest = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes(text))));
  const kept = await post(`/api/communities/${communityOf(form)}/store/descriptions`, { text });
  show(slot(form, "state"), "");
  if (kept.digest !== digest) throw new Told(say("store.digest"));
  return digest;
}

export const actions = {
  renew: (button) => buy(button, {}),
  claim: (button) => onStore(button, "claim-store-income", "claim", {}, {}, "store.claimed"),
  list(button) {
    const { product, listed } = button.dataset;
    const on = Boolean(listed);
    return onStore(button, "set-product-listed", "setListed", { productId: product, listed: on ? 1 : 0 }, { product_id: product, listed: on });
  },
};

export const forms = {
  buy: (form) => buy(form, { quantity: Number(form.elements.quantity?.value || 1), recipient: typedAddress(form.elements.recipient) }),
  async tip(form) {
    const { product = "0", payee: known, decimals } = form.dataset;
    const payee = known || typedAddress(form.elements.payee);
    const amount = baseUnits(form.elements.amount, Number(decimals)).toString();
    const currency = currencyOf(form);
    const args = { tip: { payee, productId: product, amount, currency, membershipId: anything } };
    const wanted = { name: "tip", contract: "Store", call: "tip", args, pays: amount, currency };
    if (await transact(communityOf(form), wanted, { payee, amount, product_id: product }, "store.tipped")) reset(form);
  },
  async give(form) {
    const { product } = form.dataset;
    const to = typedAddress(form.elements.to);
    await onStore(form, "give-license", "safeTransferFrom", { to, id: product, amount: 1 }, { product_id: product, to }, "store.given");
  },
  async new(form) {
    const { membership, bps, decimals } = form.dataset;
    const field = (name) => form.elements[name].value.trim();
    const kinds = ["other", "course", "file", "ticket", "plugin"];
    const label = field("label");
    const word = labelWord(label);
    const price = baseUnits(form.elements.price, Number(decimals)).toString();
    const payout = typedAddress(form.elements.payout);
    const periodSeconds = Number(field("period"));
    const royaltyBps = periodSeconds ? 0 : Math.round(Number(field("royalty")) * 100);
    const cap = Number(field("cap"));
    const digest = await describe(form, label);
    const params = { kind: kinds.indexOf(field("kind")), label: word, digest, price, periodSeconds, cap, royaltyBps, payout, communityBps: bps };
    const body = {
      kind: field("kind"),
      label,
      digest,
      price,
      period_seconds: periodSeconds,
      cap,
      royalty_bps: royaltyBps,
      payout,
      community_bps: Number(bps),
      membership_id: Number(membership),
    };
    if (!(await onStore(form, "list-product", "list", { params, membershipId: membership }, body, "store.listed"))) return;
    reset(form);
    location.assign(`/c/${communityOf(form)}/store`);
  },
  async price(form) {
    const { product, decimals } = form.dataset;
    const price = baseUnits(form.elements.price, Number(decimals)).toString();
    await onStore(form, "set-product-price", "setPrice", { productId: product, price }, { product_id: product, price });
  },
  async version(form) {
    const { product } = form.dataset;
    const label = form.elements.label.value.trim();
    const word = labelWord(label);
    const digest = await describe(form, label);
    const args = { productId: product, label: word, digest };
    await onStore(form, "publish-product-version", "publishVersion", args, { product_id: product, label, digest });
  },
  async payout(form) {
    const { product } = form.dataset;
    const to = typedAddress(form.elements.to);
    await onStore(form, "set-product-payout", "setPayout", { productId: product, payout: to }, { product_id: product, to });
  },
  async "hand-over"(form) {
    const { product } = form.dataset;
    const to = typedAddress(form.elements.to);
    await onStore(form, "set-product-creator", "setCreator", { productId: product, creator: to }, { product_id: product, to });
  },
  async retire(form) {
    const { product } = form.dataset;
    const at = Date.parse(`${form.elements.at.value}T23:59:59Z`) / 1000;
    await onStore(form, "retire-product", "retire", { productId: product, retiresAt: at }, { product_id: product, at });
  },
  async policy(form) {
    const communityBps = Math.round(Number(form.elements.percent.value) * 100);
    const members = form.elements.members.checked;
    const args = { communityBps, membersMayList: members ? 1 : 0 };
    await onStore(form, "set-store-policy", "setPolicy", args, { community_bps: communityBps, members_may_list: members });
  },
};
