// Whoever types a password may look at it.
for (const secret of document.querySelectorAll(".secret")) {
  const input = secret.querySelector("input");
  const button = document.createElement("button");
  const { saysShow, saysHide } = secret.dataset;
  button.type = "button";
  button.className = "reveal";
  button.textContent = saysShow;
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => {
    const isShown = input.type === "password";
    input.type = isShown ? "text" : "password";
    button.textContent = isShown ? saysHide : saysShow;
  });
  secret.append(button);
  // Not to be kept as text by the browser.
  input.form.addEventListener("submit", () => { input.type = "password"; });
}
