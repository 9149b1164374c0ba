// Sending one file to the server: chosen or dropped, with how far it is, and Cancel. Where it goes then, the place says.
(function () {
  "use strict";

  const MB = 1048576;
  const place_of = (event) => (event.target instanceof Element ? event.target.closest("[data-send-to]") : null);
  const under_way = new WeakMap();

  function tell(message, hint) {
    const toast = { id: String(Date.now()), kind: "danger", message, hint };
    window.dash_clientside.set_props("toast-inbox", { data: [toast] });
  }

  function show(place, words, share) {
    const going = place.querySelector(".sending-going");
    going.hidden = words === null;
    place.querySelector(".sending-face").hidden = words !== null;
    place.querySelector(".sending-words").textContent = words || "";
    place.querySelector("progress").value = share || 0;
  }

  function answer_of(request) {
    try {
      return JSON.parse(request.responseText);
    } catch {
      return {};
    }
  }

  function send(place, file) {
    const limit = Number(place.dataset.sendLimit);
    if (under_way.has(place)) return;
    if (file.size > limit) {
      tell(`${file.name} has ${Math.ceil(file.size / MB)} MB; at most ${Math.floor(limit / MB)} can be uploaded here.`, "Import it on the server: trellis data import.");
      return;
    }
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file);
    under_way.set(place, request);
    const size = Math.max(file.size / MB, 0.1).toFixed(1);
    show(place, `${file.name}, 0 of ${size} MB`, 0);
    place.querySelector("[data-send-cancel]").focus();
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const share = event.loaded / event.total;
      show(place, share < 1 ? `${file.name}, ${(event.loaded / MB).toFixed(1)} of ${size} MB` : `${file.name} has arrived`, share);
    });
    const over = () => {
      under_way.delete(place);
      show(place, null);
    };
    request.addEventListener("load", () => {
      over();
      const answer = answer_of(request);
      if (request.status === 201) window.trellis.go(place.dataset.sendThen + encodeURIComponent(answer.id));
      else tell((answer.error && answer.error.message) || `${file.name} was refused (${request.status}).`, answer.error && answer.error.hint);
    });
    request.addEventListener("error", () => {
      over();
      tell(`${file.name} did not arrive.`, "Is the server still there? Try again.");
    });
    request.addEventListener("abort", () => {
      over();
      place.querySelector("[data-send-choose]").focus();
    });
    request.open("POST", window.trellis.at(place.dataset.sendTo));
    request.send(body);
  }

  function choose(place) {
    const input = document.createElement("input");
    input.type = "file";
    input.addEventListener("change", () => {
      if (input.files[0]) send(place, input.files[0]);
    });
    input.click();
  }

  document.addEventListener("click", (event) => {
    const place = place_of(event);
    if (!place) return;
    if (event.target.closest("[data-send-choose]")) choose(place);
    if (event.target.closest("[data-send-cancel]") && under_way.has(place)) under_way.get(place).abort();
  });
  for (const kind of /** @type {const} */ (["dragover", "drop"]))
    document.addEventListener(kind, (event) => {
      const place = place_of(event);
      if (!place || !event.dataTransfer || !event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      if (kind === "drop" && event.dataTransfer.files[0]) send(place, event.dataTransfer.files[0]);
    });
})();
