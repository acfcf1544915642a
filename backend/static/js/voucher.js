// Shows the voucher that stands behind the # of the address: it is never sent to the server by itself.

import { NOBODY, voucherHere } from "./badges.js";
import { reasonOf, say, show, slot } from "./page.js";
import { viewer } from "./session.js";

const place = document.querySelector("[data-voucher]");

function draw() {
  try {
    const voucher = voucherHere();
    if (voucher.label) slot(place, "label").textContent = voucher.label;
    const until = new Date(Number(voucher.deadline) * 1000).toLocaleDateString(document.documentElement.lang);
    const facts = [
      [say("voucher.for"), voucher.recipient === NOBODY ? say("voucher.anybody") : voucher.recipient],
      [say("voucher.until"), until],
    ];
    slot(place, "facts").replaceChildren(...facts.flatMap((pair) => pair.map((text, index) => Object.assign(document.createElement(index ? "dd" : "dt"), { textContent: text }))));
    slot(place, "take").disabled = false;
    slot(place, "yours").hidden = ![voucher.issuer, place.dataset.owner].includes(viewer());
    show(slot(place, "error"), "");
  } catch (error) {
    slot(place, "take").disabled = true;
    show(slot(place, "error"), reasonOf(error));
  }
}

addEventListener("hashchange", draw);
draw();
