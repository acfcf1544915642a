// Founding and keeping a community: open it, say what it is, divide its income, give offices.

import { govern, sendBody } from "./act.js";
import { ZERO, baseUnits, bps, typedAddress } from "./amounts.js";
import { get } from "./api.js";
import { Told, confirmed, copy, knows, say, show, slot } from "./page.js";
import { homeTime, signIn, viewer } from "./session.js";
import { transact } from "./transaction.js";

const WORD = 32; // bytes

const here = () => document.body.dataset.community;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Text as a bytes32 of a contract. */
export function word(text) {
  const bytes = new TextEncoder().encode(text);
  if (!bytes.length || bytes.length > WORD) throw new Told(say("label.long"));
  return "0x" + [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("").padEnd(2 * WORD, "0");
}

const random = () => "0x" + [...crypto.getRandomValues(new Uint8Array(WORD))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// --- Opening ---------------------------------------------------------------------------------------------------------

const symbolOf = (name) => name.toUpperCase().replace(/[^A-Z0-9]/g, "").slice(0, 8) || "MEMBER";

/** The chosen currency: of the list, or the token whose address was pasted, asked of the home. */
async function currencyOf(form) {
  const chosen = form.elements.currency.selectedOptions[0];
  if (chosen.value !== "other") return { address: chosen.value || null, symbol: chosen.dataset.symbol, decimals: Number(chosen.dataset.decimals) };
  return get(`/api/currencies/${typedAddress(form.elements.token)}`);
}

/** The new community's page, as soon as the home knows of it. */
async function goTo(hash) {
  for (;;) {
    try {
      const { community } = await get(`/api/transactions/${hash}/community`);
      return location.assign(`/c/${community}`);
    } catch (error) {
      if (error.status !== 404) throw error;
      await pause(300);
    }
  }
}

async function open(form) {
  const defaults = JSON.parse(form.dataset.opening);
  const field = (name) => form.elements[name].value.trim();
  const currency = await currencyOf(form);
  const price = baseUnits(form.elements.price, currency.decimals);
  const body = {
    name: field("name"),
    symbol: (field("symbol") || symbolOf(field("name"))).toUpperCase(),
    price: String(price),
    currency: currency.address,
    tier_label: field("tier_label"),
    period_seconds: Number(field("period")),
    notice_seconds: Number(field("notice")) * 86_400,
    royalty_bps: bps(form.elements.royalty),
    salt: random(),
  };
  const [bronzeBps, silverBps, goldBps, silverFrom, goldFrom, volumeUnit] = defaults.rates;
  const tier = { label: word(body.tier_label), price, periodSeconds: body.period_seconds, inviteeDiscountBps: price ? defaults.discount_bps : 0 };
  const opening = {
    salt: body.salt,
    name: body.name,
    symbol: body.symbol,
    currency: currency.address ?? ZERO,
    noticeSeconds: body.notice_seconds,
    royaltyBps: body.royalty_bps,
    rates: { bronzeBps, silverBps, goldBps, silverFrom, goldFrom, volumeUnit },
    homeUri: defaults.home_uri,
    homeKey: defaults.home_key,
    tiers: [tier],
  };
  const wanted = { name: "open", contract: "CommunityFactory", call: "open", to: defaults.factory, args: { opening } };
  const wallet = await transact("", wanted, body, "opened");
  if (!wallet) return;
  if (viewer() !== wallet.address) await signIn(say("opened.sign-in"));
  await goTo(wallet.hash);
}

/** The card beside the form says what the form says. */
function preview(form) {
  const name = form.elements.name.value.trim();
  const chosen = form.elements.currency.selectedOptions[0];
  const other = chosen.value === "other";
  const symbol = other ? form.dataset.symbol || "…" : chosen.dataset.symbol;
  const price = form.elements.price.value.trim();
  const view = document.querySelector("[data-preview]");
  form.querySelector("[data-token]").hidden = !other;
  form.elements.token.required = other;
  slot(view, "name").textContent = name || say("preview.name");
  slot(view, "crumb").textContent = name || say("preview.name");
  slot(view, "tier").textContent = form.elements.tier_label.value;
  const plain = price.trim().replace(",", ".");
  slot(view, "price").textContent = Number(plain) === 0 && plain ? say("preview.free") : `${plain || "…"} ${symbol}`;
  slot(view, "period").textContent = form.elements.period.selectedOptions[0].textContent;
  slot(view, "symbol").textContent = form.elements.symbol.value.toUpperCase() || symbolOf(name);
}

async function checkToken(form) {
  const said = form.querySelector("[data-slot=token-said]");
  form.dataset.symbol = "";
  try {
    const found = await get(`/api/currencies/${typedAddress(form.elements.token)}`);
    form.dataset.symbol = found.symbol;
    show(said, say("token.fine", { symbol: found.symbol, decimals: found.decimals }));
  } catch (error) {
    show(said, error.message);
  }
  preview(form);
}

export function prepareOpening() {
  const form = document.querySelector("[data-form='community:open']");
  if (!form) return;
  form.addEventListener("input", () => preview(form));
  form.elements.token.addEventListener("change", () => checkToken(form));
  preview(form);
}

// --- Offices and shares ----------------------------------------------------------------------------------------------

/** A call of the Community; `done` is the key of the last sentence. */
const call = (name, function_, args, body, done) => transact(here(), { name, contract: "Community", call: function_, args }, body, done);

const afterwards = (wallet) => wallet && location.reload();

const lines = (form) => [...form.querySelectorAll("[data-split]")].filter((line) => line.querySelector("[name=account]").value.trim());

async function splits(form) {
  const parts = lines(form).map((line) => ({
    account: typedAddress(line.querySelector("[name=account]")),
    bps: bps(line.querySelector("[name=share]")),
  }));
  if (parts.reduce((sum, part) => sum + part.bps, 0) > Number(form.dataset.most)) throw new Told(say("splits.too-much"));
  const day = form.elements.locked.value;
  const until = day ? Math.floor(Date.parse(`${day}T00:00:00Z`) / 1000) : 0;
  if (until && until <= homeTime()) throw new Told(say("splits.past"));
  if (until && !(await confirmed("splits-lock"))) return;
  await call("splits", "setSplits", { splits: parts, lockedUntil: until }, { splits: parts, locked_until: until }, "splits.done");
}

async function roles(form) {
  const holder = typedAddress(form.elements.holder);
  const sum = [...form.querySelectorAll("[name=role]:checked")].reduce((bits, box) => bits | Number(box.value), 0);
  await call("roles", "setRoles", { account: holder, roles: sum }, { holder, roles: sum }, "roles.done");
}

async function operator(form) {
  const who = typedAddress(form.elements.operator) ?? null;
  const share = who ? bps(form.elements.share) : 0;
  const args = { account: who ?? ZERO, bps: share };
  await call("announce-operator", "announceOperator", args, { operator: who, bps: share }, "operator.done");
}

async function parentShare(form) {
  const share = bps(form.elements.share);
  await call("parent-share", "lowerParentShare", { parentBps: share }, { bps: share }, "parent.done");
}

async function offer(form) {
  const to = typedAddress(form.elements.to);
  await call("offer-ownership", "offerOwnership", { account: to }, { to }, "offer.done");
}

// --- Words -----------------------------------------------------------------------------------------------------------

async function profile(form) {
  const topics = form.elements.topics.value.split(",").map((topic) => topic.trim()).filter(Boolean).slice(0, 12);
  const look = Number(form.elements.look.value);
  const words = JSON.stringify({ tagline: form.elements.tagline.value.trim(), about: form.elements.about.value.trim(), topics, look });
  const body = await sendBody(here(), { text: words, type: "application/vnd.koinon.profile+json" });
  const { item, ...named } = body;
  await govern(here(), "community.profile", { body: named });
  const pictures = ["mark", "cover"].map((kind) => fetch(`/art/${kind}/${here()}.svg`, { cache: "reload" }));
  await Promise.allSettled(pictures); // this browser sees the new look at once
  location.assign(`/c/${here()}`);
}

/** A token that lies in a contract by accident goes on; what lies there is told first. */
async function sweep(form) {
  const { place, token, to } = form.elements;
  const asked = typedAddress(token) ?? null;
  const { sale = null } = place.selectedOptions[0].dataset;
  const receiver = sale ? null : (typedAddress(to) ?? null);
  const contract = { memberships: "Membership", store: "Store", sale: "Crowdsale" }[place.value];
  const args = { [sale ? "coin" : "token"]: asked ?? ZERO, ...(receiver && { to: receiver }) };
  const wanted = { name: "sweep", contract, call: "sweep", args, ...(sale && { to: sale }) };
  if (await transact(here(), wanted, { place: place.value, sale, token: asked, to: receiver }, "swept")) form.reset();
}

export const forms = { open, sweep, splits, roles, operator, "parent-share": parentShare, offer, profile };

export const actions = {
  async collect(button) {
    const { source, community = here() } = button.dataset;
    const wanted = { name: "collect", contract: "Community", call: "collect", args: { source } };
    const follows = button.closest("[data-partial]"); // a part that follows the chain draws itself anew
    const wallet = await transact(community, wanted, { source }, "collected");
    if (!follows) afterwards(wallet);
  },
  async "let-anchor"({ dataset }) {
    const args = { account: dataset.home, roles: Number(dataset.roles) };
    await call("roles", "setRoles", args, { holder: dataset.home, roles: args.roles }, "anchor.done");
    location.reload();
  },
  async "take-roles"({ dataset }) {
    const args = { account: dataset.holder, roles: 0 };
    await call("roles", "setRoles", args, { holder: dataset.holder, roles: 0 }, "roles.done");
  },
  async "replace-operator"() {
    await call("replace-operator", "replaceOperator", {}, {}, "operator.replaced");
  },
  async "take-back-offer"() {
    await call("offer-ownership", "offerOwnership", { account: ZERO }, { to: null }, "offer.taken-back");
  },
  async "accept-ownership"({ dataset }) {
    const wanted = { name: "accept-ownership", contract: "Community", call: "acceptOwnership", args: {} };
    afterwards(await transact(dataset.community || here(), wanted, {}, "offer.accepted"));
  },
  "add-split"(button) {
    const list = button.closest("form").querySelector("[data-splits]");
    list.append(document.getElementById("split-line").content.cloneNode(true));
    list.lastElementChild.querySelector("input").focus();
  },
  "drop-split": (button) => button.closest("[data-split]").remove(),
  "copy-link": ({ dataset }) => copy(dataset.link, knows(dataset.told) ? dataset.told : "link.copied"),
  print: () => print(),
};

prepareOpening();
