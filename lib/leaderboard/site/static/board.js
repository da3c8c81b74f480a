// What the page does beyond what it can without scripts: drops, progress, the live standing, the countdown.
"use strict";

const OWN_SECTIONS = ["you", "hand-in", "entries", "appearance"];
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const byId = (id) => document.getElementById(id);

// --- sections that are fetched again ---------------------------------------------------------------------

/** Takes sections of another page in the place of ours; false where that page has none of them. */
function swap(text, ids) {
  const other = new DOMParser().parseFromString(text, "text/html");
  if (!ids.some((id) => other.getElementById(id))) return false;
  for (const told of other.querySelectorAll("[autofocus]")) told.removeAttribute("autofocus"); // see `tell`
  const active = document.activeElement;
  // Where nothing more can be handed in, a form that is still there would promise it.
  const all = other.querySelector("[data-upload]") ? ids : new Set(["hand-in", "entries", ...ids]);
  for (const id of all) {
    const [now, next] = [byId(id), other.getElementById(id)];
    if (now && next) now.replaceWith(document.adoptNode(next));
  }
  if (!active.isConnected) likeIt(active)?.focus({ preventScroll: true });
  prepare();
  return true;
}

/** The element of the page as it is now that stands where this one stood before. */
function likeIt(element) {
  if (element.id) return byId(element.id);
  const value = element.getAttribute("value");
  return [...document.getElementsByName(element.name)].find((other) => other.getAttribute("value") === value);
}

/** Lets the browser's focus go to what the page says about a form, and a screen reader read it. */
function tell() {
  const told = document.querySelector("[data-told]");
  if (told) told.focus();
}

/** Fetches sections again; where the server cannot be reached, they stay. */
async function refresh(ids) {
  const answer = await fetch("/").catch(() => null);
  if (answer && !swap(await answer.text(), ids)) location.reload();
}

/** Whether somebody is in the middle of the form of the upload. */
function isFilling() {
  const form = document.querySelector("[data-upload]");
  return Boolean(form && (form.file.files.length || form.description.value !== form.description.defaultValue));
}

// --- forms -----------------------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-upload]")) {
    event.preventDefault();
    upload(form);
  } else if (form.matches("[data-swap]")) {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form));
    send(form, body).catch(() => say(form, "The server cannot be reached. Try again."));
  } else if (form.dataset.sent) {
    event.preventDefault(); // a double click would drop the answer to the first one, and its cookie
  } else {
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 5000);
  }
});

async function send(form, body) {
  const answer = await fetch(form.action, { method: "POST", body });
  if (swap(await answer.text(), OWN_SECTIONS)) tell();
  else location.reload();
}

/** An upload with progress, which `fetch` does not tell: the same route, form and answer. */
function upload(form) {
  const [file] = form.file.files;
  if (file.size > form.dataset.most) return say(form, `${file.name} is far longer than a file of predictions.`);
  const request = new XMLHttpRequest();
  const [button, bar] = [form.querySelector("button"), form.querySelector("[data-progress]")];
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  });
  request.addEventListener("loadend", () => (byId("said").textContent = ""));
  request.addEventListener("load", () => {
    if (swap(request.responseText, OWN_SECTIONS)) tell();
    else location.reload();
  });
  request.addEventListener("error", () => {
    button.disabled = false;
    bar.hidden = true;
    say(form, "The server cannot be reached. Send it again: the same upload is taken once.");
  });
  request.open("POST", form.action);
  request.send(new FormData(form));
  button.disabled = true;
  bar.hidden = false;
  byId("said").textContent = "Sending.";
}

/** A sentence of this browser, above a form. */
function say(form, sentence) {
  form.parentElement.querySelector("[data-told]")?.remove();
  const told = document.createElement("p");
  told.className = "told bad";
  told.tabIndex = -1;
  told.dataset.told = "";
  told.textContent = sentence;
  form.before(told);
  told.focus();
}

// --- files that are dropped ------------------------------------------------------------------------------

let deep = 0; // how many elements of the page the dragged file is over
const hasFile = (event) => event.dataTransfer?.types.includes("Files") && document.querySelector("[data-upload]");
document.addEventListener("dragenter", (event) => {
  if (hasFile(event)) document.body.classList.toggle("dropping", ++deep > 0);
});
document.addEventListener("dragleave", (event) => {
  if (hasFile(event)) document.body.classList.toggle("dropping", --deep > 0);
});
document.addEventListener("dragover", (event) => {
  if (hasFile(event)) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  if (!hasFile(event)) return;
  event.preventDefault();
  deep = 0;
  document.body.classList.remove("dropping");
  const form = document.querySelector("[data-upload]");
  if (event.dataTransfer.files.length !== 1) return say(form, "Drop one file at a time.");
  form.file.files = event.dataTransfer.files;
  showChosen(form);
  form.description.focus();
});
document.addEventListener("change", (event) => {
  if (event.target.type === "file") showChosen(event.target.form);
});

function showChosen(form) {
  const [file] = form.file.files;
  byId("said").textContent = file ? `${file.name} is chosen.` : "";
}

// --- what opens over the page closes again ---------------------------------------------------------------

document.addEventListener("click", (event) => {
  const open = document.querySelector(".leave[open]");
  if (open && !open.contains(event.target)) open.open = false;
});
document.addEventListener("keydown", (event) => {
  const open = document.querySelector(".leave[open]");
  if (!open || event.key !== "Escape") return;
  open.open = false;
  open.querySelector("summary").focus();
});

// --- the countdown ---------------------------------------------------------------------------------------

function inWords(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours >= 48) return `${Math.floor(hours / 24)} days`; // until the end, as the server says it
  if (!hours) return minutes ? `${minutes} min` : "less than a minute";
  return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
}

function tick() {
  for (const place of document.querySelectorAll("[data-countdown]")) {
    const left = Math.round((place.until - Date.now()) / 1000);
    const words = inWords(Math.max(left, 0));
    if (place.textContent !== words) place.textContent = words;
    if (left <= 0) {
      delete place.dataset.countdown;
      // Not a thousand at once, and not while somebody fills the form.
      setTimeout(() => refresh(isFilling() ? ["you", "left"] : ["you", "hand-in"]), 1000 + 29000 * Math.random());
    }
  }
}

// --- the live standing -----------------------------------------------------------------------------------

function rowOf([, id, shown, tenths, entries], own) {
  const row = document.createElement("tr");
  const cell = (kind, name, text) => {
    const made = document.createElement(kind);
    made.className = name;
    made.textContent = text;
    row.append(made);
    return made;
  };
  row.id = id;
  row.dataset.tenths = tenths;
  cell("td", "rank", "");
  const name = cell("th", "name", "");
  name.scope = "row";
  const written = document.createElement("bdi");
  written.textContent = shown;
  name.append(written);
  if (own) {
    row.className = "own";
    row.tabIndex = -1;
    const you = document.createElement("span");
    you.className = "you";
    you.textContent = "you";
    name.append(" ", you);
  }
  cell("td", "score", `${Math.floor(tenths / 10)}.${tenths % 10} %`);
  cell("td", "entries", entries);
  return row;
}

/** Takes out the rows that have changed or gone, and puts the changed ones to their places. */
function change(body, { lines, gone }) {
  const own = body.closest("table").dataset.own;
  const before = new Map([...body.rows].map((row) => [row.id, row.getBoundingClientRect().top]));
  const box = body.closest(".box");
  const [focused, top, inner] = [document.activeElement?.id, scrollY, box.scrollTop];
  for (const id of [...gone, ...lines.map((line) => line[1])]) byId(id)?.remove();
  for (const line of lines) body.insertBefore(rowOf(line, line[1] === own), body.rows[line[0]] ?? null);
  let rank = 0;
  [...body.rows].forEach((row, index, rows) => {
    if (!index || row.dataset.tenths !== rows[index - 1].dataset.tenths) rank = index + 1;
    row.cells[0].textContent = rank;
  });
  if (focused && before.has(focused)) byId(focused)?.focus({ preventScroll: true });
  box.scrollTop = inner;
  if (scrollY !== top) scrollTo({ top, behavior: "instant" });
  document.querySelector("[data-empty]")?.remove();
  move(body, before, new Set(lines.map((line) => line[1])));
  showOwn(body, own);
}

/** Lets rows slide from where they were. */
function move(body, before, changed) {
  if (calm.matches) return;
  for (const row of body.rows) {
    const { top, bottom } = row.getBoundingClientRect();
    const from = before.get(row.id);
    if (bottom < -1000 || top > innerHeight + 1000) continue;
    if (from === undefined) row.animate({ opacity: [0, 1] }, 600);
    else if (from !== top) row.animate({ transform: [`translateY(${from - top}px)`, "none"] }, { duration: 500, easing: "ease" });
    if (changed.has(row.id)) row.animate([{ backgroundColor: "var(--good-back)", offset: 0 }], 2500);
  }
}

function showOwn(body, own) {
  const [row, place] = [byId(own), document.querySelector("[data-my-place]")];
  document.querySelectorAll("[data-count]").forEach((count) => (count.textContent = body.rows.length));
  if (!row) return;
  document.querySelector("[data-to-own]").hidden = false;
  // What is new may come from another window, or a terminal.
  if (document.querySelectorAll("table.entries tbody tr").length !== Number(row.cells[3].textContent)
    || !place || document.querySelector("[data-my-score]").textContent !== row.cells[2].textContent) {
    return void refresh(["you", "left", "entries"]);
  }
  document.querySelector("[data-soon]")?.remove();
  place.textContent = row.cells[0].textContent;
  let better = row; // the next one above whose score is higher
  while (better && better.dataset.tenths === row.dataset.tenths) better = better.previousElementSibling;
  document.querySelector("[data-ahead]").textContent = better
    ? `${((better.dataset.tenths - row.dataset.tenths) / 10).toFixed(1)} points behind place ${better.cells[0].textContent}`
    : "";
}

function listen() {
  const body = document.querySelector("tbody[data-live]");
  if (!body) return;
  const source = new EventSource(`/live?since=${encodeURIComponent(body.dataset.live)}`);
  source.addEventListener("standing", (event) => change(body, JSON.parse(event.data)));
  const again = (seconds) => {
    source.close();
    const load = () => (isFilling() ? refresh(["you", "standing", "curve"]).then(listen) : location.reload());
    setTimeout(load, 1000 * seconds * Math.random());
  };
  source.addEventListener("reload", (event) => again(Number(event.data)));
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) again(120); // else the browser itself tries again
  });
}

// --- at the beginning, and after each swap ---------------------------------------------------------------

function prepare() {
  for (const place of document.querySelectorAll("[data-countdown]")) {
    place.until ??= Date.now() + 1000 * Number(place.dataset.countdown);
  }
  const drops = matchMedia("(any-pointer: fine)").matches; // nobody drops a file with a finger
  for (const words of document.querySelectorAll("[data-with-script]")) if (drops) words.textContent = words.dataset.withScript;
  for (const here of document.querySelectorAll("[data-here]")) {
    const time = new Date(here.dataset.here);
    const words = time.toLocaleString("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" });
    if (time.getTimezoneOffset()) here.textContent = ` (${words} where you are)`;
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(byId(button.dataset.copy).value);
    button.textContent = "Copied";
  });
}
prepare();
tick();
setInterval(tick, 1000);
listen();
tell();
if (location.search) history.replaceState(null, "", location.pathname + location.hash); // a reload says nothing twice
