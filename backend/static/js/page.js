// What every module needs of the page: its sentences (translated by the server), its dialogs, its activity cards.

export class Told extends Error {} // An error whose message is already meant for the reader.
const SHOWN = 10_000; // milliseconds that a card of something done stays
export class SteppedBack extends Told {} // The viewer closed a dialog: nothing to tell.
/** One field of a form is wrong: the reason belongs beside it. */
export class FieldWrong extends Told {
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

/** In the frame of every page, and in a slice's own templates beside it. */
const sentence = (key) => {
  for (const place of document.querySelectorAll("template[data-sentences]")) {
    const found = place.content.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (found) return found;
  }
  return null;
};

/** The sentence of a key, with %(name)s filled in; the key itself when the page does not know it. */
export function say(key, values = {}) {
  const found = sentence(key);
  return (found ? found.textContent : key).replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);
}

export const knows = (key) => sentence(key) !== null;

export const slot = (root, name) => root.querySelector(`[data-slot="${name}"]`);

/** What an error means to the reader. */
export function reasonOf(error) {
  if (error instanceof SteppedBack) return "";
  if (error instanceof Told) return error.message;
  if (error instanceof TypeError && /fetch|network/i.test(error.message)) return say("network");
  return say("unexpected", { reason: error?.message || String(error) });
}

export function show(node, text) {
  if (!node) return;
  node.textContent = text;
  node.hidden = !text;
}

/** The reason stands beside the field that is wrong, in its description too, until the form is sent again. */
export function mark(field, reason) {
  const beside = document.createElement("p");
  Object.assign(beside, { className: "error-text field-reason", id: `${field.id || field.name}-reason`, textContent: reason });
  beside.setAttribute("role", "alert");
  (field.closest(".field") ?? field.parentElement).append(beside);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), beside.id].filter(Boolean).join(" "));
}

/** No field of the form is said to be wrong. */
export function unmark(form) {
  for (const beside of form.querySelectorAll(".field-reason")) beside.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    const described = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => document.getElementById(id));
    if (described.length) field.setAttribute("aria-describedby", described.join(" "));
    else field.removeAttribute("aria-describedby");
  }
}

/** Runs `work` while the button shows that it is busy and cannot be pressed again. */
export async function busy(button, work) {
  if (!button || button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/**
 * Opens a dialog made from a template. `fill(dialog, close)` prepares it; `act(dialog)` runs when it is confirmed and
 * keeps it open with the reason when it fails. Resolves to what `act` or `close` gave, or undefined when dismissed.
 */
export function ask(id, { fill, act } = {}) {
  const dialog = document.getElementById(id).content.firstElementChild.cloneNode(true);
  const form = dialog.querySelector("form");
  const opener = document.activeElement;
  return new Promise((resolve) => {
    let outcome;
    const close = (value) => {
      outcome = value;
      dialog.close();
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!act) return close(true);
      show(slot(dialog, "error"), "");
      await busy(event.submitter ?? form.querySelector("[value=yes]"), async () => {
        try {
          close(await act(dialog));
        } catch (error) {
          const place = slot(dialog, "error");
          if (place) show(place, reasonOf(error));
          else dialog.close();
          if (!place) complain(error);
        }
      });
    });
    dialog.addEventListener("click", ({ target }) => (target === dialog || target.closest("[data-close]")) && close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      opener?.isConnected && opener.focus({ preventScroll: true });
      resolve(outcome);
    });
    document.body.append(dialog);
    fill?.(dialog, close);
    dialog.showModal();
  });
}

/** A dialog for what cannot be taken back. */
export const confirmed = (name, values) =>
  ask("dialog-confirm", {
    fill: (dialog) => ["title", "text", "go"].forEach((part) => (slot(dialog, part).textContent = say(`${name}.${part}`, values))),
  });

/** A card in the corner. `steps` shows the life of a transaction. */
export function card(title, { steps = false, bad = false, text = "" } = {}) {
  const node = document.getElementById("activity-card").content.firstElementChild.cloneNode(true);
  const list = node.querySelector(".steps");
  if (!steps) list.remove();
  node.classList.toggle("bad", bad);
  slot(node, "title").textContent = title;
  show(slot(node, "text"), text);
  node.querySelector(".close").addEventListener("click", () => node.remove());
  document.querySelector("[data-activity]").append(node);
  return {
    node,
    step(name, state) {
      const item = list.querySelector(`[data-step="${name}"]`);
      if (item) item.dataset.state = state;
    },
    hash: (value) => show(slot(node, "hash"), value),
    note: (value) => show(slot(node, "text"), value),
    end(titleNow, textNow, wrong = false) {
      slot(node, "title").textContent = titleNow;
      show(slot(node, "text"), textNow);
      node.classList.toggle("bad", wrong);
      if (!wrong) setTimeout(() => node.remove(), SHOWN);
    },
  };
}

export const tell = (text) => card(text).end(text, "");

/** The text is in the clipboard, and told so; where the browser refuses, a dialog shows it to be copied by hand. */
export async function copy(text, done = "copied") {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    await ask("dialog-copy", {
      fill(dialog) {
        const field = slot(dialog, "text");
        field.value = text;
        field.addEventListener("focus", () => field.select());
      },
    });
    return;
  }
  tell(say(done));
}
export const complain = (error) => error instanceof SteppedBack || card(say("transaction.failed"), { bad: true, text: reasonOf(error) });
