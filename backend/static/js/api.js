// Requests to our own origin. A refusal is a Refusal with the members of its problem object (RFC 9457).

import { Told } from "./page.js";

export class Refusal extends Told {
  constructor(status, problem) {
    super(problem.detail || problem.title || String(status));
    this.status = status;
    this.problem = problem;
    this.slug = String(problem.type ?? "").split("/").pop();
  }
}

async function answer(response) {
  if (response.ok) return response;
  const type = response.headers.get("content-type") ?? "";
  throw new Refusal(response.status, type.includes("json") ? await response.json() : { title: response.statusText });
}

const send = async (path, options) => answer(await fetch(path, { credentials: "same-origin", ...options }));

export const get = async (path) => (await send(path)).json();

export async function post(path, body) {
  const response = await send(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body ?? {}) });
  return response.status === 204 ? null : response.json();
}

export const postForm = async (path, form) => (await send(path, { method: "POST", body: form })).json();

export const postBytes = async (path, bytes, type) =>
  (await send(path, { method: "POST", headers: { "content-type": type }, body: bytes })).json();

export const remove = (path) => send(path, { method: "DELETE" });

/** A piece of HTML that our server rendered, with the newest block it rests on. */
export async function fragment(path) {
  const response = await send(path, { headers: { accept: "text/html" } });
  return { html: await response.text(), block: Number(response.headers.get("x-koinon-block") ?? -1) };
}
