// Writing: posts and replies, their edits and their end. Unsent words are kept on this device.

import { govern, sendBody, write, writeLater } from "./act.js";
import { publishTime } from "./content.js";
import { refreshAll } from "./live.js";
import { FieldWrong, Told, ask, busy, confirmed, mark, reasonOf, say, show, slot, tell, unmark } from "./page.js";
import { bytesOf, writer } from "./session.js";

const community = () => document.body.dataset.community;
const draftKey = (form) => `koinon.draft.${form.dataset.keep}`;

const isChoice = (field) => ["checkbox", "radio"].includes(field.type);
const nameOf = (field) => (isChoice(field) ? `${field.name}=${field.value}` : field.id || field.name); // names may repeat

/** Puts a kept word or choice into a field that nobody has touched; a choice that is offered no more is forgotten. */
function restore(field, kept) {
  if (isChoice(field)) field.checked = kept;
  else if (!field.options) field.value = field.value === field.defaultValue ? kept : field.value;
  else if (!field.querySelector("option[selected]") && field.selectedIndex === 0)
    for (const option of field.options) if (option.value === kept) option.selected = true;
}

/** Puts kept words and choices back into a form, where nothing was typed yet, and keeps them from now on. */
export function keepDraft(form) {
  const fields = [...form.querySelectorAll("input:not([type=file], [data-unkept]), textarea, select")].filter((field) => field.name);
  const draft = JSON.parse(localStorage.getItem(draftKey(form)) ?? "{}");
  for (const field of fields.filter((each) => nameOf(each) in draft)) restore(field, draft[nameOf(field)]);
  if (form.dataset.kept) return;
  if (Object.keys(draft).length) form.dispatchEvent(new Event("input", { bubbles: true }));
  form.dataset.kept = "yes";
  form.addEventListener("input", () => {
    const words = Object.fromEntries(fields.map((field) => [nameOf(field), isChoice(field) ? field.checked : field.value]));
    localStorage.setItem(draftKey(form), JSON.stringify(words));
    show(slot(form, "state"), say("post.draft-kept"));
  });
}

export const dropDraft = (form) => localStorage.removeItem(draftKey(form));

/** Runs the sending of a form; its reason stands in the form, or beside the field, when it fails, and the words stay. */
export async function submit(form, button, send) {
  show(slot(form, "error"), "");
  unmark(form);
  await busy(button, async () => {
    try {
      await send(form);
    } catch (error) {
      if (!(error instanceof FieldWrong)) return show(slot(form, "error"), reasonOf(error));
      mark(error.field, error.message);
      error.field.focus();
    }
  });
}

/** An act whose body is the text, sealed by the home when the post is. */
async function writeReply(kind, post, fields, text) {
  const { item, ...body } = await sendBody(community(), { text, replyTo: post });
  return write(community(), kind, { ...fields, body, data: item ? { item } : {} });
}

export async function sendReply(form) {
  const text = form.elements.text.value.trim();
  if (!text) return;
  const { subject } = form.dataset;
  await writer();
  await writeReply("reply.create", subject, { subject }, text);
  form.reset();
  dropDraft(form);
  await refreshAll(["reply"]);
  tell(say("reply.sent"));
}

export async function editReply(button) {
  const item = button.closest(".reply");
  const { subject, base } = button.dataset;
  await ask("dialog-edit", {
    fill: (dialog) => (slot(dialog, "text").value = item.querySelector("[data-text]").dataset.text),
    async act(dialog) {
      const text = slot(dialog, "text").value.trim();
      if (!text) return false;
      const post = item.closest("[data-post]").dataset.post;
      await writeReply("reply.edit", post, { subject, base }, text);
      await refreshAll(["reply"]);
      return true;
    },
  });
}

export async function eraseReply({ dataset }) {
  if (!(await confirmed("erase"))) return;
  await write(community(), "reply.erase", { subject: dataset.subject });
  await refreshAll(["reply"]);
}

export async function endPost(button, kind) {
  if (!(await confirmed(kind === "post.erase" ? "erase" : "remove"))) return;
  await write(community(), kind, { subject: button.dataset.subject });
  location.assign(`/c/${community()}`);
}

/** The gate for these tiers: one that exists, or a new one that the owner's wallet signs. */
async function gateFor(form, tiers) {
  const gates = JSON.parse(form.dataset.gates);
  const same = (rule) => rule.length === tiers.length && rule.every((tier) => tiers.includes(tier));
  const known = Object.keys(gates).find((name) => same(gates[name]));
  if (known) return known;
  const gate = `tiers-${tiers.join("-")}`;
  await govern(community(), "gate.set", { data: { gate, rule: { op: "holds_tier", tiers } } });
  gates[gate] = tiers;
  form.dataset.gates = JSON.stringify(gates);
  return gate;
}

/** The gate that the form asks for, or undefined when everybody may read. */
async function wantedGate(form) {
  if (form.dataset.gate) return form.dataset.gate;
  const wanted = form.elements.gate?.value;
  if (!["members", "named"].includes(wanted)) return undefined;
  if (wanted === "named") {
    if (form.dataset.recoveryNeeded === "true") throw new Told(say("post.recovery-first"));
    return form.elements.named.value;
  }
  const tiers = [...form.querySelectorAll("[name=tier]:checked")].map((box) => Number(box.value)).sort((a, b) => a - b);
  if (!tiers.length) throw new Told(say("post.no-tier"));
  if (form.dataset.recoveryNeeded === "true") throw new Told(say("post.recovery-first"));
  return gateFor(form, tiers);
}

export async function sendPost(form) {
  const { subject, base } = form.dataset;
  await writer();
  const at = publishTime(form);
  const gate = await wantedGate(form);
  show(slot(form, "state"), say("post.publishing"));
  try {
    const receipt = await writePost(form, gate, { subject, base }, at);
    dropDraft(form);
    if (at) return location.assign(`/c/${community()}/write`);
    location.assign(`/c/${community()}/posts/${subject || receipt.act}`);
  } finally {
    show(slot(form, "state"), "");
  }
}

const MOST_FILES = 20;

const PERCENT = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });

/** Tells in the form how much of a file is on its way, by tenths. */
const telling = (form, { name }) => (share) => show(slot(form, "state"), say("post.sending", { name, share: PERCENT.format(Math.floor(share * 10) / 10) }));

/** A file as the act names it. Text would be taken for words, so it goes as plain bytes. */
async function sendFile(file, gate, progress) {
  const plain = !/^[a-z]+\/[a-z0-9.+-]{1,80}$/.test(file.type) || file.type === "text/markdown" || file.type.startsWith("application/vnd.koinon.");
  const type = plain ? "application/octet-stream" : file.type;
  return { ...(await sendBody(community(), { file: new File([file], file.name, { type }), gate, progress })), type };
}

/** Sends the bodies and then the act that names them: the whole new state of the post. `at`: when; 0 is now. */
async function writePost(form, gate, fields, at = 0) {
  const value = (name) => form.elements[name]?.value.trim() ?? "";
  const kept = JSON.parse(form.dataset.files || "[]").map(({ commit, item, ...file }) => ({ ...file, commit: bytesOf(commit), ...(item && { item: bytesOf(item) }) }));
  const alts = JSON.parse(form.dataset.alts || "[]");
  const picture = form.elements.picture?.files[0];
  if (picture) {
    const file = { ...(await sendBody(community(), { file: picture, progress: telling(form, picture) })), type: picture.type };
    kept.unshift(file);
    alts.unshift({ cid: file.cid, alt: value("alt") });
  }
  const files = [...(form.elements.files?.files ?? [])];
  if (kept.length + files.length > MOST_FILES) throw new Told(say("files.many"));
  for (const each of files) {
    const file = await sendFile(each, form.elements.files_gated?.checked ? gate : undefined, telling(form, each));
    kept.push(file);
    alts.push({ cid: file.cid, alt: each.name.slice(0, 300) });
  }
  show(slot(form, "state"), say("post.publishing"));
  const sealed = gate && value("rest") ? await sendBody(community(), { text: value("rest"), gate }) : undefined;
  const words = JSON.stringify({ title: value("title").replace(/\s+/g, " "), text: value("text"), files: alts });
  const body = await sendBody(community(), { text: words, type: "application/vnd.koinon.post+json" });
  const data = { files: kept, ...(gate && { gate }), ...(sealed && { sealed }) };
  if (at) return writeLater(community(), "post.create", { body, data }, at);
  return write(community(), fields.subject ? "post.edit" : "post.create", { ...fields, body, data });
}
