// Server-sent events under a path, for as long as the page is looked at. A connection that the server ended for good
// is tried again after the session was carried on.
function live(path, name, heard) {
  let source, pause = 1000;
  const open = () => {
    source = new EventSource(path);
    source.addEventListener(name, (event) => { pause = 1000; heard(JSON.parse(event.data)); });
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(async () => {
        await fetch("/carry-on", { method: "POST" }).catch(() => {});
        open();
      }, pause);
      pause = Math.min(pause * 2, 60000);
    });
  };
  // What the page itself brings comes first.
  const begin = () => setTimeout(open, 100);
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });
}

const money = ({ amount, currency }) =>
  new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency }).format(amount / 100);

// Tickets in a list, or the one of a page: the price and how the ticket stands.
const shown = new Map();
for (const element of document.querySelectorAll("[data-ticket]")) shown.set(element.dataset.ticket, element);
if (shown.size) {
  const says = document.querySelector("[data-says-available]")?.dataset ?? {};
  const words = { available: says.saysAvailable, reserved: says.saysReserved, sold: says.saysSold, withdrawn: says.saysWithdrawn };
  live(`/api/tickets/live?ids=${[...shown.keys()].join()}`, "ticket", (ticket) => {
    const element = shown.get(ticket.id);
    if (!element || Number(element.dataset.version) >= ticket.version) return;
    element.dataset.version = ticket.version;
    // The page of one ticket has more on it than a line can follow.
    if (element.hasAttribute("data-whole")) return isSending() || location.reload();
    element.querySelector("[data-price]").textContent = money(ticket.price);
    const tag = element.querySelector("[data-status]");
    tag.textContent = words[ticket.status];
    tag.hidden = ticket.status === "available";
    element.classList.toggle("gone", ticket.status !== "available");
    element.classList.remove("changed");
    requestAnimationFrame(() => element.classList.add("changed"));
  });
}
