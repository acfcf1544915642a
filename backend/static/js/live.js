// Parts of the page that follow the chain and the log: refetched through the gate when something they show changed.

import { fragment } from "./api.js";
import { viewer } from "./session.js";

const GATHER = 80; // milliseconds: changes of one block are one refresh

const parts = (topics) =>
  [...document.querySelectorAll("[data-partial]")].filter(
    (part) => !topics || part.dataset.topics.split(" ").some((topic) => topics.has(topic)),
  );

const shown = new WeakMap(); // part -> HTML as it came from the server

const isChanged = (field) =>
  field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
    : field.options ? [...field.options].some((option) => option.selected !== option.defaultSelected) && field.selectedIndex > 0
    : field.type !== "file" && field.defaultValue !== undefined && field.value !== field.defaultValue;

/** What a form without a name of its own is about: the same form, of the same tier or token. */
const sameForm = (form) => (other) =>
  ["form", "tier", "token", "keep"].every((name) => form.dataset[name] === other.dataset[name]);

/** A fold by its place and its words. */
const foldOf = (fold) => `${fold.closest("[id], [data-tier]")?.dataset.tier ?? ""} ${fold.querySelector("summary")?.textContent}`;

/**
 * Replaces a part by what the server says now. Forms with words in them stay as they are, with their focus, and folds
 * stay open. `done`: what a form sent has happened, so that this one begins anew.
 */
async function refresh(part, done) {
  const html = await fragment(part.dataset.partial);
  const sent = done ? part.querySelector('form:has([aria-busy="true"])') : null;
  if (shown.get(part) === html && !sent) return;
  shown.set(part, html);
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  const active = document.activeElement;
  const kept = [...part.querySelectorAll("form[data-keep]")].filter((form) => form.contains(active) || form.elements.text?.value);
  const caret = active && part.contains(active) && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null;
  kept.push(...[...part.querySelectorAll("form[data-form]:not([data-keep])")].filter((form) => form !== sent && [...form.elements].some(isChanged)));
  const open = new Set([...part.querySelectorAll("details[open]")].map(foldOf));
  for (const fold of fresh.querySelectorAll("details")) if (open.has(foldOf(fold))) fold.open = true;
  for (const form of kept) {
    const next = [...fresh.querySelectorAll("form[data-form]")].find(sameForm(form));
    if (!next) continue;
    if (!form.dataset.keep) Object.assign(form.dataset, next.dataset); // what it stands for may have changed: a price
    next.replaceWith(form);
  }
  const locked = part.querySelector(".lock") !== null;
  part.replaceChildren(...fresh.childNodes);
  if (locked) part.toggleAttribute("data-fresh", part.querySelector("[data-unsealed]") !== null);
  if (caret && active.isConnected) {
    active.focus({ preventScroll: true });
    active.setSelectionRange?.(...caret);
  }
  dispatchEvent(new CustomEvent("koinon:refreshed", { detail: part }));
}

let framedFor = viewer(); // who the frame of the page was written for

/** What the page says of its viewer outside its parts (name, tabs, what an owner can do) is what the server says now. */
async function refreshFrame() {
  const who = viewer();
  const fresh = new DOMParser().parseFromString(await fragment(location.href), "text/html");
  for (const place of document.querySelectorAll("[data-frame]")) {
    const now = fresh.querySelector(`[data-frame="${CSS.escape(place.dataset.frame)}"]`);
    if (!now || now.isEqualNode(place)) continue;
    const focused = place.contains(document.activeElement);
    place.replaceChildren(...now.childNodes);
    if (focused) place.querySelector("summary, a, button")?.focus({ preventScroll: true });
  }
  framedFor = who;
  dispatchEvent(new CustomEvent("koinon:reframed"));
}

/**
 * Refetches every part that shows one of these topics; without topics all parts and the frame, which is also refetched
 * when somebody else is signed in than it was written for. Failures leave a part as it is.
 */
export async function refreshAll(topics) {
  const frame = topics && framedFor === viewer() ? [] : [refreshFrame()];
  await Promise.allSettled([...frame, ...parts(topics && new Set(topics)).map((part) => refresh(part, !topics))]);
}

const LINKS = "koinon.links";
addEventListener("storage", ({ key }) => key === LINKS && refreshAll());

/** What the viewer may read has changed without an event of a community: on this page and on others that are open. */
export async function refreshEverywhere() {
  localStorage.setItem(LINKS, crypto.randomUUID());
  await refreshAll();
}

/** Listens to the community of this page. The browser reconnects by itself and names the last event it had. */
export function listen() {
  const community = document.body.dataset.community;
  if (!community || !parts().length) return;
  const source = new EventSource(`/api/communities/${community}/events`);
  let topics = new Set();
  let timer;
  const gather = (topic) => {
    topics.add(topic);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const gathered = topics;
      topics = new Set();
      refreshAll(gathered);
    }, GATHER);
  };
  // What was being looked up when the page was written may be known by now, before anybody listened.
  source.addEventListener("open", () => Promise.allSettled(parts().filter((part) => part.querySelector("[data-again]")).map((part) => refresh(part, false))));
  const watched = new Set(parts().flatMap((part) => part.dataset.topics.split(" ")));
  for (const topic of watched) source.addEventListener(topic, () => gather(topic));
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && listen());
}
