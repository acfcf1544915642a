// Requests to our own origin. A refusal is a Refusal with the members of its problem object (RFC 9457).

import { Told, knows, say } from "./page.js";

/** An address as people read it. */
export const short = (address) => `${address.slice(0, 6)}…${address.slice(-4)}`;

/** The reason in the viewer's language, where the page has words for its code. */
function worded(slug, problem) {
  const { error, reason } = problem;
  if (slug === "would-revert") {
    const named = (problem.arguments ?? []).map((each) => (/^0x[0-9a-f]{40}$/i.test(each) ? short(each) : each));
    const why = knows(`revert.${error}`) ? say(`revert.${error}`, named) : error;
    return say("transaction.refused", { reason: why });
  }
  if (slug === "not-enough" && problem.fee) return say("problem.not-enough-fee", problem);
  const key = [`refused.${reason}`, `problem.${slug}`].find(knows);
  return key && say(key, problem);
}

export class Refusal extends Told {
  constructor(status, problem) {
    const slug = String(problem.type ?? "").split("/").pop();
    super(worded(slug, problem) ?? problem.detail ?? problem.title ?? String(status));
    this.status = status;
    this.problem = problem;
    this.slug = slug;
  }
}

async function answer(response) {
  if (response.ok) return response;
  const type = response.headers.get("content-type") ?? "";
  throw new Refusal(response.status, type.includes("json") ? await response.json() : { title: response.statusText });
}

const send = async (path, options) => answer(await fetch(path, { credentials: "same-origin", ...options }));

export const get = async (path) => (await send(path)).json();

export async function post(path, body, options = {}) {
  const response = await send(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body ?? {}), ...options });
  return response.status === 204 ? null : response.json();
}

/** `progress` hears which share of the form is on its way, 0 to 1: only XMLHttpRequest tells. */
export function postForm(path, form, progress = () => {}) {
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => lengthComputable && progress(loaded / total));
  return new Promise((resolve, reject) => {
    const heard = () => new Response(request.responseText, { status: request.status, statusText: request.statusText, headers: { "content-type": request.getResponseHeader("content-type") ?? "" } });
    request.addEventListener("load", () => answer(heard()).then((response) => response.json()).then(resolve, reject));
    request.addEventListener("error", () => reject(new TypeError("network")));
    request.open("POST", path);
    request.send(form);
  });
}

export const postBytes = async (path, bytes, type) =>
  (await send(path, { method: "POST", headers: { "content-type": type }, body: bytes })).json();

export const remove = (path) => send(path, { method: "DELETE" });

/** A piece of HTML that our server rendered. */
export const fragment = async (path) => (await send(path, { headers: { accept: "text/html" } })).text();
