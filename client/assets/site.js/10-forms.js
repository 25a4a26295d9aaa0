"use strict";
// A form that was sent once is not sent again by a second press.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "true";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
});
// The answer to a form is not to be cut off by what is heard meanwhile: mostly it is what the form brought about.
const isSending = () => document.querySelector("form[data-sent]") !== null;
// Coming back by the browser's button, it may be sent anew.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
});
// What was found wrong is read out first.
document.querySelector("[data-summary]")?.focus();
