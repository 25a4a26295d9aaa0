// Times are typed in UTC, and few people think in it: what that is where they are stands below.
for (const fields of document.querySelectorAll("[data-says-here]")) {
  const input = fields.querySelector("input[type='datetime-local']");
  const here = document.createElement("span");
  here.className = "small quiet here";
  here.setAttribute("role", "status");
  input.after(here);
  const custom = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeStyle: "short" });
  const tell = () => {
    const at = new Date(`${input.value}Z`);
    here.textContent = isNaN(at) || !at.getTimezoneOffset() ? "" : `${fields.dataset.saysHere} ${custom.format(at)}.`;
  };
  input.addEventListener("change", tell);
  tell();
}
