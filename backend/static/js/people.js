// Who one is in a community: name and picture, signed into its log; and where newcomers say hello.

import { get } from "./api.js";
import { sendBody, write } from "./act.js";
import { refreshAll } from "./live.js";
import { Told, confirmed, say, slot, tell } from "./page.js";
import { bytesOf, writer } from "./session.js";

const SIDE = 320; // pixels of a picture that is sent: small, square, and without what a camera notes in it
const QUALITY = 0.85;
const PERSON = "application/vnd.koinon.person+json";

const community = () => document.body.dataset.community;
const saidBy = (account) => get(`/api/communities/${community()}/people/${account}`);

/** The middle of a picture as a small square file. */
async function portrait(file) {
  let image;
  try {
    image = await createImageBitmap(file);
  } catch {
    throw new Told(say("person.picture-wrong"));
  }
  const side = Math.min(image.width, image.height);
  const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  canvas.getContext("2d").drawImage(image, (image.width - side) / 2, (image.height - side) / 2, side, side, 0, 0, SIDE, SIDE);
  image.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  return new File([blob], "portrait.jpg", { type: "image/jpeg" });
}

async function pictureOf(form, known) {
  const [file] = form.elements.picture.files;
  if (!file) return known && { ...known, commit: bytesOf(known.commit) };
  const small = await portrait(file);
  return { ...(await sendBody(community(), { file: small, place: "people/uploads" })), type: small.type };
}

export const forms = {
  async save(form) {
    const name = form.elements.name.value.trim();
    if (!name) throw new Told(say("person.name-missing"));
    const { address } = await writer();
    const known = await saidBy(address);
    const picture = await pictureOf(form, known.picture);
    const body = await sendBody(community(), { text: JSON.stringify({ name }), type: PERSON, place: "people/uploads" });
    const fields = { body, data: picture ? { picture } : {} };
    if (known.id) await write(community(), "person.edit", { ...fields, subject: known.id, base: known.base });
    else await write(community(), "person.create", fields);
    localStorage.removeItem(`koinon.draft.${form.dataset.keep}`);
    form.reset();
    form.elements.name.value = name;
    document.activeElement?.blur();
    await refreshAll();
    tell(say("person.saved"));
  },
};

export const actions = {
  async forget() {
    if (!(await confirmed("forget"))) return;
    const { address } = await writer();
    const { id } = await saidBy(address);
    if (id) await write(community(), "person.erase", { subject: id });
    document.activeElement?.blur(); // else the form would keep the name that is gone
    await refreshAll();
    tell(say("person.erased"));
  },
  async "mark-welcome"({ dataset }) {
    await write(community(), "community.welcome", { subject: dataset.subject });
    tell(say("welcome.marked"));
  },
};

/** The chosen picture is shown before it is sent. */
export function preview(field) {
  if (field.files[0]) slot(field.form, "picture").src = URL.createObjectURL(field.files[0]);
}
