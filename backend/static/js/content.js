// Writing with a look ahead: Markdown as it will look, posts that wait, several files.

import { remove } from "./api.js";
import { Told, say, tell } from "./page.js";
import { homeTime } from "./session.js";

const here = () => document.body.dataset.community;
const LEAST_AHEAD = 120; // seconds
const DAY = 86_400;
const KEY_DAYS = 29; // a signing key lasts 30 days at most

/** When the form wants to be published, in unix seconds; 0 is now. */
export function publishTime(form) {
  const text = form.elements.publish_at?.value;
  if (!text) return 0;
  const at = Math.floor(new Date(text).getTime() / 1000);
  if (!(at >= homeTime() + LEAST_AHEAD)) throw new Told(say("schedule.past"));
  if (at > homeTime() + KEY_DAYS * DAY) throw new Told(say("schedule.far"));
  return at;
}

/** The home renders at most 40 000 characters, and a form's line ends count twice. */
const MOST_PREVIEWED = 36_000;

async function rendered(text) {
  const form = new FormData();
  form.set("text", text.slice(0, MOST_PREVIEWED));
  const answer = await fetch(`/fragments/c/${here()}/preview`, { method: "POST", body: form, headers: { accept: "text/html" } });
  if (!answer.ok) throw new Told(say("network"));
  return answer.text();
}

export const actions = {
  /** Shows the Markdown of a field in its place, and the field again. */
  async preview(button) {
    const field = document.getElementById(button.dataset.field);
    const place = document.getElementById(button.getAttribute("aria-controls"));
    const show = place.hidden;
    if (show) {
      const html = new DOMParser().parseFromString(await rendered(field.value), "text/html");
      place.replaceChildren(...html.body.childNodes);
    }
    place.hidden = !show;
    field.hidden = show;
    button.setAttribute("aria-expanded", String(show));
    button.textContent = say(show ? "preview.hide" : "preview.show");
    if (!show) field.focus();
  },
  async cancel(button) {
    await remove(`/api/communities/${here()}/scheduled/${button.dataset.act}`);
    button.closest("li").remove();
    tell(say("schedule.cancelled"));
  },
};

// The names of chosen files stand below their field.
for (const input of document.querySelectorAll("[data-files]"))
  input.addEventListener("change", () => {
    const names = [...input.files].map((file) => file.name).join(", ");
    input.closest(".field").querySelector("[data-slot=file-names]").textContent = names;
  });
