// Where the visitor's clock differs from UTC, a time is said by it too.
for (const element of document.querySelectorAll("time[data-local]")) {
  const at = new Date(element.dateTime);
  if (!at.getTimezoneOffset()) continue;
  const said = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "short", hour: "numeric", minute: "2-digit", timeZoneName: "short" });
  const beside = document.createElement("span");
  beside.className = "quiet small";
  beside.textContent = ` (${said.format(at)})`;
  element.after(beside);
}
