// Wires the page: every act is named by data-action on a button or data-form on a form. `slice:verb` is the verb among
// the `actions` or `forms` of /static/js/<slice>.js, which is loaded when it is first needed.

import { remove } from "./api.js";
import { listen } from "./live.js";
import { busy, complain, confirmed, slot } from "./page.js";
import { connect, homeTime, sessionNow, signIn, signOut, viewer } from "./session.js";
import { forget, lastAddress } from "./wallet.js";

const words = () => import("./words.js");

const actions = {
  connect,
  disconnect: () => forget().then(drawAccount),
  "sign-in": async () => {
    await signIn();
    location.reload();
  },
  "sign-out": async () => {
    await signOut();
    await forget();
    location.reload();
  },
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

/** What `name` does: one of ours, or `slice:verb` of a module of its own. */
async function found(ours, kind, name) {
  const [slice, verb] = name.split(":");
  return verb ? (await import(`./${slice}.js`))[kind][verb] : ours[name];
}

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
  if (!button) return;
  busy(button, async () => {
    try {
      await (await found(actions, "actions", button.dataset.action))?.(button);
    } catch (error) {
      complain(error);
    }
  });
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-form]");
  if (!form) return;
  event.preventDefault();
  const { submit } = await words();
  submit(form, event.submitter, await found(forms, "forms", form.dataset.form));
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

const ENOUGH = 0.85; // of a unit is one, as the server counts (Babel's format_timedelta)

/** Relative times stay true while the page is open, in the words that the server wrote. */
function drawTimes() {
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
  const units = [["year", 31_536_000], ["month", 2_592_000], ["week", 604_800], ["day", 86_400], ["hour", 3600], ["minute", 60]];
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const seconds = Number(time.dataset.ago) - homeTime();
    const [unit, length] = units.find(([, one]) => Math.abs(seconds) >= one * ENOUGH) ?? [];
    if (unit) time.textContent = format.format(Math.round(seconds / length), unit);
  }
}

const drawUnread = async () => viewer() && (await import("./inbox.js")).drawUnread();

async function keepForms() {
  const kept = [...document.querySelectorAll("form[data-keep]")];
  if (kept.length) kept.forEach((await words()).keepDraft);
}

/** On a narrow screen the tab of this page stands in the middle of its row, not beyond the edge. */
function showTabs() {
  for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }
}

addEventListener("koinon:wallet", drawAccount);
addEventListener("koinon:refreshed", keepForms);
addEventListener("koinon:reframed", () => (drawAccount(), drawUnread()));
setInterval(drawTimes, 30_000);
drawAccount();
drawUnread();
keepForms();
showTabs();
listen();

const picture = document.getElementById("picture");
picture?.addEventListener("change", () => {
  const [file] = picture.files;
  const image = slot(picture.form, "picture");
  image.hidden = !file;
  if (file) image.src = URL.createObjectURL(file);
  if (file) slot(picture.form, "picture-name").textContent = file.name;
});

document.addEventListener("change", async ({ target }) => {
  if (target.id === "person-picture") (await import("./people.js")).preview(target);
});

if (sessionStorage.getItem("koinon.pending")) import("./transaction.js").then(({ resume }) => resume());

if (document.querySelector("[data-standing]")) import("./platform.js");

// The session may have ended elsewhere: then the page must not pretend.
if (viewer()) sessionNow().catch((error) => error.status === 401 && location.reload());
