// The owner's form for a new crowdsale: from what is typed to terms, their preview, and the transaction.

import { sendBody, write } from "./act.js";
import { baseUnits, typedAddresses } from "./amounts.js";
import { get, post } from "./api.js";
import { Told, reasonOf, say, show, slot } from "./page.js";
import { hex, writer } from "./session.js";
import { transact } from "./transaction.js";

const ASSETS = ["membership", "utility", "restricted"];
const DAY = 86_400;
const TOKEN_DECIMALS = 18;
const PAUSE = 400; // milliseconds after the last key before the preview is asked for
const NO_ROOT = "0x" + "0".repeat(64);

const community = () => document.body.dataset.community;
const snake = (name) => name.replace(/[A-Z]/g, (letter) => "_" + letter.toLowerCase());

/** Terms as the API takes them: names in snake_case, big numbers as text. */
export const apiTerms = ({ asset, steps, ...terms }) => ({
  ...Object.fromEntries(Object.entries(terms).map(([name, value]) => [snake(name), typeof value === "bigint" ? value.toString() : value])),
  asset: ASSETS[asset],
  steps: steps.map((step) => ({ up_to: step.upTo.toString(), price: step.price.toString() })),
});

/** ICrowdsale.Terms from the form. Throws what to tell when they cannot be. */
export function readTerms(form, { salt, allowRoot = NO_ROOT }) {
  const fields = form.elements;
  const decimals = Number(form.dataset.decimals);
  const money = (name) => baseUnits(fields[name].value, decimals, 0);
  const days = (name) => Math.round(Number(fields[name].value) * DAY);
  const time = (name) => (fields[name].value ? Date.parse(fields[name].value + "Z") / 1000 : 0);
  const needed = (name) => {
    if (!fields[name].value.trim()) throw new Told(say("sale.field", { label: fields[name].labels[0].textContent }));
  };
  ["goal", "endsAt"].forEach(needed);
  const asset = ASSETS.indexOf(fields.asset.value);
  const sold = asset === 0;
  const steps = readSteps(form, decimals, sold);
  const goal = money("goal");
  if (goal > steps.at(-1).upTo) throw new Told(say("sale.goal-high"));
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
    founderAllocation: sold ? 0n : baseUnits(fields.founderAllocation.value, TOKEN_DECIMALS, 0),
    lockupSeconds: asset === 2 ? days("lockupDays") : 0,
    tokenName: sold ? "" : fields.tokenName.value.trim(),
    tokenSymbol: sold ? "" : fields.tokenSymbol.value.trim(),
  };
}

function readSteps(form, decimals, sold) {
  const rows = [...form.querySelectorAll(".step:not([hidden])")].map((row) => ["price", "upTo"].map((name) => row.querySelector(`[name=${name}]`).value));
  const steps = rows.filter((row) => row.some((text) => text.trim())).map(([price, upTo]) => ({ upTo: baseUnits(upTo, decimals), price: baseUnits(price, decimals) }));
  if (!steps.length) throw new Told(say("sale.steps-rise"));
  steps.forEach((step, index) => {
    const { upTo, price } = steps[index - 1] ?? { upTo: 0n, price: 0n };
    if (step.upTo <= upTo || step.price <= price) throw new Told(say("sale.steps-rise"));
    if (sold && (step.upTo - upTo) % step.price) throw new Told(say("sale.steps-whole"));
  });
  return steps;
}

/** The home keeps the list; its root must be the one that this page makes of it. */
async function keepList(form) {
  const accounts = typedAddresses(form.elements.allowList.value);
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
  if (!(await transact(community(), wanted, { terms: apiTerms(terms) }, "sale.opened"))) return;
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
  let terms;
  try {
    terms = readTerms(form, { salt: NO_ROOT, allowRoot: form.elements.allowList.value.trim() ? "0x" + "1".repeat(64) : NO_ROOT });
  } catch (error) {
    const typed = form.elements.goal.value && form.elements.price[0].value && form.elements.upTo[0].value;
    show(slot(form, "error"), typed ? reasonOf(error) : "");
    show(slot(place, "lacks"), typed || form.elements.goal.value ? reasonOf(error) : "");
    return;
  }
  show(slot(form, "error"), "");
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
    clearTimeout(timer);
    timer = setTimeout(() => preview(form).catch(() => {}), PAUSE);
  };
  form.addEventListener("input", soon);
  soon();
}
