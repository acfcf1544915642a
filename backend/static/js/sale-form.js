// The owner's form for a new crowdsale: from what is typed to terms, their preview, and the transaction.

import { sendBody, write } from "./act.js";
import { baseUnits, typedAddresses } from "./amounts.js";
import { get, post } from "./api.js";
import { FieldWrong, Told, mark, reasonOf, say, show, slot, unmark } from "./page.js";
import { hex, writer } from "./session.js";
import { transact } from "./transaction.js";
import { dropDraft } from "./words.js";

const ASSETS = ["membership", "utility", "restricted"];
const DAY = 86_400;
const TOKEN_DECIMALS = 18;
const PAUSE = 400; // milliseconds after the last key before the preview is asked for
const NO_ROOT = "0x" + "0".repeat(64);
/** The field to look at when the contract refuses the terms (ICrowdsaleFactory.sol). */
const REFUSED_FOR = {
  ...{ DatesInvalid: "endsAt", GoalInvalid: "goal", AccountLimitsInvalid: "accountMin", SupplyTooLarge: "founderAllocation" },
  ...{ TierPriceMismatch: "tier", TierThresholdTooLow: "tierThreshold", VestingInvalid: "cliffDays" },
  ...{ LockupTooLong: "lockupDays", TokenNameInvalid: "tokenName", TokenSymbolInvalid: "tokenSymbol" },
};

const community = () => document.body.dataset.community;
const snake = (name) => name.replace(/[A-Z]/g, (letter) => "_" + letter.toLowerCase());

/** Terms as the API takes them: names in snake_case, big numbers as text. */
export const apiTerms = ({ asset, steps, ...terms }) => ({
  ...Object.fromEntries(Object.entries(terms).map(([name, value]) => [snake(name), typeof value === "bigint" ? value.toString() : value])),
  asset: ASSETS[asset],
  steps: steps.map((step) => ({ up_to: step.upTo.toString(), price: step.price.toString() })),
});

/** ICrowdsale.Terms from the form. Throws which field is wrong when they cannot be. */
export function readTerms(form, { salt, allowRoot = NO_ROOT }) {
  const fields = form.elements;
  const decimals = Number(form.dataset.decimals);
  const money = (name) => baseUnits(fields[name], decimals, 0);
  const days = (name) => Math.round(Number(fields[name].value) * DAY);
  const time = (name) => (fields[name].value ? Date.parse(fields[name].value + "Z") / 1000 : 0);
  const needed = (name) => {
    if (!fields[name].value.trim()) throw new FieldWrong(fields[name], say("sale.field", { label: fields[name].labels[0].textContent }));
  };
  const outside = [...fields].find((field) => field.willValidate && field.checkVisibility() && !field.validity.valid);
  if (outside) throw new FieldWrong(outside, outside.validationMessage);
  ["goal", "endsAt"].forEach(needed);
  const asset = ASSETS.indexOf(fields.asset.value);
  const sold = asset === 0;
  const steps = readSteps(form, decimals, sold);
  const goal = money("goal");
  if (goal > steps.at(-1).upTo) throw new FieldWrong(fields.goal, say("sale.goal-high"));
  if (!sold) ["tokenName", "tokenSymbol"].forEach(needed);
  const extra = sold ? undefined : fields.tier?.selectedOptions[0];
  const withTier = extra && extra.value !== "0";
  if (withTier) needed("tierThreshold");
  return {
    salt,
    asset,
    startsAt: time("startsAt"),
    endsAt: time("endsAt"),
    goal,
    accountMin: money("accountMin"),
    accountMax: money("accountMax"),
    allowRoot,
    steps,
    tierId: Number(sold ? fields.soldTier.value : withTier ? extra.value : 0),
    tierPeriods: withTier ? Number(fields.tierPeriods.value) : 0,
    tierPrice: withTier ? BigInt(extra.dataset.price) : 0n,
    tierThreshold: withTier ? money("tierThreshold") : 0n,
    cliffSeconds: sold ? 0 : days("cliffDays"),
    vestingSeconds: sold ? 0 : days("vestingDays"),
    stopThresholdBps: sold ? 0 : Math.round(Number(fields.stopPercent.value) * 100),
    founderAllocation: sold ? 0n : baseUnits(fields.founderAllocation, TOKEN_DECIMALS, 0),
    lockupSeconds: asset === 2 ? days("lockupDays") : 0,
    tokenName: sold ? "" : fields.tokenName.value.trim(),
    tokenSymbol: sold ? "" : fields.tokenSymbol.value.trim(),
  };
}

function readSteps(form, decimals, sold) {
  const rows = [...form.querySelectorAll(".step:not([hidden])")].map((row) => ["price", "upTo"].map((name) => row.querySelector(`[name=${name}]`)));
  const filled = rows.filter((row, index) => !index || row.some((field) => field.value.trim()));
  let before = { upTo: 0n, price: 0n };
  return filled.map((row) => {
    const [price, upTo] = row.map((field) => baseUnits(field, decimals));
    const [low, short] = [price <= before.price, upTo <= before.upTo];
    if (low || short) throw new FieldWrong(row[low ? 0 : 1], say("sale.steps-rise"));
    if (sold && (upTo - before.upTo) % price) throw new FieldWrong(row[1], say("sale.steps-whole"));
    return (before = { upTo, price });
  });
}

/** The home keeps the list; its root must be the one that this page makes of it. */
async function keepList(form) {
  const accounts = typedAddresses(form.elements.allowList);
  if (!accounts.length) return NO_ROOT;
  const { rootOf } = await import("./merkle.js");
  const { root } = await post(`/api/communities/${community()}/sales/allow-lists`, { accounts });
  if (root !== rootOf(accounts)) throw new Told(say("sale.root"));
  return root;
}

/** Opens the sale that the form describes. */
export async function openPlan(form) {
  const salt = hex(crypto.getRandomValues(new Uint8Array(32)));
  readTerms(form, { salt });
  const terms = readTerms(form, { salt, allowRoot: await keepList(form) });
  const wanted = { name: "open-sale", contract: "Community", call: "openSale", args: { terms } };
  const done = await transact(community(), wanted, { terms: apiTerms(terms) }, "sale.opened").catch((error) => {
    const field = form.elements[REFUSED_FOR[error.problem?.error]];
    throw field ? new FieldWrong(field, error.message) : error;
  });
  if (!done) return;
  dropDraft(form);
  const [{ address }] = await get(`/api/communities/${community()}/sales`);
  const sale = address.toLowerCase();
  const [title, purpose] = ["title", "purpose"].map((name) => form.elements[name].value.trim());
  if (title || purpose) {
    localStorage.setItem(draftOf(sale), JSON.stringify({ title, purpose })); // in the form of its page, if they are not signed
    await sayWords(sale, title, purpose).catch(() => {});
  }
  location.assign(`/c/${community()}/sales/${sale}`);
}

const draftOf = (sale) => `koinon.draft.sale-${sale}`;

/** The owner says what the sale is called and what its money is for: an act in the community's log. */
export async function sayWords(sale, title, purpose) {
  await writer();
  const text = JSON.stringify({ title: title.trim(), purpose: purpose.trim() });
  const { item, ...body } = await sendBody(community(), { text, type: "application/vnd.koinon.sale+json" });
  await write(community(), "sale.words", { data: { sale }, body });
  localStorage.removeItem(draftOf(sale));
}

async function preview(form) {
  const place = slot(document, "preview");
  show(slot(form, "error"), "");
  unmark(form);
  let terms;
  try {
    terms = readTerms(form, { salt: NO_ROOT, allowRoot: form.elements.allowList.value.trim() ? "0x" + "1".repeat(64) : NO_ROOT });
  } catch (error) {
    const typed = form.elements.goal.value && form.elements.price[0].value && form.elements.upTo[0].value;
    const lacks = typed || form.elements.goal.value ? reasonOf(error) : "";
    if (typed && error.field) mark(error.field, error.message);
    else show(slot(form, "error"), typed ? lacks : "");
    show(slot(place, "lacks"), lacks);
    return;
  }
  const answer = await fetch(`/fragments/c/${community()}/manage/sales/preview`, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json", accept: "text/html" },
    body: JSON.stringify({ ...apiTerms(terms), title: form.elements.title.value, purpose: form.elements.purpose.value }),
  });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  place.replaceChildren(...fresh.childNodes);
}

/** The preview follows the form. */
export function watchPlan(form) {
  let timer;
  const soon = () => {
    for (const step of form.querySelectorAll(".step[hidden]")) step.hidden = ![...step.querySelectorAll("input")].some((field) => field.value);
    clearTimeout(timer);
    timer = setTimeout(() => preview(form).catch(() => {}), PAUSE);
  };
  form.addEventListener("input", soon);
  form.addEventListener("submit", () => clearTimeout(timer)); // what it finds wrong stays said
  soon();
}
