// The keys of the Explore page: each class has one, or two letters where first letters clash; the others move, clear, undo.
//
// explore.keys_of(class number) -> "7", "c" or "ca"; explore.next(step) goes to another image: +1 the next one, -1 the one before,
// "down" and "up" a row of the grid. What is next, the view in charge says: explore.movers[explore.view], a {move(by, extend), label(value),
// keep()}; label and keep may be left out, and say whether they did all that is to be done.
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const TAKEN = new Set(["n", "y", "z", "g"]);
  const WAIT_MS = 1500;
  const LED_MS = 1200; // as in shell.js
  const MANY = 200;
  let led = 0;
  let keys = [];
  let begun = "";
  let timer = 0;

  // One key a class: the digit that it is named by or numbered with; else its first letter, and one more where classes share it. A digit
  // stays with its class whatever that is called later: `first` are the names that count for digits.
  function keys_for(names, first_names = names) {
    const found = names.map((name, at) => /^\s*\d?\s*$/.exec(first_names[at] ?? name)?.[0].trim() ?? "");
    found.forEach((digit, at) => {
      if (digit && found.indexOf(digit) < at) found[at] = ""; // a class that came later has another key
    });
    const digits = new Set(found.filter(Boolean));
    const letters = names.map((name) => [...name.normalize("NFD").toLowerCase()].filter((c) => c >= "a" && c <= "z"));
    const first = letters.map((own, at) => (found[at] ? "" : own.find((c) => !TAKEN.has(c)) || ""));
    const unused = [..."abcdefghijklmopqrstuvwx"].filter((c) => !TAKEN.has(c) && !first.includes(c));
    names.forEach((_, at) => {
      if (found[at] || first[at]) return;
      if (at < 10 && !digits.has(String(at))) {
        found[at] = String(at);
        digits.add(found[at]);
      } else first[at] = unused.shift() || "";
    });
    const sharing = new Map();
    first.forEach((c, at) => c && sharing.set(c, [...(sharing.get(c) || []), at]));
    for (const [c, group] of sharing) {
      const seconds = new Set();
      for (const at of group) {
        const own = [...letters[at].slice(letters[at].indexOf(c) + 1), ..."abcdefghijklmnopqrstuvwxyz"];
        const second = group.length > 1 ? own.find((letter) => !seconds.has(letter)) : "";
        if (second === undefined) continue;
        seconds.add(second);
        found[at] = c + second;
      }
    }
    return found;
  }

  // The classes that take labels, by number.
  const open_classes = () => [...explore.classes.keys()].filter((number) => !explore.merged.has(number));

  // A digit means the class of that number, too, where no class is named by it.
  function class_of(typed) {
    const exact = keys.indexOf(typed);
    if (exact >= 0) return exact;
    return /^\d$/.test(typed) && open_classes().includes(Number(typed)) ? Number(typed) : -1;
  }

  function forget_begun() {
    window.clearTimeout(timer);
    begun = "";
    explore.tell("begun", "");
  }

  // Whether a letter labels, or begins what labels.
  function typed_letter(letter) {
    const typed = begun + letter;
    const found = class_of(typed);
    if (found >= 0) {
      if (begun) forget_begun();
      give(found);
      return true;
    }
    if (keys.some((key) => key.length > typed.length && key.startsWith(typed))) {
      begun = typed;
      window.clearTimeout(timer);
      timer = window.setTimeout(forget_begun, WAIT_MS);
      explore.tell("begun", begun);
      return true;
    }
    if (begun) {
      forget_begun();
      return typed_letter(letter);
    }
    return false;
  }

  const mover = () => explore.movers[explore.view] || null;

  // Labels what is looked at, or clears it, and goes on.
  function give(value) {
    const own = mover();
    if (own && own.label && own.label(value)) return;
    if (explore.current === null) {
      next(1);
      return;
    }
    const row = explore.current;
    explore.label([row], value, explore.proposal_of ? explore.proposal_of(row) : null);
    if (value !== null) next(1);
  }

  // Labels many at once; more than a few hundred only after a yes.
  async function give_many(rows, value) {
    const other = rows.filter((row) => explore.labels.has(row) && explore.labels.get(row) !== value).length;
    const count = rows.length.toLocaleString();
    const lost = other && value !== null ? ` ${other === 1 ? "One of them has" : `${other.toLocaleString()} of them have`} another label now.` : "";
    const words = value === null ? `Clear the labels of ${count} images?` : `Label ${count} images as ${explore.classes[value]}?${lost}`;
    if (rows.length > MANY && !(await window.trellis.ask_person(words, value === null ? "Clear" : "Label"))) return;
    explore.label(rows, value);
    if (other) say_replaced(rows.length, other, value);
  }

  // What was there before is told of, with the way back: nobody sees it any more.
  function say_replaced(count, other, value) {
    const labels = other === 1 ? "1 label was" : `${other.toLocaleString()} labels were`;
    const message = value === null ? `${labels} cleared.` : `${count.toLocaleString()} images are labelled ${explore.classes[value]}; ${labels} another before.`;
    window.dash_clientside.set_props("toast-inbox", { data: [{ id: `replaced-${Date.now()}`, kind: "info", message, hint: "Z takes it back." }] });
  }

  function next(by, extend = false) {
    const own = mover();
    if (own) own.move(by, extend);
  }

  function keep() {
    const own = mover();
    return Boolean(own && own.keep && own.keep());
  }

  const ARROWS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: "down", ArrowUp: "up" };
  const held = (target) => target instanceof Element && target.closest("input, textarea, select, [contenteditable=true], dialog, [role=slider]");
  const pressed = (target) => target instanceof Element && target.closest("button:not(.second-face), a[href], summary");

  function command(event) {
    const key = event.key;
    if (key in ARROWS) next(ARROWS[key], event.shiftKey);
    else if (key === "Enter") return !pressed(event.target) && keep();
    else if (key === " ") next(1);
    else if (key === "Backspace" || key === "Delete") give(null);
    else if (key === "z") explore.walk("undo");
    else if (key === "y" || key === "Z" || key === "Y") explore.walk("redo");
    else if (key === "n") explore.add_class();
    else return false;
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (!document.getElementById("explore") || event.ctrlKey || event.metaKey || event.altKey || held(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    // A key that is held down walks, but it labels, clears and takes back once.
    if (event.repeat && !(event.key in ARROWS) && event.key !== " ") {
      event.preventDefault();
      return;
    }
    if (event.key === "Escape" && begun) forget_begun();
    if (event.key === " " && pressed(event.target)) return;
    if (event.key === "g") led = Date.now();
    else if (Date.now() - led < LED_MS && event.key.length === 1) {
      led = 0; // the letter that goes to another page
      return;
    }
    const letter = event.key.length === 1 ? event.key.toLowerCase() : "";
    const labels = letter && letter !== " " && !(event.key === "Z") && (begun || !TAKEN.has(letter)) && typed_letter(letter);
    if (labels || command(event)) event.preventDefault();
  });

  explore.on("classes", () => {
    const open = open_classes();
    const found = keys_for(open.map((number) => explore.classes[number]), open.map((number) => explore.first_names[number]));
    keys = explore.classes.map((_, number) => found[open.indexOf(number)] || "");
    forget_begun();
  });

  Object.assign(explore, { keys_for, open_classes, keys_of: (number) => keys[number] || "", give, give_many, next });
})();
