// An order that goes on: a change is shown at once, and how long the ticket is held is counted by the server's word.
{
  const order = document.querySelector("[data-order]");
  const clock = order?.querySelector("[data-left]");
  let end, said, ticking, waiting, leaving = false;

  const look = () => {
    if (leaving || isSending()) return;
    location.replace(`/orders/${order.dataset.order}`);
    leaving = true;
  };
  const hold = (seconds) => { end = performance.now() + seconds * 1000; };
  const timeUp = () => {
    if (isSending()) return;
    clearInterval(ticking);
    for (const part of order.querySelectorAll("[data-while-held]")) part.hidden = true;
    for (const part of order.querySelectorAll("[data-time-up]")) part.hidden = false;
    setTimeout(look, 2000);
  };
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (clock.textContent !== text) clock.textContent = text;
    clock.classList.toggle("short", left <= 60);
    // Read out when it matters, not each second.
    const mark = [0, 60, 300].find((mark) => left <= mark);
    if (said !== undefined && mark !== undefined && mark < said) {
      const announce = order.querySelector("[data-announce]");
      announce.textContent = announce.getAttribute(`data-at-${mark}`);
    }
    said = mark ?? Infinity;
    if (left === 0) timeUp();
  };

  if (clock) {
    hold(Number(clock.dataset.left));
    clock.hidden = false;
    ticking = setInterval(tick, 250);
    tick();
  }
  // Without scripts the page is asked for anew after so long; with them only where nothing is heard.
  if (order?.dataset.refresh) waiting = setTimeout(look, order.dataset.refresh * 1000);
  if (order && "open" in order.dataset) {
    live(`/api/orders/${order.dataset.order}/live`, "order", (now) => {
      if (now.status !== order.dataset.status) return look();
      clearTimeout(waiting);
      if (clock && now.seconds_left > 0) hold(now.seconds_left);
    });
    addEventListener("pageshow", (event) => { if (event.persisted) look(); });
  }
}
