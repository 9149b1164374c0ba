// Making elements: made("p", "muted", "Nothing here").
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

  window.trellis = Object.assign(window.trellis || {}, { made, made_button });
})();
