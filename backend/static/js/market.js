// The market: sign a listing or an offer, buy, accept, cancel, and the money behind offers.

import { ZERO, baseUnits } from "./amounts.js";
import { get, post } from "./api.js";
import { communityOf, salt, sign, typedData } from "./badges.js";
import { addressOf } from "./calldata.js";
import { CONTRACTS } from "./contracts.js";
import { refreshAll } from "./live.js";
import { FieldWrong, SteppedBack, Told, confirmed, say, tell } from "./page.js";
import { actingWallet, chainId, homeTime } from "./session.js";
import { transact } from "./transaction.js";
import { onChain } from "./wallet.js";

const DAY = 86_400;
const WHOLE = 10_000n;

/** Name and type of every field of a message, as the Market's function takes it. */
const fieldsOf = (call) => Object.values(CONTRACTS.Market).find(([name]) => name === call)[1][0][1];

/** Base units of a price, which is above 0. Throws FieldWrong. */
function priceIn(field, decimals) {
  const price = baseUnits(field, decimals);
  if (!price) throw new FieldWrong(field, say("market.price"));
  return price;
}

/** The wallet that signs, on the community's network, and what it has to name; refused when the server names other contracts than the chain. */
async function terms(node, token, kind = "badge") {
  const community = communityOf(node);
  const wallet = await actingWallet();
  await onChain(wallet, chainId());
  const found = await get(`/api/communities/${community}/market/terms?account=${wallet.address}&token_id=${token}&kind=${kind}`);
  const [badges, membership] = [await addressOf(wallet, "Badges", community, {}), await addressOf(wallet, "Membership", community, {})];
  if (found.badges !== badges || found.membership !== membership) throw new Told(say("transaction.mismatch"));
  return { community, wallet, kind, ...found };
}

/** The market may move the token; asks the wallet to allow it where it may not. */
async function approve({ community, market, approved, kind }, token, done) {
  if (approved) return;
  const wanted = {
    ...(kind === "membership"
      ? { name: "membership-approve", contract: "Membership", args: { account: market, id: token } }
      : { name: "badge-approve", contract: "Badges", args: { account: market, tokenId: token } }),
    call: "approve",
  };
  if (!(await transact(community, wanted, { token_id: token }, done))) throw new SteppedBack();
}

/** A whole message: what is not named is nothing. */
function whole(fields, named) {
  const nothing = { address: ZERO, bool: false };
  return Object.fromEntries(fields.map(([name, type]) => [name, named[name] ?? nothing[type] ?? "0"]));
}

/** Signs the message and gives it to the home, which shows it from then on. */
async function keep(kind, call, { community, wallet, market }, message, body) {
  const fields = fieldsOf(call);
  const signature = await sign(wallet, typedData("Koinon Market", market, kind, fields, whole(fields, message)));
  await post(`/api/communities/${community}/market/${kind.toLowerCase()}s`, { ...body, signature });
  await refreshAll();
}

/** What was typed is done with, here and among the drafts of this device (words.js). */
function forget(form) {
  localStorage.removeItem(`koinon.draft.${form.dataset.keep}`);
  form.reset();
}

/** What a seller signs of a membership, besides what it signs of a badge. */
function promised(form) {
  const { kind, tier, until } = form.dataset;
  if (kind !== "membership") return undefined;
  return { tier_id: Number(tier), min_expires_at: Number(until), with_badge: Boolean(form.elements.with_badge?.checked) };
}

const ends = (form) => homeTime() + Number(form.elements.days.value) * DAY;

/** Whether a listing of a membership says of it what the button does. */
const asShown = (message, { token, tier, until }) => message.tokenId === token && message.tierId === tier && message.minExpiresAt === until;

/** A signed message of the page, whose goods are this community's: the chain says so. */
async function signed(button) {
  const message = JSON.parse(button.dataset.message);
  const wallet = await actingWallet();
  await onChain(wallet, chainId());
  const collection = button.dataset.kind === "membership" ? "Membership" : "Badges";
  if (message.collection !== (await addressOf(wallet, collection, communityOf(button), {}))) throw new Told(say("transaction.mismatch"));
  return { message, signature: button.dataset.signature };
}

const market = (node, name, call, more, body, done) =>
  transact(communityOf(node), { name, contract: "Market", call, to: node.dataset.market, ...more }, body, done);

export const actions = {
  async buy(button) {
    const { digest, price, money, paysIn } = button.dataset;
    const { message, signature } = await signed(button);
    const membership = button.dataset.kind === "membership";
    if (message.price !== price || message.currency !== (paysIn || ZERO)) throw new Told(say("transaction.mismatch"));
    if (membership && !asShown(message, button.dataset)) throw new Told(say("transaction.mismatch"));
    const more = { args: { listing: message, signature, minMoney: money }, pays: price, currency: paysIn || null };
    await market(button, "listing-buy", "buy", more, { digest, min_money: money }, membership ? "market.bought-membership" : "market.bought");
  },
  async accept(button) {
    const { digest, token, proceeds } = button.dataset;
    const { message, signature } = await signed(button);
    await approve(await terms(button, token), token, "market.approved-sale");
    const more = { args: { offer: message, signature, tokenId: token, minProceeds: proceeds } };
    await market(button, "offer-accept", "accept", more, { digest, token_id: token, min_proceeds: proceeds }, "market.sold");
  },
  async cancel(button) {
    const { digest } = button.dataset;
    await market(button, "market-cancel", "cancel", { args: { digests: [digest] } }, { digests: [digest] }, "market.cancelled");
  },
  async cancelAll(button) {
    if (!(await confirmed("cancel-all"))) return;
    await market(button, "market-cancel-all", "raiseCounter", {}, {}, "market.cancelled");
  },
  async withdraw(button) {
    const { amount } = button.dataset;
    await market(button, "market-withdraw-funds", "withdrawFunds", { args: { amount } }, { amount }, "market.withdrawn");
  },
  async payOut(button) {
    const { collection, membership, kind } = button.dataset;
    await market(button, "market-pay-out", "payOut", { args: { collection, membership, feeRecipients: [ZERO] } }, { collection: kind }, "market.paid-out");
  },
  async announceListing(button) {
    const { message, signature } = await signed(button);
    const { digest } = button.dataset;
    await market(button, "listing-announce", "announceListing", { args: { listing: message, signature } }, { digest }, "market.announced");
  },
  async announceOffer(button) {
    const { message, signature } = await signed(button);
    const { digest } = button.dataset;
    await market(button, "offer-announce", "announceOffer", { args: { offer: message, signature } }, { digest }, "market.announced");
  },
};

export const forms = {
  async list(form) {
    const { token, owner, currency, decimals, accrued, kind } = form.dataset;
    const price = priceIn(form.elements.price, decimals);
    const promise = promised(form);
    const deadline = promise ? Math.min(ends(form), promise.min_expires_at - 1) : ends(form);
    const buyer = form.elements.buyer.value.trim().toLowerCase();
    const here = await terms(form, token, kind);
    form.elements.price.focus(); // a form in use outlives the refreshes that its own steps cause
    if (here.wallet.address !== owner) throw new Told(say("market.not-owner", { wallet: owner }));
    await approve(here, token, "market.approved");
    const least = price - (price * BigInt(here.royalty_bps)) / WHOLE;
    const income = form.elements.with_accrued?.checked || promise?.with_badge ? accrued : "0";
    const body = {
      seller: owner,
      token_id: token,
      currency: currency || ZERO,
      price: String(price),
      min_proceeds: String(least),
      buyer: buyer || null,
      deadline,
      transfer_count: here.transfer_count,
      min_accrued: income,
      counter: here.counter,
      salt: salt(),
      ...(promise && { membership: promise }),
    };
    const message = {
      seller: owner,
      collection: promise ? here.membership : here.badges,
      membership: here.membership,
      tokenId: token,
      currency: body.currency,
      price: body.price,
      minProceeds: body.min_proceeds,
      buyer: buyer || ZERO,
      deadline: String(deadline),
      transferCount: String(here.transfer_count),
      minAccrued: income,
      counter: here.counter,
      salt: body.salt,
      ...(promise && { tierId: String(promise.tier_id), minExpiresAt: String(promise.min_expires_at), withBadge: promise.with_badge }),
    };
    await keep("Listing", "buy", here, message, body);
    forget(form);
    tell(say("market.listed"));
  },
  async offer(form) {
    const { token, currency, decimals } = form.dataset;
    const price = priceIn(form.elements.price, decimals);
    const deadline = ends(form);
    const level = Number(form.elements.level?.value ?? 0);
    const here = await terms(form, token);
    form.elements.price.focus();
    await fund(here, currency, price);
    const body = {
      buyer: here.wallet.address,
      token_id: token,
      level,
      currency: currency || ZERO,
      price: String(price),
      deadline,
      counter: here.counter,
      salt: salt(),
    };
    const message = {
      buyer: body.buyer,
      collection: here.badges,
      membership: here.membership,
      tokenId: token,
      level: String(level),
      currency: body.currency,
      price: body.price,
      deadline: String(deadline),
      counter: here.counter,
      salt: body.salt,
    };
    await keep("Offer", "accept", here, message, body);
    forget(form);
    tell(say("market.offered"));
  },
};

/** The money for an offer is where the market can take it. */
async function fund(here, currency, price) {
  if (currency) {
    if (BigInt(here.allowance) >= price) return;
    const wanted = { name: "market-allow", contract: "ERC20", call: "approve", to: currency, args: { spender: here.market, amount: price } };
    if (!(await transact(here.community, wanted, { amount: String(price) }, "market.allowed"))) throw new SteppedBack();
    return;
  }
  const lack = price - BigInt(here.funds);
  if (lack <= 0n) return;
  const wanted = { name: "market-add-funds", contract: "Market", call: "addFunds", to: here.market, args: {}, pays: String(lack) };
  if (!(await transact(here.community, wanted, { amount: String(lack) }, "market.funded"))) throw new SteppedBack();
}
