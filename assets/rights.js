// What the user who is logged in may not do is out of use, with a sentence why. The server refuses it for itself.
(function () {
  "use strict";
  /** @type {HTMLMetaElement | null} */
  const told = document.querySelector('meta[name="trellis-person"]');
  if (!told) return;
  const person = JSON.parse(told.content);
  const CONTROLS = "button, input, select, textarea";

  document.addEventListener("click", async (event) => {
    if (!event.target.closest("[data-log-out]")) return;
    const answer = await window.fetch(window.trellis.at("/logout"), { method: "POST" });
    if (answer.ok) window.location.assign(window.trellis.at("/login"));
  });

  const words = (need) => `Your role is “${person.role}”; this needs “${need}”. An administrator can give you another.`;

  function of_type(id) {
    if (!id.startsWith("{")) return undefined;
    try {
      return person.types[JSON.parse(id).type];
    } catch {
      return undefined;
    }
  }

  // The role that an element needs and the user does not have; undefined for one that may be used.
  function missing(element) {
    const { act, to, needs } = element.dataset;
    const held = person.acts[`${to} ${act}`] || person.acts[`${to} *`];
    if (act && held) return held;
    if (needs && !person.roles.includes(needs)) return needs;
    return element.id ? person.ids[element.id] || of_type(element.id) : undefined;
  }

  function hold(element, need) {
    if (element.matches(CONTROLS)) {
      if (!element.disabled) element.disabled = true;
      if (element.title !== words(need)) element.title = words(need);
      return;
    }
    element.title = words(need);
    element.classList.add("held-back");
    for (const control of element.querySelectorAll(CONTROLS)) hold(control, need);
  }

  function look(root) {
    if (!(root instanceof window.Element)) return;
    const inside = root.closest(".held-back");
    if (inside) {
      hold(root, missing(inside) || "train");
      return;
    }
    for (const element of [root, ...root.querySelectorAll("[id], [data-act], [data-needs]")]) {
      const need = missing(element);
      if (need) hold(element, need);
    }
  }

  new window.MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") look(change.target);
      else for (const node of change.addedNodes) look(node);
    }
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
  look(document.body);
})();
