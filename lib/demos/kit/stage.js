// The stage of a demo: its question, its picture, and over the picture what a hand can move.
// Python decides what everything means (stage.py, touch.py); this file shows it, and tells what the hand does.

const SVG = "http://www.w3.org/2000/svg";
const PATIENCE = 1500; // milliseconds without an answer after which the kernel is said to be busy
const OUTSIDE = 176; // CSS pixels of a window that are not for the picture: JupyterLab's bars, the card's lower edge
const BORDER = 18; // of a card in the full window, above and below
const GONE = "The kernel that moved this picture has ended. Run this cell to bring it to life.";
window.courseWindow ??= String(Math.random()); // one name for all demos in it
const REST = 60; // milliseconds without a new picture after which a sharper one is asked for
let in_hand = null; // of all views of this picture (one may be docked) the one that a hand holds

function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "g", "circle", "rect", "line"].includes(tag);
  const made = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function set(node, name, value) { // what stays as it is costs nothing then
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

export default {
  render({ model, el }) {
    const title = make("div", { class: "course-title" });
    const full = make("button", { type: "button", class: "course-chip course-to-full", title: "F; Esc leaves" });
    const reset = make("button", { type: "button", class: "course-chip" }, "Reset");
    const ask = make("div", { class: "course-ask" });
    const image = make("img", { class: "course-picture", draggable: "false" });
    const marks = make("svg", { class: "course-marks" });
    const tip = make("div", { class: "course-tip", "aria-hidden": "true" });
    const view = make("div", { class: "course-view" }, image, marks, tip);
    const said = make("div", { class: "course-said" });
    const error = make("div", { class: "course-error", role: "alert" });
    const state = make("div", { class: "course-state", role: "status" });
    const presets = make("div", { class: "course-presets", role: "group", "aria-label": "presets" });
    const header = make("div", { class: "course-header" }, title, make("div", { class: "course-tools" }, reset, full));
    el.classList.add("course-stage");
    el.append(header, ask, view, said, error, state, presets);

    // ---- To the kernel: one message under way. Of moves of one thing that wait, the latest wins, or they add up;
    // clicks, picks and removals all count.
    let waiting = null, late;
    const queue = [];
    function merged(earlier, later) { // one message for both, or null where each counts
      const { to } = later;
      if (to !== earlier?.to) return null;
      if (["hover", "size", "preset", "reset"].includes(to)) return later;
      if (later.key !== earlier.key || later.field !== earlier.field) return null;
      if (to === "drag") return later;
      if (to === "draw") return { ...later, places: [...earlier.places, ...later.places] };
      if (to === "stroke") return { ...later, path: [...earlier.path, ...later.path] };
      if (to === "zoom") return later.steps && earlier.steps ? { ...later, steps: earlier.steps + later.steps } : later;
      // Arrows of one direction add up; there and back is not nothing, at the end of a slider or with a pen.
      const alike = ["x", "y"].every((letter) => Math.sign(later[letter]) === Math.sign(earlier[letter]));
      if (to === "key" && alike) return { ...later, x: earlier.x + later.x, y: earlier.y + later.y };
      return null;
    }
    function send(message) {
      if (gone) return;
      if (!waiting) { post(message); return; }
      const both = merged(queue.at(-1), message);
      if (both) queue.splice(-1, 1, both);
      else queue.push(message);
    }
    function post(message) {
      waiting = message;
      el.dataset.waiting = "yes";
      late = setTimeout(() => tell("Waiting for the kernel, which is busy with another cell."), PATIENCE);
      model.send(message);
    }
    function answered() {
      clearTimeout(late);
      tell("");
      waiting = null;
      delete el.dataset.waiting;
      el.dataset.answers = model.get("answers"); // so that a benchmark can count them
      if (queue.length) post(queue.shift());
    }
    function tell(words) {
      state.textContent = gone ? GONE : words;
      for (const chip of [reset, ...presets.children]) chip.disabled = gone;
    }

    // ---- A kernel that has ended is said in one line; the picture stays. A saved notebook may have another kernel,
    // which knows nothing of this picture: then the model (`set` gives it) has no line to a kernel.
    let gone = !model.widget_manager?.kernel || model.set({})?.comm_live === false;
    const { statusChanged: status_changed, disposed } = model.widget_manager?.kernel ?? {};
    const on_status = (_, status) => { if (["restarting", "dead", "terminating"].includes(status)) end(); };
    status_changed?.connect?.(on_status);
    disposed?.connect?.(end); // it was shut down, or another one was chosen
    function end() { gone = true; clearTimeout(late); tell(""); }

    // ---- The picture.
    let url = null, resting;
    function show_picture() {
      const bytes = model.get("picture");
      const old = url;
      url = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
      image.src = url;
      const [width, height] = model.get("shown");
      view.style.width = `${width}px`;
      view.style.aspectRatio = `${width} / ${height}`;
      if (old) image.addEventListener("load", () => URL.revokeObjectURL(old), { once: true });
    }
    function ask_for_sharpness() {
      clearTimeout(resting);
      if (!model.get("sharp")) {
        resting = setTimeout(() => model.send({ to: "rest" }), REST);
      }
    }
    function show_words() {
      title.textContent = model.get("title");
      ask.textContent = model.get("ask");
      ask.hidden = !model.get("ask");
      said.textContent = model.get("said");
      error.textContent = model.get("error");
      image.alt = `${model.get("alt")} ${model.get("said")}`.trim();
      const names = model.get("presets"), current = model.get("preset");
      if (presets.childElementCount !== names.length) {
        presets.replaceChildren(...names.map((name) => {
          const chip = make("button", { type: "button", class: "course-chip" }, name);
          chip.addEventListener("click", () => { drop(); send({ to: "preset", name }); });
          return chip;
        }));
      }
      for (const chip of presets.children) chip.setAttribute("aria-pressed", chip.textContent === current);
    }
    reset.addEventListener("click", () => { drop(); send({ to: "reset" }); });

    // ---- Marks: what can be touched. Places are shares of the picture's width and height.
    let held = null;
    const drawn = new Map();
    function show_marks() {
      // A finger that moves sideways draws; one that moves up or down scrolls the page.
      view.style.touchAction = model.get("fields").some((f) => f.stroke) ? "pan-y pinch-zoom" : "";
      const wanted = model.get("marks"), size = view_size();
      const keys = new Set(wanted.map((mark) => mark.key));
      for (const [key, node] of drawn) if (!keys.has(key)) { node.remove(); drawn.delete(key); }
      if (held?.node && !held.node.isConnected) drop();
      for (const mark of wanted) {
        let node = drawn.get(mark.key);
        if (!node) {
          node = new_mark(mark.key);
          drawn.set(mark.key, node);
          marks.append(node);
        }
        node.mark = mark;
        const is_held = held?.node === node;
        const drags = mark.drag ? " course-drags" : "";
        set(node, "class", `course-mark course-${mark.kind}${drags}${is_held ? " course-held" : ""}`);
        set(node, "aria-label", mark.name);
        set(node, "role", mark.kind === "spot" ? "button" : "slider");
        if (mark.kind !== "spot") set(node, "aria-valuetext", mark.name);
        // What is held stays with the hand in the directions of its drag, and on its curve in the other.
        const follows = (letter) => is_held && mark.drag.includes(letter);
        const at = [follows("x") ? node.at[0] : mark.x, follows("y") ? node.at[1] : mark.y];
        // Where the hand rests, the kernel's word holds: a line has ends.
        const guided = mark.along || mark.around, ahead = is_held && queue.length;
        place(node, !guided ? at : ahead ? on_its_way(mark, at) : [mark.x, mark.y], size);
        if (shown_tip === node) show_tip(node);
      }
    }
    function new_mark(key) {
      const node = make("g", { tabindex: "0" }, make("circle", { r: 11 }), make("line"), make("rect"));
      node.addEventListener("focus", () => {
        show_tip(node);
        if (node.mark.hover && !node.dataset.by_hand) hover({ key });
      });
      node.addEventListener("blur", () => {
        hide_tip();
        delete node.dataset.by_hand;
        if (node.mark.hover) hover();
      });
      node.addEventListener("keydown", (event) => on_key(event, node));
      return node;
    }
    const view_size = () => [view.clientWidth, view.clientHeight]; // read once for all marks: reading is slow
    function place(node, [x, y], [width, height] = view_size()) {
      node.at = [x, y];
      set(node, "transform", `translate(${x * width}, ${y * height})`);
      const w = (node.mark.w ?? 0) * width, h = (node.mark.h ?? 0) * height;
      const is_line = node.mark.kind === "line", shape = is_line ? node.querySelector("line") : node.lastChild;
      const sides = is_line
        ? { x1: -w / 2, y1: -h / 2, x2: w / 2, y2: h / 2 } : { width: w, height: h, x: -w / 2, y: -h / 2 };
      for (const [name, value] of Object.entries(sides)) set(shape, name, `${value}`);
    }
    // The place nearest to a hand on the line or circle that a mark keeps to, as shares of the picture.
    function on_its_way({ x, y, along, around }, hand) {
      if (!along && !around) return hand;
      const size = view_size(), dots = (place) => place.map((v, i) => v * size[i]);
      const [from, to] = [around ?? [x, y], hand].map(dots), way = to.map((v, i) => v - from[i]);
      const radius = around && Math.hypot(...dots([x, y]).map((v, i) => v - from[i]));
      const [dx, dy] = dots(along ?? [0, 0]);
      const [a, b] = around
        ? way.map((v) => (v * radius) / (Math.hypot(...way) || 1))
        : [dx, dy].map((v) => (v * (way[0] * dx + way[1] * dy)) / (dx * dx + dy * dy));
      return [(from[0] + a) / size[0], (from[1] + b) / size[1]];
    }
    let shown_tip = null;
    function show_tip(node) {
      if (node.mark.kind === "pane" && (node.dataset.by_hand || document.activeElement !== node)) return;
      shown_tip = node;
      tip.textContent = node.mark.name;
      const [x, y] = node.at ?? [node.mark.x, node.mark.y];
      tip.style.left = `${100 * x}%`;
      tip.style.top = `${100 * y}%`;
      tip.classList.toggle("course-left", x > 0.5);
      tip.classList.add("course-shown");
    }
    function hide_tip() { shown_tip = null; tip.classList.remove("course-shown"); }

    // ---- The hand: mouse, pen or finger.
    function share(event) {
      const box = view.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    }
    function inside([x, y], what = null) { // the first field there, or the first of which that is true
      return model.get("fields").find((f) =>
        x >= f.left && x <= f.right && y >= f.top && y <= f.bottom && (!what || f[what]));
    }
    function pane_at([x, y]) {
      return [...drawn.values()].find(({ mark }) => mark.kind === "pane"
        && Math.abs(x - mark.x) <= mark.w / 2 && Math.abs(y - mark.y) <= mark.h / 2);
    }
    // Rings of points overlap, and a finger is broad: of those within reach, the one whose middle is nearest.
    function nearest(event) {
      const direct = event.target.closest?.(".course-mark");
      if (direct && direct.mark.kind !== "point") return direct;
      const reach = event.pointerType === "mouse" ? 14 : 26, box = view.getBoundingClientRect();
      let best = direct, least = reach;
      for (const node of drawn.values()) {
        if (node.mark.kind !== "point") continue;
        const far = Math.hypot(
          node.at[0] * box.width - event.clientX + box.left, node.at[1] * box.height - event.clientY + box.top);
        if (far <= least) [best, least] = [node, far];
      }
      return best;
    }
    // What the pointer, or the focus, is over: a mark that asks for it, or a place of a field that does.
    let over = "{}";
    function hover(what = {}) {
      const told = JSON.stringify(what);
      if (told !== over) send({ to: "hover", ...what });
      over = told;
    }
    function look(event, at, node) {
      if (event.pointerType === "touch") return;
      if (node?.mark.hover) hover({ key: node.mark.key });
      else hover(inside(at, "hover") ? { x: at[0], y: at[1] } : {});
    }
    view.addEventListener("pointerleave", () => {
      if (held) return;
      hover();
      if (document.activeElement !== shown_tip) hide_tip();
    });
    // A stroke over empty ground: places one step apart.
    function stroke(at) {
      const fields = model.get("fields"), field = inside(held.at, "stroke");
      if (!field) return;
      const box = view.getBoundingClientRect(), last = held.last ?? held.at;
      const far = Math.hypot((at[0] - last[0]) * box.width, (at[1] - last[1]) * box.height);
      const count = Math.floor(far / field.stroke);
      if (!count) return;
      const path = Array.from({ length: count }, (_, i) => last.map((v, j) => v + ((at[j] - v) * (i + 1)) / count));
      if (!held.last) path.unshift(held.at);
      held.last = at;
      send({ to: "stroke", field: fields.indexOf(field), path: path.filter((p) => inside(p, "stroke") === field) });
    }
    function drop() { // the hand holds nothing any more
      const node = held?.node;
      held = null;
      if (in_hand === el) in_hand = null;
      if (!node) return;
      node.classList.remove("course-held");
      show_marks();
      hide_tip();
      tell_size();
    }
    let pressed = null; // the mark that was pressed last: a captured pointer clicks on none
    view.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || (held && held.pointer !== event.pointerId)) return; // one finger holds at a time
      drop();
      in_hand = el;
      const at = share(event), pointer = event.pointerId, sheet = inside(at, "draws");
      view.setPointerCapture(pointer); // or it could be lifted outside, unheard
      if (sheet) {
        event.preventDefault();
        held = { draws: true, pointer, sheet: model.get("fields").indexOf(sheet) };
        [...drawn.values()].find((node) => node.mark.kind === "pen")?.focus({ preventScroll: true });
        hide_tip();
        send({ to: "draw", field: held.sheet, places: [[...at, true]] });
        return;
      }
      const node = nearest(event);
      pressed = node;
      if (!node) { held = { at, pointer, field: inside(at) }; return; }
      event.preventDefault();
      node.dataset.by_hand = "yes"; // it has the focus, but nobody looks for it by keys
      node.focus({ preventScroll: true });
      const offset = [node.at[0] - at[0], node.at[1] - at[1]];
      held = { node, at, pointer, offset, was: node.mark.was, moved: false };
      node.classList.add("course-held");
    });
    view.addEventListener("touchstart", (event) => { // or the finger would scroll the page
      const { clientX, clientY } = event.touches[0];
      if (inside(share(event.touches[0]), "draws")) { event.preventDefault(); return; }
      const mark = nearest({ target: event.target, clientX, clientY, pointerType: "touch" })?.mark;
      if (mark?.drag && mark.kind !== "pane") event.preventDefault();
    }, { passive: false });
    let spread = 0; // CSS pixels between two fingers
    view.addEventListener("touchmove", (event) => {
      if (event.touches.length !== 2) { spread = 0; return; }
      const [a, b] = event.touches, now = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
      const at = share({ clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 });
      const pane = pane_at(at);
      if (!pane) return;
      event.preventDefault();
      drop();
      spread ||= now;
      const steps = Math.trunc(10 * Math.log(now / spread));
      if (steps) { zoom(pane, steps, at); spread = now; }
    }, { passive: false });
    view.addEventListener("pointermove", (event) => {
      const at = share(event);
      if (!held) {
        const node = nearest(event);
        view.style.cursor = node ? "grab" : inside(at)?.cursor ?? "";
        if (node) show_tip(node);
        else if (document.activeElement !== shown_tip) hide_tip();
        look(event, at, node);
        return;
      }
      if (event.pointerId !== held.pointer) return;
      if (held.draws) {
        const places = event.getCoalescedEvents?.() ?? [];
        const on = (places.length ? places : [event]).map((each) => [...share(each), false]);
        send({ to: "draw", field: held.sheet, places: on });
        return;
      }
      if (!held.node) { stroke(at); return; }
      if (!held.node.mark.drag) return;
      const box = view.getBoundingClientRect();
      const far = Math.hypot((at[0] - held.at[0]) * box.width, (at[1] - held.at[1]) * box.height);
      if (!held.moved && far < 3) return;
      held.moved = true;
      const { drag, field, key, kind } = held.node.mark, limits = model.get("fields")[field];
      if (["number", "line", "pane"].includes(kind)) { // it is turned, and stays in its place
        send({ to: "drag", key, x: at[0] + held.offset[0], y: at[1] + held.offset[1], was: held.was });
        return;
      }
      const clip = (value, low, high) => Math.min(Math.max(value, low), high);
      const x = drag.includes("x") ? clip(at[0] + held.offset[0], limits.left, limits.right) : held.node.at[0];
      const y = drag.includes("y") ? clip(at[1] + held.offset[1], limits.top, limits.bottom) : held.node.at[1];
      place(held.node, on_its_way(held.node.mark, [x, y]));
      show_tip(held.node);
      send({ to: "drag", key, x, y, was: held.was });
    });
    function let_go(event) {
      if (!held || event.pointerId !== held.pointer) return;
      const { node, moved, at, field, last } = held;
      drop();
      if (event.type !== "pointerup") return;
      if (node && !moved) send({ to: "pick", key: node.mark.key });
      else if (!node && !last && field && Math.hypot(...share(event).map((v, i) => v - at[i])) < 0.01) {
        send({ to: "click", x: at[0], y: at[1] });
      }
    }
    view.addEventListener("pointerup", let_go);
    view.addEventListener("pointercancel", let_go);
    // A finger is caught by the mark below it before the view catches it: that loss is none.
    view.addEventListener("lostpointercapture", (event) => { if (event.target === view) let_go(event); });
    view.addEventListener("dblclick", (event) => {
      const node = nearest(event);
      if (node?.mark.removable && node.mark.kind !== "pen") send({ to: "remove", key: node.mark.key });
      else if (pressed?.mark.kind === "pane") zoom(pressed, 0);
    });
    function zoom({ mark }, steps, [x, y] = [mark.x, mark.y]) {
      send({ to: "zoom", key: mark.key, steps, x, y });
    }
    let turned = 0; // of a wheel, in steps; two fingers on a track pad turn it a little at a time
    view.addEventListener("wheel", (event) => {
      const node = event.target.closest?.(".course-mark"), at = share(event), pane = pane_at(at);
      if (event.ctrlKey && pane) {
        event.preventDefault();
        const by = event.deltaY * (event.deltaMode ? 33 : 1);
        turned -= by / (Math.abs(by) < 40 ? 10 : 60);
        if (Math.trunc(turned)) zoom(pane, Math.trunc(turned), at);
        turned -= Math.trunc(turned);
        return;
      }
      // A page that is scrolled over a line shall not turn it.
      if (!node?.mark.wheel || (node.mark.kind === "line" && document.activeElement !== node)) return;
      event.preventDefault();
      send({ to: "key", key: node.mark.key, x: 0, y: event.deltaY < 0 ? 1 : -1 });
    }, { passive: false });

    // ---- Keys.
    const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const is_others = (event) => event.ctrlKey || event.metaKey || event.altKey; // the browser's, or Jupyter's
    function on_key(event, node) {
      if (is_others(event)) return;
      delete node.dataset.by_hand;
      const { mark } = node;
      if (ARROWS[event.key] && mark.drag) {
        const [x, y] = ARROWS[event.key].map((v) => v * (event.shiftKey ? 10 : 1));
        send({ to: "key", key: mark.key, x, y });
      } else if ((event.key === "Delete" || event.key === "Backspace") && mark.removable) {
        drop(); // what has its number then is another one
        send({ to: "remove", key: mark.key });
      } else if (mark.kind === "pane" && "+=-0".includes(event.key)) zoom(node, { "-": -1, 0: 0 }[event.key] ?? 1);
      else if (event.key === "Enter" || event.key === " ") send({ to: "pick", key: mark.key });
      else return;
      event.preventDefault();
      event.stopPropagation();
    }

    // ---- The whole card: full window, presets by a presenter's clicker.
    let card = null;
    function to_full(on) {
      card = el.closest(".course-demo") ?? el;
      card.classList.toggle("course-full", on);
      if (on) { card.setAttribute("popover", "manual"); card.showPopover?.(); card.focus(); }
      else if (card.hasAttribute("popover")) { card.hidePopover?.(); card.removeAttribute("popover"); }
      full.textContent = on ? "Leave" : "Full window";
      document.body.classList.toggle("course-in-full", on); // other pictures hear of it, as of a theme
      tell_size();
    }
    const is_full = () => card?.classList.contains("course-full");
    full.textContent = "Full window";
    full.addEventListener("click", () => to_full(!is_full()));
    function on_card_key(event) {
      if (event.defaultPrevented || is_others(event)) return;
      if (event.target.matches("input:not([type=range], [type=checkbox]), textarea, [contenteditable=true]")) return;
      const names = model.get("presets"), current = names.indexOf(model.get("preset"));
      const turn = { PageDown: 1, PageUp: -1 }[event.key];
      if (event.key === "f" || event.key === "F") to_full(!is_full());
      else if (event.key === "Escape" && is_full()) to_full(false);
      else if (turn && is_full() && names[current + turn]) {
        drop();
        send({ to: "preset", name: names[current + turn] });
      }
      else return;
      event.preventDefault();
      event.stopPropagation();
    }

    // ---- What ipywidgets leaves without a name, for screen readers: a slider's handle and number, the player.
    const PLAYER = { "fa-play": "play", "fa-pause": "pause", "fa-stop": "stop" };
    function name_controls() {
      for (const icon of card.querySelectorAll(".widget-play button > i")) {
        const does = Object.keys(PLAYER).find((name) => icon.classList.contains(name));
        if (does) icon.parentElement.title = PLAYER[does];
      }
      for (const node of card.querySelectorAll(".noUi-handle:not([aria-label]), .widget-readout:not([aria-label])")) {
        const label = node.closest(".widget-slider")?.querySelector(".widget-label")?.textContent;
        if (!label) continue;
        node.setAttribute("aria-label", label);
        if (node.isContentEditable) node.setAttribute("role", "textbox");
      }
    }
    const controls = new MutationObserver(name_controls);

    function is_dark() {
      const jupyters = document.body.dataset.jpThemeLight; // there before the theme's colours are
      if (jupyters) return jupyters === "false";
      const [r, g, b] = getComputedStyle(card).backgroundColor.match(/[\d.]+/g).map(Number);
      return 299 * r + 587 * g + 114 * b < 128000;
    }

    // Jupyter's own shortcuts (d d deletes a cell!) see a key before the demo does, unless its target says no.
    function on_any_key(event) {
      if (!card?.contains(event.target)) return;
      const jupyters = event.ctrlKey || event.metaKey || (event.key === "Enter" && (event.shiftKey || event.altKey));
      event.target.toggleAttribute("data-lm-suppress-shortcuts", !jupyters);
    }
    window.addEventListener("keydown", on_any_key, true);

    // ---- Sizes: the picture is drawn as large as it is shown.
    let told = "", fitted = 0;
    function tell_size() {
      const width = Math.round(el.clientWidth);
      if (!width) return; // not on the page yet, or hidden
      if (in_hand?.isConnected) return; // nothing moves below a hand
      if (!is_full() && document.querySelector(".course-full")) return; // which may be a view of the same picture
      // The sentence keeps the room of its longest words, or the picture would jump with each of them.
      if (width !== fitted) said.style.minHeight = "";
      fitted = width;
      said.style.minHeight = `${said.offsetHeight}px`;
      const end = card.lastElementChild.getBoundingClientRect().bottom - card.getBoundingClientRect().top;
      const passing = state.offsetHeight + error.offsetHeight; // lines that come and go
      const rest = end + card.scrollTop - view.offsetHeight - passing; // the height of what else is on the card
      const height = window.innerHeight - rest - (is_full() ? 2 * BORDER : OUTSIDE);
      const ratio = window.devicePixelRatio || 1, dark = is_dark(), full = is_full();
      const key = [width, Math.round(height / 16), ratio, dark, full].join();
      if (key === told) return;
      told = key;
      send({ to: "size", width, height, ratio, dark, full });
    }
    const themes = new MutationObserver(() => { // JupyterLab notes its theme on the body, and then loads it
      for (const wait of [0, 300, 1500]) setTimeout(tell_size, wait);
    });
    themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
    const sizes = new ResizeObserver(() => { tell_size(); for (const node of drawn.values()) place(node, node.at); });

    // ---- From the kernel.
    const on = {
      "change:picture": () => { show_picture(); ask_for_sharpness(); },
      "change:marks": show_marks,
      "change:answers": answered,
      "comm:close": end,
      "change:title change:ask change:said change:error change:alt change:presets change:preset": show_words,
    };
    for (const [names, does] of Object.entries(on)) for (const name of names.split(" ")) model.on(name, does);

    const start = requestAnimationFrame(() => {
      card = el.closest(".course-demo") ?? el;
      card.setAttribute("tabindex", "-1");
      card.addEventListener("keydown", on_card_key);
      const output = el.closest(".jp-OutputArea-child")?.previousElementSibling;
      if (output?.querySelector("img") && !output.querySelector(".course-stage")) output.classList.add("course-still");
      controls.observe(card, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
      name_controls();
      sizes.observe(el);
      send({ to: "window", name: window.courseWindow });
      tell_size();
      tell("");
      if (model.get("full")) to_full(true);
    });
    show_picture();
    show_words();
    image.addEventListener("load", show_marks, { once: true });

    return () => {
      cancelAnimationFrame(start);
      if (is_full()) document.body.classList.remove("course-in-full");
      status_changed?.disconnect?.(on_status);
      disposed?.disconnect?.(end);
      controls.disconnect();
      sizes.disconnect();
      themes.disconnect();
      clearTimeout(late);
      clearTimeout(resting);
      if (url) URL.revokeObjectURL(url);
      card?.removeEventListener("keydown", on_card_key);
      window.removeEventListener("keydown", on_any_key, true);
    };
  },
};
