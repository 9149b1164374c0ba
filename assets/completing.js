// A box for expressions (`data-completes`: pairs of key and title around an input): names of columns are completed as they are typed.
(function () {
  "use strict";
  const MOST = 8;
  const WORDS = /[\p{L}\p{N}_.:-]+(?: [\p{L}\p{N}_.:-]+)*$/u;
  const KEYWORDS = /^(?:and|or|not|in|is|contains|empty)$/iu;
  let list = null;
  let at = -1;

  // What stands before the caret and may be the beginning of a name: the longest run of words that a name begins with.
  function begun(input, names) {
    const before = input.value.slice(0, input.selectionStart);
    const quotes = before.split('"').length - 1;
    const found = quotes % 2 ? null : WORDS.exec(before);
    if (!found || found[0].length === 0) return null;
    const words = found[0].split(" ");
    for (let first = 0; first < words.length; first += 1) {
      const typed = words.slice(first).join(" ");
      if (KEYWORDS.test(words[first]) && words.length - first > 1) continue;
      const wanted = typed.toLowerCase();
      const own = names.filter(([key, title]) => key.toLowerCase().startsWith(wanted) || title.toLowerCase().startsWith(wanted));
      const within = wanted.length > 2 ? names.filter((name) => !own.includes(name) && name.some((text) => text.toLowerCase().includes(wanted))) : [];
      const fit = [...own, ...within];
      if (fit.length && !fit.some(([key]) => key.toLowerCase() === wanted)) return { start: before.length - typed.length, fit: fit.slice(0, MOST) };
    }
    return null;
  }

  function close(input) {
    if (list) list.remove();
    list = null;
    at = -1;
    if (input) {
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }
  }

  function write(input, text, caret) {
    const setter = Object.getOwnPropertyDescriptor(window.HTMLInputElement.prototype, "value").set;
    setter.call(input, text);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.setSelectionRange(caret, caret);
  }

  function take(input, start, name) {
    const rest = input.value.slice(input.selectionStart);
    const text = `${input.value.slice(0, start)}${name}${rest.startsWith(" ") ? "" : " "}`;
    close(input);
    write(input, text + rest, start + name.length + 1);
    close(input);
  }

  function mark(input, place) {
    at = place;
    [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === at)));
    if (at >= 0) input.setAttribute("aria-activedescendant", list.children[at].id);
    else input.removeAttribute("aria-activedescendant");
  }

  function show(host, input) {
    close(input);
    const found = begun(input, JSON.parse(host.dataset.completes));
    if (!found) return;
    list = document.createElement("ul");
    list.className = "completions";
    list.id = `${input.id}-completions`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Columns");
    found.fit.forEach(([key, title], n) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${n}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      const name = document.createElement("b");
      name.textContent = key;
      item.append(name, title.toLowerCase() === key.toLowerCase() ? "" : ` ${title}`);
      // Before the input loses the focus, which would send what stands in it.
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
        take(input, found.start, key);
      });
      item.dataset.key = key;
      list.append(item);
    });
    list.dataset.start = String(found.start);
    host.append(list);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "true");
  }

  function boxed(event) {
    const host = event.target instanceof window.HTMLInputElement && event.target.closest("[data-completes]");
    return host ? { host, input: /** @type {HTMLInputElement} */ (event.target) } : null;
  }

  document.addEventListener("input", (event) => {
    const box = boxed(event);
    if (box && event.isTrusted) show(box.host, box.input);
  });
  document.addEventListener("focusout", (event) => {
    const box = boxed(event);
    if (box) close(box.input);
  });
  document.addEventListener(
    "keydown",
    (event) => {
      const box = list && boxed(event);
      if (!box) return;
      const count = list.children.length;
      if (event.key === "ArrowDown") mark(box.input, (at + 1) % count);
      else if (event.key === "ArrowUp") mark(box.input, (at + count - (at < 0 ? 0 : 1)) % count);
      else if (event.key === "Escape") close(box.input);
      else if (event.key === "Tab" && !event.shiftKey) take(box.input, Number(list.dataset.start), list.children[Math.max(at, 0)].dataset.key);
      else if (event.key === "Enter" && at >= 0) take(box.input, Number(list.dataset.start), list.children[at].dataset.key);
      else {
        if (event.key === "Enter") close(box.input);
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
})();
