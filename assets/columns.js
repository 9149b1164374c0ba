// Reads columns of numbers that the server sends as they lie in memory (see dashboard/columns.py).
(function () {
  "use strict";
  const KINDS = { uint8: Uint8Array, int16: Int16Array, int32: Int32Array, float32: Float32Array };

  // {meta, columns: {name: typed array}, shapes: {name: [..]}} of a body. Nothing is copied.
  function read_columns(buffer) {
    const view = new DataView(buffer);
    if (buffer.byteLength < 8 || view.getUint32(0, false) !== 0x54524c43) throw new Error("these are no columns");
    const length = view.getUint32(4, true);
    const { meta, columns } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
    const start = Math.ceil((8 + length) / 8) * 8;
    const found = { meta, columns: {}, shapes: {} };
    for (const { name, dtype, shape, offset } of columns) {
      found.columns[name] = new KINDS[dtype](buffer, start + offset, shape.reduce((a, b) => a * b, 1));
      found.shapes[name] = shape;
    }
    return found;
  }

  // What an address answers: columns, or JSON where it says so. Raises an Error with `code`, `hint` and a message for people.
  async function ask(address, said) {
    const options = said === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(said) };
    let got = null;
    try {
      got = await window.fetch(window.trellis.at(address), options);
    } catch {
      throw Object.assign(new Error("The server does not answer."), { code: "away", hint: "What you did is kept here and sent when it does." });
    }
    const json = (got.headers.get("content-type") || "").startsWith("application/json");
    if (!got.ok) {
      const { error } = json ? await got.json() : { error: { code: "failed", message: `The server answered ${got.status}.`, hint: null } };
      throw Object.assign(new Error(error.message), { code: error.code, hint: error.hint, status: got.status });
    }
    return json ? got.json() : read_columns(await got.arrayBuffer());
  }

  window.trellis = Object.assign(window.trellis || {}, { read_columns, ask });
})();
