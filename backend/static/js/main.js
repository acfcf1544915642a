// Wires the page: every act is named by data-action on a button or data-form on a form.

import { remove } from "./api.js";
import { listen, refreshAll } from "./live.js";
import { ask, busy, complain, confirmed, say, slot } from "./page.js";
import { connect, homeTime, sessionNow, signIn, signOut, viewer } from "./session.js";
import { forget, lastAddress } from "./wallet.js";

const words = () => import("./words.js");
const transact = async (...wanted) => (await import("./transaction.js")).transact(...wanted);
const communityOf = (button) => button.dataset.community || document.body.dataset.community;

const actions = {
  connect,
  disconnect: () => (forget(), drawAccount()),
  "sign-in": async () => {
    await signIn();
    location.reload();
  },
  "sign-out": async () => {
    await signOut();
    forget();
    location.reload();
  },
  async join(button) {
    const { tier, price } = button.dataset;
    const wallet = await transact(communityOf(button), { name: "join", tier, price, periods: 1 }, { tier_id: Number(tier), periods: 1 }, "joined");
    if (!wallet || viewer() === wallet.address) return;
    await signIn(say("joined.sign-in"));
    await refreshAll();
  },
  async renew(button) {
    const { token } = button.dataset;
    await transact(communityOf(button), { name: "renew", token }, { token_id: Number(token), periods: 1 }, "renewed");
  },
  async transfer(button) {
    const { token } = button.dataset;
    const to = await ask("dialog-transfer", { act: (dialog) => slot(dialog, "to").value.trim().toLowerCase() });
    if (to) await transact(communityOf(button), { name: "transfer", token, to }, { token_id: Number(token), to }, "transferred");
  },
  collect: (button) => transact(communityOf(button), { name: "collect" }, {}, "collected"),
  "edit-reply": async (button) => (await words()).editReply(button),
  "erase-reply": async (button) => (await words()).eraseReply(button),
  "remove-post": async (button) => (await words()).endPost(button, "post.remove"),
  "erase-post": async (button) => (await words()).endPost(button, "post.erase"),
  async "end-session"(button) {
    if (!(await confirmed("session"))) return;
    await remove(`/api/sessions/${button.dataset.session}`);
    location.reload();
  },
};

const forms = {
  reply: async (form) => (await words()).sendReply(form),
  post: async (form) => (await words()).sendPost(form),
};

/** The header shows a connected wallet that has not signed in. */
function drawAccount() {
  const place = document.querySelector("[data-account]");
  const address = lastAddress();
  if (viewer() || (!address && place.querySelector("[data-action=connect].btn"))) return;
  if (!address) return location.reload();
  const menu = document.getElementById("account-menu").content.firstElementChild.cloneNode(true);
  slot(menu, "portrait").src = `/art/portrait/${address}.svg`;
  slot(menu, "address").textContent = `${address.slice(0, 6)}…${address.slice(-4)}`;
  const focused = place.contains(document.activeElement);
  place.replaceChildren(menu);
  if (focused) menu.querySelector("summary").focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-action]");
  const act = button && actions[button.dataset.action];
  if (act) busy(button, () => Promise.resolve(act(button)).catch(complain));
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-form]");
  if (!form) return;
  event.preventDefault();
  const { submit } = await words();
  submit(form, event.submitter, forms[form.dataset.form]);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("textarea.input--title")) event.preventDefault(); // a title is one line
});

/** Menus close when the viewer turns to something else. */
for (const kind of ["click", "keydown"])
  document.addEventListener(kind, (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]"))
      if (event.key === "Escape" || (kind === "click" && !menu.contains(event.target))) menu.open = false;
  });

/** Relative times stay true while the page is open. */
function drawTimes() {
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  const units = [["year", 31_536_000], ["month", 2_592_000], ["week", 604_800], ["day", 86_400], ["hour", 3600], ["minute", 60]];
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const seconds = Number(time.dataset.ago) - homeTime();
    const [unit, length] = units.find(([, one]) => Math.abs(seconds) >= one) ?? [];
    if (unit) time.textContent = format.format(Math.round(seconds / length), unit);
  }
}

async function keepForms() {
  const kept = [...document.querySelectorAll("form[data-keep]")];
  if (kept.length) kept.forEach((await words()).keepDraft);
}

addEventListener("koinon:wallet", drawAccount);
addEventListener("koinon:refreshed", keepForms);
setInterval(drawTimes, 30_000);
drawAccount();
keepForms();
listen();

const picture = document.getElementById("picture");
picture?.addEventListener("change", () => {
  const [file] = picture.files;
  const image = slot(picture.form, "picture");
  image.hidden = !file;
  if (file) image.src = URL.createObjectURL(file);
  if (file) slot(picture.form, "picture-name").textContent = file.name;
});

if (sessionStorage.getItem("koinon.pending")) import("./transaction.js").then(({ resume }) => resume());

// The session may have ended elsewhere: then the page must not pretend.
if (viewer()) sessionNow().catch((error) => error.status === 401 && location.reload());
