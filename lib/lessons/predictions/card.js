// The card of a prediction. Python knows the truth (card.py); this file asks, and shows what Python tells.

const RAISED = Object.fromEntries([..."-0123456789"].map((sign, k) => [sign, [..."⁻⁰¹²³⁴⁵⁶⁷⁸⁹"][k]]));
const values = { // of a scale: from a place, 0 to 1, to a number, and how it is written
  at: ({ low, high, log }, share) => (log ? low * (high / low) ** share : low + share * (high - low)),
  share: ({ low, high, log }, value) =>
    (log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low)),
  words: ({ unit }, value) => {
    const size = Math.abs(value), plain = value === 0 || (size >= 1e-3 && size < 1e6);
    const [factor, power] = value.toExponential(1).split("e");
    const raised = String(Number(power)).replace(/./g, (sign) => RAISED[sign]);
    const text = plain ? String(Number(value.toPrecision(3))) : `${Number(factor)}·10${raised}`;
    return `${text.replace("-", "−").replace(/^1·/, "")} ${unit}`.trim();
  },
};

export default {
  render({ model, el }) {
    const form = model.get("form"), manager = model.widget_manager;
    const heading = make("div", { class: "course-title" }, "Guess first");
    const question = make("div", { class: "course-question", id: unique() });
    const input = make("div", { class: "course-guess" });
    const error = make("div", { class: "course-error", role: "alert" });
    const state = make("div", { class: "course-state" });
    const outcome = make("div", { class: "course-outcome", tabindex: "-1" });
    const said = make("div", { class: "course-said", role: "status", "aria-live": "polite" });
    const commit = button("That is my guess", () => tell(), "course-main");
    const anyway = button("Show anyway", () => line.send({ to: "show" }), "course-quiet");
    const buttons = make("div", { class: "course-buttons" }, commit, anyway);
    el.classList.add("course-prediction");
    el.setAttribute("role", "group");
    el.setAttribute("aria-labelledby", question.id);
    el.append(heading, question, input, error, buttons, state, outcome, said);

    const asked = KINDS[form.kind](form, question.id, tell);
    input.append(asked.node);
    function tell() {
      const guess = asked.guess();
      error.textContent = guess === null ? asked.missing : "";
      if (guess !== null) { mine = true; line.send({ to: "guess", guess }); }
    }

    let mine = false; // whether this view told the guess: the keyboard's place moves on then
    const is_told = () => Object.keys(model.get("outcome")).length > 0;
    const line = line_to_kernel(model, (words) => { state.textContent = words; }, () => {
      for (const each of [...buttons.children, ...input.querySelectorAll("input")]) each.disabled = true;
      if (!is_told()) state.textContent = GONE;
    });
    function look() {
      const told = is_told();
      input.hidden = buttons.hidden = told;
      outcome.hidden = !told;
      heading.textContent = told ? "Your guess and the truth" : "Guess first";
      if (told && !model.get("guess")) heading.textContent = "The truth, shown without a guess";
      if (!told) return;
      state.textContent = "";
      outcome.replaceChildren(OUTCOMES[form.kind](form, model.get("outcome")));
      show_text(said, model.get("said"), manager);
      if (mine || buttons.contains(document.activeElement)) outcome.focus({ preventScroll: true });
    }
    const wrong = () => { error.textContent = model.get("error"); };

    show_text(question, model.get("question"), manager);
    look();
    wrong();
    const on = { "change:outcome": look, "change:error": wrong }; // the words come with the outcome
    for (const [name, does] of Object.entries(on)) model.on(name, does);
    const free_keys = keep_keys(el);
    const start = requestAnimationFrame(() => hide_still(el));
    return () => {
      cancelAnimationFrame(start);
      free_keys();
      line.stop();
      for (const [name, does] of Object.entries(on)) model.off(name, does);
    };
  },
};

let count = 0;
function unique() { return `course-prediction-${Math.random().toString(36).slice(2)}-${count++}`; }

// ---- What is asked: each kind gives a node, guess() (null where nothing was done), and what is missing then.

const KINDS = {
  number: typed,
  numbers: typed,
  slider,
  choice,
  sketch,
};

function typed(form, question, tell) {
  const fields = form.parts.map((part) => {
    const field = make("input", {
      type: "text", autocomplete: "off", spellcheck: "false", class: "course-field",
      "aria-describedby": question,
    });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      tell();
    });
    const label = make("label", { class: "course-label" }, make("span", {}, part || "Your guess"), field);
    if (form.unit) label.append(make("span", {}, form.unit));
    return [field, label];
  });
  const hint = make("div", { class: "course-hint" }, fields.length > 1 ? `each ${form.range}` : form.range);
  const node = make("div", { class: "course-fields" }, ...fields.map(([, label]) => label), hint);
  return {
    node,
    missing: form.parts.length > 1 ? "Type a number in each field first." : "Type a number first.",
    guess() {
      const texts = fields.map(([field]) => field.value.trim());
      if (texts.some((text) => !text)) return null;
      return form.kind === "number" ? texts[0] : texts;
    },
  };
}

function slider(form, question) {
  let touched = false;
  const last = form.log ? 200 : Math.round((form.high - form.low) / form.step);
  const handle = make("input", {
    type: "range", min: 0, max: last, step: 1, value: Math.round(last / 2), class: "course-slider", "aria-labelledby": question,
  });
  const value = () => {
    if (!form.log) return Number((form.low + handle.value * form.step).toPrecision(12));
    return Number(values.at(form, handle.value / last).toPrecision(2));
  };
  const readout = make("div", { class: "course-readout", "aria-hidden": "true" }, "?"); // the handle says it, too
  const show = () => {
    const words = values.words(form, value());
    readout.textContent = touched ? words : "?";
    handle.setAttribute("aria-valuetext", touched ? words : `${words}, not yet set`);
    handle.classList.toggle("course-untouched", !touched);
  };
  for (const event of ["input", "change", "pointerup"]) {
    handle.addEventListener(event, () => { touched = true; show(); });
  }
  handle.addEventListener("keydown", (event) => {
    if (event.key.startsWith("Arrow") || [" ", "Home", "End"].includes(event.key)) { touched = true; show(); }
  });
  show();
  const track = make("div", { class: "course-track" }, handle, ticks(form.ticks));
  return {
    node: make("div", { class: "course-sliding" }, track, readout),
    missing: "Move the handle first.",
    guess: () => (touched ? value() : null),
  };
}

function ticks(list) {
  const marks = list.map(({ at, text }) => {
    const place = at > 0.99 ? "course-tick course-end" : "course-tick";
    return make("span", { class: place, style: `left: ${100 * at}%` }, text);
  });
  return make("div", { class: "course-ticks", "aria-hidden": "true" }, ...marks);
}

function choice(form, question) {
  const name = unique();
  const node = make("div", { class: "course-options", role: "radiogroup", "aria-labelledby": question });
  for (const option of form.options) {
    const radio = make("input", { type: "radio", name, value: option });
    node.append(make("label", { class: "course-option" }, radio, make("span", {}, option)));
  }
  return {
    node,
    missing: "Choose one first.",
    guess: () => node.querySelector("input:checked")?.value ?? null,
  };
}

// ---- A field with two axes, as wide as its place. `draw(frame)` adds to it; frame.x and frame.y turn shares into pixels.

function field(form, name, draw) {
  const view = make("svg", { class: "course-sketch", ...name });
  const node = make("div", { class: "course-sheet" }, view);
  const frame = { view };
  const redraw = () => {
    const width = node.clientWidth;
    if (!width) return;
    const letters = parseFloat(getComputedStyle(node).fontSize);
    const longest = Math.max(...form.y.ticks.map(({ text }) => text.length));
    const last = Math.max(1, ...form.x.ticks.filter(({ at }) => at > 0.95).map(({ text }) => 0.34 * text.length)); // half of it
    Object.assign(frame, { left: (2.4 + 0.62 * longest) * letters, bottom: 3.3 * letters, right: last * letters, top: letters, letters });
    const height = Math.min(Math.max(0.5 * width, 230), 26 * letters);
    frame.width = width - frame.left - frame.right;
    frame.height = height - frame.top - frame.bottom;
    frame.x = (share) => frame.left + share * frame.width;
    frame.y = (share) => frame.top + (1 - share) * frame.height;
    const had_focus = view.contains(document.activeElement);
    view.setAttribute("width", width);
    view.setAttribute("height", height);
    const axes = make("g", { "aria-hidden": "true", class: "course-axes" });
    const few = frame.width < 24 * letters;
    for (const { at, text } of form.x.ticks.filter((_, k) => !few || k % 2 === 0)) {
      axes.append(make("line", { x1: frame.x(at), x2: frame.x(at), y1: frame.y(0), y2: frame.y(1) }));
      axes.append(make("text", { x: frame.x(at), y: frame.y(0) + 1.2 * letters, "text-anchor": "middle" }, text));
    }
    for (const { at, text } of form.y.ticks) {
      axes.append(make("line", { x1: frame.x(0), x2: frame.x(1), y1: frame.y(at), y2: frame.y(at) }));
      axes.append(make("text", { x: frame.left - 8, y: frame.y(at) + 0.35 * letters, "text-anchor": "end" }, text));
    }
    axes.append(make("rect", { x: frame.left, y: frame.top, width: frame.width, height: frame.height }));
    const label = ({ label: words, unit }) => (unit ? `${words} (${unit})` : words);
    axes.append(make("text", {
      x: frame.x(0.5), y: frame.y(0) + 2.6 * letters, "text-anchor": "middle", class: "course-axis",
    }, label(form.x)));
    const [x, y] = [0.95 * letters, frame.y(0.5)];
    axes.append(make("text", {
      x, y, transform: `rotate(-90 ${x} ${y})`, "text-anchor": "middle", class: "course-axis",
    }, label(form.y)));
    view.replaceChildren(axes);
    draw(frame);
    if (had_focus) view.querySelector('[tabindex="0"]')?.focus();
  };
  new ResizeObserver(redraw).observe(node);
  return { node, frame, redraw };
}

function path(frame, places) {
  return places.map(([x, y], k) => `${k ? "L" : "M"}${frame.x(x).toFixed(1)} ${frame.y(y).toFixed(1)}`).join("");
}

function sketch(form, question) {
  const last = form.points - 1, heights = Array(form.points).fill(0.5), set = new Set();
  let touched = false, current = 0, drawn = [], line = null;
  const place = (k) => [k / last, heights[k]];
  function put(k, height) { // points that nobody has set follow: straight between two that are, level beyond
    heights[k] = height;
    set.add(k);
    touched = true;
    const known = [...set].sort((a, b) => a - b);
    for (let i = 0; i <= last; i++) {
      if (set.has(i)) continue;
      const right = known.find((j) => j > i), left = known.findLast((j) => j < i);
      const share = left === undefined ? 1 : right === undefined ? 0 : (i - left) / (right - left);
      heights[i] = (1 - share) * (heights[left] ?? 0) + share * (heights[right] ?? 0);
    }
  }
  const sheet = field(form, { role: "group", "aria-labelledby": question }, (frame) => {
    line = make("path", { class: "course-yours" });
    frame.view.append(line);
    drawn = heights.map((_, k) => {
      const node = make("g", { role: "slider", class: "course-point", "aria-orientation": "vertical" },
        make("circle", { r: 14 }), make("circle", { r: 6, class: "course-dot" }));
      node.addEventListener("keydown", (event) => on_key(event, k));
      node.addEventListener("focus", () => { current = k; show(); });
      frame.view.append(node);
      return node;
    });
    show();
  });
  function show() {
    const { frame } = sheet;
    line.setAttribute("d", path(frame, heights.map((_, k) => place(k))));
    frame.view.classList.toggle("course-untouched", !touched);
    drawn.forEach((node, k) => {
      const [x, y] = place(k), value = values.at(form.y, y);
      node.setAttribute("transform", `translate(${frame.x(x)}, ${frame.y(y)})`);
      node.setAttribute("tabindex", k === current ? "0" : "-1");
      node.setAttribute("aria-label", `${form.y.label} at ${form.x.label} ${values.words(form.x, values.at(form.x, x))}`);
      const numbers = { min: 0, max: 100, now: Math.round(100 * y), text: values.words(form.y, value) }; // of 1e-12 axe knows nothing
      for (const [name, number] of Object.entries(numbers)) node.setAttribute(`aria-value${name}`, number);
    });
  }
  function on_key(event, k) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const up = { ArrowUp: 1, ArrowDown: -1, PageUp: 5, PageDown: -5 }[event.key];
    const side = { ArrowLeft: k - 1, ArrowRight: k + 1, Home: 0, End: last }[event.key];
    if (up) {
      put(k, Math.min(Math.max(heights[k] + (up * (event.shiftKey ? 5 : 1)) / 50, 0), 1));
      show();
    } else if (side !== undefined) drawn[side]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  // The hand draws: all points between its last place and this one follow.
  let hand = null;
  const { view } = sheet.frame;
  const share = (event) => {
    const box = view.getBoundingClientRect(), { frame } = sheet;
    const clip = (value) => Math.min(Math.max(value, 0), 1);
    return [clip((event.clientX - box.left - frame.left) / frame.width),
      clip(1 - (event.clientY - box.top - frame.top) / frame.height)];
  };
  view.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    view.setPointerCapture(event.pointerId);
    hand = share(event);
    put(Math.round(hand[0] * last), hand[1]);
    drawn[Math.round(hand[0] * last)].focus({ preventScroll: true });
    show();
  });
  view.addEventListener("pointermove", (event) => {
    if (!hand) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) {
      const [x, y] = share(each), [from, to] = [Math.min(x, hand[0]), Math.max(x, hand[0])];
      for (let k = 0; k <= last; k++) {
        const at = k / last;
        if (at < from || at > to) continue;
        put(k, x === hand[0] ? y : hand[1] + ((at - hand[0]) / (x - hand[0])) * (y - hand[1]));
      }
      const near = Math.round(x * last);
      if (Math.abs(near / last - x) < 0.15 / last) put(near, y);
      hand = [x, y];
    }
    show();
  });
  for (const name of ["pointerup", "pointercancel"]) view.addEventListener(name, () => { hand = null; });
  const hint = make("div", { class: "course-hint" },
    "Draw with mouse or finger · by keys: Tab to the curve, ← and → choose a point, ↑ and ↓ move it");
  return {
    node: make("div", {}, sheet.node, hint),
    missing: "Draw your curve first.",
    guess: () => (touched ? heights.map((y) => values.at(form.y, y)) : null),
  };
}

// ---- What is told: guess and truth beside each other.

const OUTCOMES = { number: scales, numbers: scales, slider: scales, choice: options_told, sketch: curves_told };
const NAMES = { guess: "your guess", truth: "truth" };

function scales(form, { rows, ticks: below }) {
  const made = rows.map(({ label, marks }) => {
    const track = make("div", { class: "course-scale", role: "img" });
    const told = marks.map(({ of, text }) => `${NAMES[of]}: ${text}`).join(", ");
    track.setAttribute("aria-label", [label, told].filter(Boolean).join(": "));
    for (const { of, at, text } of marks) {
      const words = make("span", { class: `course-told course-${of}`, style: `--at: ${at}` }, `${NAMES[of]} ${text}`);
      track.append(make("span", { class: `course-tip-mark course-${of}`, style: `--at: ${at}` }), words);
    }
    const name = label ? [make("div", { class: "course-part" }, label)] : [];
    return make("div", { class: "course-row" }, ...name, make("div", { class: "course-track" }, track, ticks(below)));
  });
  return make("div", { class: "course-rows" }, ...made);
}

function options_told(form, { marks }) {
  const list = make("ul", { class: "course-options" });
  form.options.forEach((option, k) => {
    const right = marks[k].includes("truth"), yours = marks[k].includes("guess");
    const sign = right ? "✓" : yours ? "✗" : "";
    const tags = [right && "right", yours && "your guess"].filter(Boolean).join(", ");
    const item = make("li", { class: `course-option${right ? " course-right" : ""}${yours ? " course-yours" : ""}` },
      make("span", { class: "course-sign", "aria-hidden": "true" }, sign), make("span", {}, option));
    if (tags) item.append(make("span", { class: "course-tag" }, tags));
    list.append(item);
  });
  return list;
}

function curves_told(form, { guess, truth, alt }) {
  const sheet = field(form, { role: "img", "aria-label": alt }, (frame) => {
    if (guess) {
      const places = guess.map((y, k) => [k / (guess.length - 1), y]);
      frame.view.append(make("path", { class: "course-yours", d: path(frame, places) }));
      for (const [x, y] of places) {
        frame.view.append(make("circle", { class: "course-dot", r: 4, cx: frame.x(x), cy: frame.y(y) }));
      }
    }
    frame.view.append(make("path", { class: "course-true", d: path(frame, truth) }));
  });
  const key = (kind, words) => make("span", { class: "course-key" },
    make("svg", { width: 34, height: 10, "aria-hidden": "true" }, make("path", { class: kind, d: "M1 5H33" })), words);
  const keys = [...(guess ? [key("course-yours", "your guess")] : []), key("course-true", "truth")];
  return make("div", {}, make("div", { class: "course-keys" }, ...keys), sheet.node);
}
