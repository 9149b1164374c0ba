// Making elements: made("p", "muted", "Nothing here"); made_help("classes", [["New class", "adds one"]]) -> {button, box}.
(function () {
  "use strict";

  function made(tag, class_name = "", text = "", attributes = {}) {
    const element = document.createElement(tag);
    if (class_name) element.className = class_name;
    if (text) element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    return element;
  }

  function made_button(class_name, text, act, attributes = {}) {
    const button = /** @type {HTMLButtonElement} */ (made("button", class_name, text, attributes));
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  }

  // What the controls of a part do: a "?" and the lines that it shows, [name, words] each. Open ones stay so when their part is drawn anew.
  const open = new Set();
  function made_help(about, lines) {
    const id = `help-${about.toLowerCase().replace(/[^a-z]+/g, "-")}`;
    const box = made("dl", "help-lines", "", { id });
    for (const [name, words] of lines) box.append(made("dt", "", name), made("dd", "", words));
    const attributes = { "aria-label": `Help: ${about}`, title: `What the controls of ${about} do`, "aria-controls": id };
    const button = made_button("btn btn-icon help-ask", "?", () => show(!open.has(id)), attributes);
    function show(wanted) {
      if (wanted) open.add(id);
      else open.delete(id);
      box.hidden = !wanted;
      button.setAttribute("aria-expanded", String(wanted));
    }
    show(open.has(id));
    return { button, box };
  }

  window.trellis = Object.assign(window.trellis || {}, { made, made_button, made_help });
})();
