// Below the progress of the labelling: have computed what random labelling would reach, with what it takes, how far it is, and a way to cancel.
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const LOOK_MS = 1000;
  const FIRST_DRAWS = 3;
  const ABOUT = "Trains this model's configuration from scratch on labels drawn at random, which the data's true labels answer, and measures the held-out images. You can label on meanwhile, or leave the page.";
  const element = (tag, name, more = {}) => Object.assign(document.createElement(tag), { className: name, ...more });
  let parts = null;
  let standing = null; // {state, words, share, refused, plans}
  let timer = 0;

  function button(text, act) {
    const made = element("button", "btn btn-outline-secondary btn-sm", { type: "button", textContent: text });
    made.addEventListener("click", act);
    return made;
  }

  function build() {
    const place = element("div", "effort-curve");
    const more = element("details", "effort-more");
    const refused = element("p", "effort-words");
    const offer = element("div", "effort-offer");
    const draws = element("select", "form-select form-select-sm", { ariaLabel: "Label draws", title: "More draws tell better how far they differ, and take longer" });
    const budget = element("p", "effort-words", { id: "effort-budget" });
    const start = button("Compute", begin);
    start.setAttribute("aria-describedby", budget.id);
    const row = element("div", "effort-row");
    const going = element("div", "effort-going", { hidden: true });
    const bar = element("progress", "", { max: 1, ariaLabel: "Random labelling" });
    const words = element("span", "");
    const cancel = button("Cancel", () => look({ act: "cancel" }));
    const said = element("p", "effort-words");
    said.setAttribute("role", "status");
    draws.addEventListener("change", show_budget);
    row.append(draws, start);
    offer.append(element("p", "effort-help", { textContent: ABOUT }), budget, row);
    more.append(element("summary", "", { textContent: "Compare with random labelling" }), refused, offer);
    more.addEventListener("toggle", () => more.open && look());
    going.append(bar, words, cancel);
    place.append(more, going, said);
    return { place, more, refused, offer, draws, budget, start, going, bar, words, cancel, said };
  }

  async function look(asked) {
    window.clearTimeout(timer);
    const model = explore.model;
    if (!model || !parts) return;
    const before = standing;
    try {
      const found = await window.trellis.ask(`/explore/${model}/curve`, asked);
      if (model !== explore.model) return;
      standing = found;
    } catch (error) {
      if (model !== explore.model) return;
      // a server that is away for a moment goes on computing when it is back, or has forgotten it
      if (before?.state === "under way" && error.code === "away") timer = window.setTimeout(look, 5 * LOOK_MS);
      else standing = { ...(before || { refused: "", plans: [] }), state: "failed", words: error.message };
    }
    show(before);
    if (standing?.state === "under way") timer = window.setTimeout(look, LOOK_MS);
  }

  function show(before) {
    if (!standing) return;
    const { state, words, share, refused, plans } = standing;
    const on = state === "under way";
    const was = before?.state === "under way";
    const held = parts.place.contains(document.activeElement);
    parts.going.hidden = !on;
    parts.more.hidden = on;
    parts.refused.textContent = refused;
    parts.refused.hidden = !refused;
    parts.offer.hidden = Boolean(refused);
    if (on) {
      parts.words.textContent = `Random labelling: ${words}`;
      if (share === null) parts.bar.removeAttribute("value");
      else parts.bar.value = share;
    }
    const now = parts.draws.value || String(FIRST_DRAWS);
    parts.draws.replaceChildren(...plans.map((plan) => new Option(`${plan.draws} draws`, plan.draws, false, String(plan.draws) === now)));
    show_budget();
    if (state === "failed") parts.said.textContent = words;
    else if (on && !was) parts.said.textContent = "";
    else if (was && !on) parts.said.textContent = state === "done" ? "Random labelling is computed." : "Stopped. What was trained is kept.";
    if (held && on !== was) (on ? parts.cancel : parts.more.querySelector("summary")).focus();
    if (on && share !== before?.share || was && !on) explore.tell("curve");
  }

  const chosen = () => standing?.plans.find((plan) => String(plan.draws) === parts.draws.value);

  function show_budget() {
    const plan = chosen();
    parts.budget.textContent = plan ? plan.words : "";
    parts.start.textContent = plan && plan.left < plan.trainings ? "Go on" : "Compute";
    parts.start.disabled = !plan || !plan.left;
  }

  function begin() {
    parts.cancel.focus();
    look({ act: "begin", draws: Number(parts.draws.value) });
  }

  // The part of the progress that this script keeps.
  explore.effort_curve = () => (parts ??= build()).place;

  explore.on("page", () => {
    window.clearTimeout(timer);
    standing = null;
    parts = null;
    if (!explore.model) return;
    explore.effort_curve();
    look();
  });
})();
