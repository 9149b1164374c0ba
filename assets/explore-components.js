// The components of the mixture: how much each is used and for what; a press shows the images of one alone.
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const PAUSE_MS = 1000; // after a label until the components are asked anew
  const HELP = [
    ["A component", "Shows its images alone; with Ctrl adds or takes away. Symbols of components are hollow, those of classes filled."],
    ["Bars", "Above the weight π that the model gives it, below its usage: how much of the images it is responsible for."],
    ["The word at its end", "The class that claims it, or that it mostly holds. A free one can become a new class's."],
    ["May be a new class", "Strange images without a label share this free component: the button selects them."],
  ];
  let listed = [];
  let timer = 0;

  const element = (tag, name, more = {}) => Object.assign(document.createElement(tag), { className: name, ...more });

  async function load() {
    const model = explore.model;
    if (!model || !explore.points?.meta.components) return;
    try {
      const { components } = await window.trellis.ask(`/explore/${model}/components`);
      if (model !== explore.model) return;
      listed = components;
    } catch {
      return; // the cloud says what is wrong with the model's files
    }
    show();
  }

  function load_soon() {
    window.clearTimeout(timer);
    timer = window.setTimeout(load, PAUSE_MS);
  }

  function show() {
    const place = document.getElementById("explore-components");
    if (!place) return;
    if (!listed.length) {
      place.replaceChildren();
      return;
    }
    const most = Math.max(...listed.flatMap(({ pi, usage }) => [pi, usage]), 1e-9);
    const list = element("ul", "component-list", { ariaLabel: "Components" });
    list.append(...listed.map((component) => row_of(component, most)));
    const key = element("p", "component-key muted", { textContent: "Upper bar: weight π. Lower bar: usage, the mean responsibility." });
    const free = listed.filter((component) => component.free).length;
    const title = element("h2", "mini-title", { textContent: `Components (${listed.length}${free ? `, ${free} free` : ""})` });
    const top = place.querySelector(".component-list")?.scrollTop || 0;
    const help = window.trellis.made_help("components", HELP);
    const head = element("div", "explore-head");
    head.append(title, help.button);
    place.replaceChildren(head, help.box, ...listed.filter(({ strange }) => strange.length).map(maybe_new), list, key);
    list.scrollTop = top;
  }

  function row_of({ number, pi, usage, images, claim, holds, free, open }, most) {
    const words = claim >= 0 ? explore.classes[claim] : !open ? "not opened" : free ? "free" : holds >= 0 ? `mostly ${explore.classes[holds]}` : "no label yet";
    const made = element("button", "component-row", { type: "button" });
    made.title = `Component ${number}: ${images.toLocaleString()} images, π ${(100 * pi).toFixed(1)} %, usage ${(100 * usage).toFixed(1)} %${claim >= 0 ? `, claimed by ${explore.classes[claim]}` : ""}`;
    made.setAttribute("aria-pressed", String(explore.filter?.key === "component" && explore.filter.values.has(number)));
    made.addEventListener("click", (event) => explore.isolate("component", number, event.ctrlKey || event.metaKey || event.shiftKey));
    const bars = element("span", "component-bars", { ariaHidden: "true" });
    for (const share of [pi, usage]) {
      const bar = element("span", "");
      bar.style.width = `${(100 * share) / most}%`;
      bars.append(bar);
    }
    bars.firstElementChild.style.background = "var(--tr-line-strong)";
    bars.lastElementChild.style.background = explore.colour_of_class(number);
    const mark = element("span", "component-name number");
    mark.append(explore.symbol_mark(explore.symbol_of_class(number), explore.colour_of_class(number), true), String(number));
    made.append(mark, bars, element("span", claim >= 0 ? "component-class" : "component-class muted", { textContent: words }));
    const item = element("li", "");
    item.append(made);
    return item;
  }

  function maybe_new({ number, strange }) {
    const made = element("button", "notice component-new", { type: "button" });
    made.textContent = `Component ${number} may be a new class: look at it (${strange.length.toLocaleString()} strange images without a label)`;
    made.addEventListener("click", () => {
      explore.isolate(null, null);
      explore.select(strange);
    });
    return made;
  }

  explore.on("page", () => {
    window.clearTimeout(timer);
    listed = [];
  });
  explore.on("points", load);
  explore.on("labels", (rows) => rows && load_soon());
  for (const event of ["classes", "filter"]) explore.on(event, show);
})();
