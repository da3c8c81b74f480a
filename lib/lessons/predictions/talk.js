// What the two widgets of predictions share; Python puts it before card.js and closed.js.

const SVG = "http://www.w3.org/2000/svg";
const PATIENCE = 1500; // milliseconds without an answer after which the kernel is said to be busy
const GONE = "The kernel has ended. Run this cell to guess.";

function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "g", "circle", "line", "path", "rect", "text"].includes(tag);
  const made = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function button(words, does, kind = "") {
  const made = make("button", { type: "button", class: `course-chip ${kind}` }, words);
  made.addEventListener("click", does);
  return made;
}

// The line to the kernel. `send` tells it something; `status(words)` is called with what there is to say of it,
// and `ended()` once when it is gone: a saved notebook may have another kernel, which knows nothing of this card.
function line_to_kernel(model, status, ended) {
  let gone = false, late;
  const { statusChanged: changed, disposed } = model.widget_manager?.kernel ?? {};
  const on_status = (_, now) => { if (["restarting", "dead", "terminating"].includes(now)) end(); };
  function end() {
    clearTimeout(late);
    if (gone) return;
    gone = true;
    ended();
  }
  const answered = () => { clearTimeout(late); status(""); };
  changed?.connect?.(on_status);
  disposed?.connect?.(end);
  model.on("change:answers", answered);
  model.on("comm:close", end);
  if (!model.widget_manager?.kernel || model.set({})?.comm_live === false) end();
  return {
    send(message) {
      if (gone) return;
      clearTimeout(late);
      late = setTimeout(() => status("Waiting for the kernel, which is busy with another cell."), PATIENCE);
      model.send(message);
    },
    stop() {
      clearTimeout(late);
      model.off("change:answers", answered);
      model.off("comm:close", end);
      changed?.disconnect?.(on_status);
      disposed?.disconnect?.(end);
    },
  };
}

// The text that stands in a page without widgets is hidden where they live.
function hide_still(el) {
  const still = el.closest(".jp-OutputArea-child")?.previousElementSibling;
  if (still?.querySelector(".course-asked")) still.classList.add("course-still");
}

// Jupyter's own shortcuts (d d deletes a cell!) see a key before the card does, unless its target says no.
function keep_keys(el) {
  const on_key = (event) => {
    if (!el.contains(event.target)) return;
    const jupyters = event.ctrlKey || event.metaKey || (event.key === "Enter" && (event.shiftKey || event.altKey));
    event.target.toggleAttribute("data-lm-suppress-shortcuts", !jupyters);
  };
  window.addEventListener("keydown", on_key, true);
  return () => window.removeEventListener("keydown", on_key, true);
}

// Markdown and LaTeX, by Jupyter's own renderer; elsewhere the text as it is typed.
async function show_text(node, text, manager) {
  const registry = manager?.rendermime;
  try {
    const renderer = registry.createRenderer("text/markdown");
    await renderer.renderModel(registry.createModel({ data: { "text/markdown": text } }));
    node.replaceChildren(renderer.node);
    await registry.latexTypesetter?.typeset(renderer.node); // the renderer does so only on a page
  } catch {
    node.textContent = text.replaceAll("**", "");
  }
}
