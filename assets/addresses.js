// Addresses: Trellis may lie below a path of its host name (dashboard/below.py). Scripts know its own addresses, such as /runs; what
// leaves them for the browser goes through here.
(function () {
  "use strict";
  const base = document.documentElement.dataset.base || "";

  // An address of this server as the browser knows it; one of elsewhere is returned as it is.
  const at = (address) => (address.startsWith("/") && !address.startsWith("//") ? base + address : address);

  // Where the browser is, without what is asked for there.
  const here = () => window.location.pathname.slice(base.length) || "/";

  // Shows another page.
  const go = (address) => window.dash_clientside.set_props("url", { href: at(address) });

  // What a link that a script draws with React has: its address, and a click that shows the page without loading everything anew.
  const to = (address, alone = false) => ({
    href: at(address),
    onClick(event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      if (alone) event.stopPropagation();
      go(address);
    },
  });

  window.trellis = Object.assign(window.trellis || {}, { at, here, go, to });
})();
