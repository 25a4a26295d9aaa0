"use strict";
// The stream of events: what comes is put on top, unless it is paused. No more than so many lines are kept.
(() => {
  const standing = document.querySelector("[data-live]");
  if (!standing) return;
  const MOST = 200;
  const lines = document.querySelector(".happenings");
  const line = document.querySelector("template[data-line]").content;
  const find = (name) => document.querySelector(`[data-${name}]`);
  const [pause, resume, waiting] = [find("pause"), find("resume"), find("waiting")];
  let newest = Math.max(0, ...[...lines.children].map((shown) => Number(shown.dataset.sequence)));
  let heard = [], paused = false, drawing = false;

  const short = (id) => `…${id.slice(-8)}`;
  function made(event) {
    const made = line.cloneNode(true);
    const [day, clock] = event.at.replace("Z", "").split("T");
    const person = event.actor.startsWith("user:") ? event.actor.slice(5) : null;
    const actor = person ? short(person) : event.actor.replace("service:", "");
    const told = { ...event, day, clock, actor, short: short(event.aggregate_id), data: JSON.stringify(event.data, null, 2) };
    if (event.traceparent) told.trace = event.traceparent;
    made.querySelector("li").dataset.sequence = event.sequence;
    made.querySelector("time").dateTime = event.at;
    for (const part of made.querySelectorAll("[data-fill]")) part.textContent = told[part.dataset.fill] ?? part.textContent;
    for (const link of made.querySelectorAll("[data-story]")) link.href = `/admin/story/${event[link.dataset.story]}`;
    const link = made.querySelector("[data-person]");
    link.textContent = person ?? actor;
    if (person) link.href = `/admin/people/${person}`;
    return made;
  }

  // Many may come at once, and are drawn together.
  function draw() {
    drawing = false;
    waiting.textContent = heard.length || "";
    if (paused || !heard.length) return;
    find("empty").hidden = true;
    for (const event of heard.splice(0)) lines.prepend(made(event));
    waiting.textContent = "";
    while (lines.children.length > MOST) lines.lastElementChild.remove();
  }
  function take(event) {
    if (event.sequence <= newest) return;
    newest = event.sequence;
    heard.push(event);
    if (heard.length > MOST) heard.shift();
    if (!drawing) requestAnimationFrame(draw);
    drawing = true;
  }

  // What came before the stream was opened, or while it was lost, is asked for: as far back as lines are kept.
  async function catchUp() {
    const missed = [];
    let cursor = "";
    do {
      const answer = await fetch(standing.dataset.list + cursor).catch(() => null);
      if (!answer?.ok) break;
      const { items, next_cursor: next } = await answer.json();
      const unseen = items.filter((event) => event.sequence > newest);
      missed.push(...unseen);
      cursor = next && unseen.length === items.length ? `&cursor=${next}` : "";
    } while (cursor && missed.length < MOST);
    missed.reverse().forEach(take);
  }

  const say = (name) => { standing.textContent = standing.dataset[`says${name}`]; };
  let source, patience = 1000;
  // What comes while it is being asked for what came before.
  let early = [];
  function open() {
    source = new EventSource(standing.dataset.live);
    source.addEventListener("open", async () => {
      patience = 1000;
      say(paused ? "Paused" : "Following");
      const mine = early = [];
      await catchUp();
      // Opened once more meanwhile: then all of this is asked for again.
      if (early !== mine) return;
      early = null;
      mine.forEach(take);
    });
    source.addEventListener("event", ({ data }) => {
      const event = JSON.parse(data);
      if (early) early.push(event); else take(event);
    });
    source.addEventListener("error", () => {
      say("Lost");
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(async () => {
        await fetch("/carry-on", { method: "POST" }).catch(() => {});
        open();
      }, patience);
      patience = Math.min(patience * 2, 60000);
    });
  }

  function set(now) {
    paused = now;
    pause.hidden = paused;
    resume.hidden = !paused;
    (paused ? resume : pause).focus();
    say(paused ? "Paused" : "Following");
    draw();
  }
  pause.addEventListener("click", () => set(true));
  resume.addEventListener("click", () => set(false));
  pause.hidden = false;
  find("reload").hidden = true;
  open();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });
})();
