// Lists whose entries can be moved: by a handle with pointer or finger, and by Alt and the arrow keys
// (up and down within the list, left and right to the lists of its group beside it).
//
// A list is [data-drag-list="<name>"] with data-to (a store); its entries are [data-drag-item] in order, each with a
// [data-drag-handle]. Lists with the same data-drag-group take one another's entries. A move is an action: action
// "move", id "<list>:<place>", value "<list>:<place>", the place counted without the entry that moves.
(function () {
  "use strict";
  const ITEM = "[data-drag-item]";
  const LIST = "[data-drag-list]";
  let drag = null;

  const items_of = (list) => [...list.querySelectorAll(ITEM)].filter((item) => item.closest(LIST) === list);

  function move(item, list, place) {
    const from = item.closest(LIST);
    const id = `${from.dataset.dragList}:${items_of(from).indexOf(item)}`;
    const value = `${list.dataset.dragList}:${place}`;
    if (id === value) return;
    window.trellis.deliver(list.dataset.to, { action: "move", id, value, at: Date.now() });
  }

  // Where an entry would land among the others, by the middle of each.
  function place_at(list, y) {
    const others = items_of(list).filter((item) => item !== drag.item);
    const after = others.findIndex((item) => {
      const box = item.getBoundingClientRect();
      return y < box.top + box.height / 2;
    });
    return after < 0 ? others.length : after;
  }

  function list_at(x, y) {
    const group = drag.from.dataset.dragGroup;
    return [...document.querySelectorAll(LIST)].find((list) => {
      const box = list.getBoundingClientRect();
      const inside = x >= box.left && x <= box.right && y >= box.top - 24 && y <= box.bottom + 24;
      return inside && (list === drag.from || (group && list.dataset.dragGroup === group));
    });
  }

  function mark(list, place) {
    drag.line.remove();
    if (!list) return;
    const others = items_of(list).filter((item) => item !== drag.item);
    const before = others[place];
    if (before) before.before(drag.line);
    else if (others.length) others[others.length - 1].after(drag.line);
    else list.append(drag.line);
  }

  document.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-drag-handle]");
    const item = handle && handle.closest(ITEM);
    if (!item || event.button > 0) return;
    event.preventDefault();
    item.focus();
    const line = document.createElement("div");
    line.className = "drag-line";
    drag = { item, from: item.closest(LIST), line, pointer: event.pointerId, x: event.clientX, y: event.clientY, begun: false, list: null, place: 0 };
    handle.setPointerCapture(event.pointerId);
  });

  document.addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.pointer) return;
    if (!drag.begun && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 4) return;
    drag.begun = true;
    drag.item.classList.add("is-dragged");
    drag.list = list_at(event.clientX, event.clientY);
    drag.place = drag.list ? place_at(drag.list, event.clientY) : 0;
    mark(drag.list, drag.place);
    const edge = 48;
    if (event.clientY < edge) window.scrollBy(0, -12);
    else if (event.clientY > window.innerHeight - edge) window.scrollBy(0, 12);
  });

  function end(dropped) {
    if (!drag) return;
    const { item, list, place, line, begun } = drag;
    line.remove();
    item.classList.remove("is-dragged");
    drag = null;
    if (dropped && begun && list) move(item, list, place);
  }
  document.addEventListener("pointerup", () => end(true));
  document.addEventListener("pointercancel", () => end(false));

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drag) {
      end(false);
      return;
    }
    if (!event.altKey || !["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const item = event.target.closest(ITEM);
    if (!item) return;
    event.preventDefault();
    const list = item.closest(LIST);
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const group = list.dataset.dragGroup;
      const lists = group ? [...document.querySelectorAll(`${LIST.slice(0, -1)}][data-drag-group="${CSS.escape(group)}"]`)] : [];
      const beside = lists[lists.indexOf(list) + (event.key === "ArrowLeft" ? -1 : 1)];
      if (beside) move(item, beside, items_of(beside).length);
      return;
    }
    const items = items_of(list);
    const place = items.indexOf(item) + (event.key === "ArrowUp" ? -1 : 1);
    if (place >= 0 && place < items.length) move(item, list, place);
  });

  // After a drawing the focus goes where the server says: it stays on the entry that moved.
  function focus_entry(told) {
    if (!told || !told.focus) {
      window.requestAnimationFrame(window.trellis.refocus);
      return window.dash_clientside.no_update;
    }
    window.requestAnimationFrame(() => {
      const [name, place] = told.focus.split(":");
      const list = document.querySelector(`${LIST.slice(0, -1)}="${CSS.escape(name)}"]`);
      const item = list && items_of(list)[Number(place)];
      if (item) item.focus();
    });
    return window.dash_clientside.no_update;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { focus_entry });
})();
