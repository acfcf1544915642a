// Crowdsales and the tokens that they sold: contribute, take back, claim, vote, release; and the owner's form.

import { write } from "./act.js";
import { baseUnits, typedAddress, typedAddresses } from "./amounts.js";
import { get } from "./api.js";
import { refreshAll } from "./live.js";
import { Told, say, show, slot, tell } from "./page.js";
import { openPlan, sayWords, watchPlan } from "./sale-form.js";
import { actingWallet, signIn, viewer, writer } from "./session.js";
import { transact } from "./transaction.js";
import { lastAddress } from "./wallet.js";

const TOKEN_DECIMALS = 18;
const PAUSE = 250; // milliseconds after the last key before the server is asked

const community = () => document.body.dataset.community;
const currency = () => document.body.dataset.currency || null;
const saleUrl = (sale) => `/api/communities/${community()}/sales/${sale}`;

/** An act of anybody on the sale that the button names. `more`: arguments of the call and of the API. */
function onSale({ dataset: { sale } }, name, call, done, { args = {}, body = {} } = {}) {
  return transact(community(), { name, contract: "Crowdsale", call, args, to: sale }, { sale, ...body }, done);
}

function onToken({ dataset: { token } }, name, call, done, { args = {}, body = {}, pays } = {}) {
  const wanted = { name, contract: "CommunityToken", call, args, pays, currency: currency(), to: token };
  return transact(community(), wanted, { token, ...body }, done);
}

/** What was typed, as the quote takes it: an amount, or how many periods. */
function wanted({ elements, dataset }) {
  if (elements.periods) {
    const periods = Number(elements.periods.value);
    if (!Number.isInteger(periods) || periods < 1) throw new Told(say("sale.periods-wrong"));
    return { amount: periods, unit: "periods" };
  }
  const amount = baseUnits(elements.amount, Number(dataset.decimals));
  if (amount === 0n) throw new Told(say("amount.wrong", { decimals: dataset.decimals }));
  return { amount };
}

/** What it would take and give now, to whoever it is for: what pays for a membership depends on what they have given. */
async function quoteOf(form) {
  const payer = viewer() || lastAddress();
  const recipient = typedAddress(form.elements.recipient);
  const account = recipient || payer;
  const gift = Boolean(recipient) && recipient !== payer;
  return get(`${saleUrl(form.dataset.sale)}/quote?${new URLSearchParams({ ...wanted(form), ...(account && { account }), gift })}`);
}

function quoteText(form, quote) {
  const values = { taken: quote.taken_written, bought: quote.gets_written, money: quote.membership_written, all: quote.all_written };
  if (quote.taken === "0") return say("sale.full");
  const sold = form.elements.periods ? "-periods" : "";
  const text = say(`sale.${quote.clipped ? "clipped" : "quote"}${sold}`, values);
  return quote.membership === "0" ? text : `${text} ${say("sale.quote-membership", values)}`;
}

const typedIn = (form) => [form.elements.periods ?? form.elements.amount, form.elements.recipient].map((field) => field.value).join(" ");

async function showQuote(form) {
  const typed = typedIn(form);
  try {
    const text = typed.trim() ? quoteText(form, await quoteOf(form)) : "";
    if (typedIn(form) === typed) show(slot(form, "quote"), text);
  } catch {
    show(slot(form, "quote"), "");
  }
}

export const actions = {
  refund: (button) => onSale(button, "refund-contribution", "claimRefund", "sale.refunded"),
  "claim-tokens": (button) => onSale(button, "claim-tokens", "claimTokens", "sale.claimed"),
  finalize: (button) => onSale(button, "finalize-sale", "finalize", "sale.finalized"),
  release: (button) => onSale(button, "release-sale", "release", "sale.released"),
  vote: (button) => onSale(button, "vote-stop", "voteStop", "stops" in button.dataset ? "sale.stopped" : "sale.voted"),
  withdraw: (button) => onSale(button, "withdraw-sale-funds", "withdrawFunds", "sale.withdrawn"),
  unlink: (button) => link(button.dataset.sale, button.dataset.post, false),
  "add-step"(button) {
    button.form.querySelector(".step[hidden]").hidden = false;
    button.hidden = !button.form.querySelector(".step[hidden]");
  },
  "drop-step"(button) {
    const step = button.closest(".step");
    for (const field of step.querySelectorAll("input")) field.value = "";
    step.hidden = true;
    [...step.parentElement.querySelectorAll(".step")].at(-1).after(step); // those that show stand first
    button.form.querySelector('[data-action="crowdsale:add-step"]').hidden = false;
    button.form.dispatchEvent(new Event("input", { bubbles: true }));
  },
  "claim-income": (button) => onToken(button, "claim-token-income", "claimIncome", "token.income"),
  freeze(button) {
    const { holder, frozen } = button.dataset;
    const on = Boolean(frozen);
    const more = { args: { account: holder, frozen: on ? 1 : 0 }, body: { holder, frozen: on } };
    return onToken(button, "freeze-holder", "setFrozen", "token.saved", more);
  },
};

async function link(sale, subject, shown) {
  await writer();
  await write(community(), "sale.update", { subject, data: { sale, shown } });
  await refreshAll(["sale"]);
  if (shown) tell(say("sale.linked"));
}

export const forms = {
  async words(form) {
    const { title, purpose } = form.elements;
    await sayWords(form.dataset.sale, title.value, purpose.value);
    location.reload();
  },
  async contribute(form) {
    const { sale } = form.dataset;
    const recipient = typedAddress(form.elements.recipient);
    const quote = await quoteOf(form);
    show(slot(form, "quote"), quote.taken === "0" ? "" : quoteText(form, quote));
    if (quote.taken === "0") throw new Told(say("sale.full"));
    const { taken: amount, price } = quote;
    const listed = "listed" in form.dataset;
    const args = { amount, price, expectedCurrency: currency(), recipient, ...(listed && { proof: () => true }) };
    const call = listed ? "contributeWith" : "contribute";
    document.activeElement?.blur(); // else the form would outlive what it says of the sale
    const wanted = { name: "contribute", contract: "Crowdsale", call, args, pays: amount, currency: currency(), to: sale };
    const wallet = await transact(community(), wanted, { sale, amount, price, recipient }, "sale.contributed");
    if (!wallet) return;
    localStorage.removeItem(`koinon.draft.${form.dataset.keep}`);
    await refreshAll(["contribution"]);
    if (viewer() === wallet.address) return;
    await signIn(say("sale.sign-in"));
    await refreshAll();
  },
  async "claim-membership"(form) {
    const { token, held, tier } = form.dataset;
    const periods = Number(form.elements.periods.value);
    const wallet = typedAddress(form.elements.wallet);
    if (!wallet && held !== "0" && held !== tier) throw new Told(say("sale.other-tier"));
    const tokenId = wallet ? 0 : Number(token);
    const more = { args: { wallet, periods, tokenId }, body: { wallet, periods, token_id: tokenId } };
    await onSale(form, "claim-sale-membership", "claimMembership", "sale.joined", more);
  },
  link: (form) => link(form.dataset.sale, form.elements.post.value, true),
  open: openPlan,
  async distribute(form) {
    const amount = baseUnits(form.elements.amount, Number(form.dataset.decimals)).toString();
    const more = { args: { amount, expectedCurrency: currency() }, body: { amount }, pays: amount };
    if (await onToken(form, "distribute-income", "distribute", "token.shared", more)) form.reset();
  },
  async attest(form) {
    const accounts = typedAddresses(form.elements.accounts);
    const day = form.elements.until.value;
    const until = day ? Date.parse(`${day}T23:59:59Z`) / 1000 : 0;
    const done = until ? "token.attested" : "token.unattested";
    if (await onToken(form, "attest", "attest", done, { args: { accounts, until }, body: { accounts, until } })) form.reset();
  },
  "set-attestor": (form) => {
    const to = typedAddress(form.elements.to) ?? "0x" + "0".repeat(40);
    return onToken(form, "set-attestor", "setAttestor", "token.saved", { args: { attestor: to }, body: { to } });
  },
  async delegate(form) {
    const named = typedAddress(form.elements.to);
    const to = named ?? (await actingWallet()).address;
    await onToken(form, "delegate-votes", "delegate", "token.delegated", { args: { delegatee: to }, body: { to } });
  },
  async send(form) {
    const to = typedAddress(form.elements.to);
    const amount = baseUnits(form.elements.amount, TOKEN_DECIMALS).toString();
    await onToken(form, "send-tokens", "transfer", "token.sent", { args: { to, amount }, body: { to, amount } });
  },
};

let timer;
document.addEventListener("input", ({ target }) => {
  const form = target.closest('[data-form="crowdsale:contribute"]');
  if (!form) return;
  clearTimeout(timer);
  timer = setTimeout(() => showQuote(form), PAUSE);
});

for (const form of document.querySelectorAll('[data-form="crowdsale:open"]')) watchPlan(form);

