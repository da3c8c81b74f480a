// The line in the place of what is closed until there is a guess.

export default {
  render({ model, el }) {
    const words = make("span");
    const state = make("span", { class: "course-state", role: "status" });
    const show = button("Show anyway", () => line.send({ to: "show" }), "course-quiet");
    el.classList.add("course-prediction", "course-closed");
    el.append(words, show, state);
    const line = line_to_kernel(model, (said) => { state.textContent = said; }, () => {
      show.disabled = true;
      state.textContent = GONE;
    });
    const look = () => {
      words.textContent = model.get("words");
      el.hidden = model.get("opened");
    };
    look();
    model.on("change:opened", look);
    const start = requestAnimationFrame(() => hide_still(el));
    return () => { cancelAnimationFrame(start); model.off("change:opened", look); line.stop(); };
  },
};
