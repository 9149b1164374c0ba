"""The report page's markup, style and script."""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline';
 img-src data: blob:; worker-src blob:; base-uri 'none'; form-action 'none'">
<title>{{ report.title }}</title>
<style>{{ style }}</style>
<script>{{ theme }}</script>
</head>
<body>
<main>
<header>
<h1>{{ report.title }}</h1>
{% for note in report.notes %}
<p class="note">{{ note }}</p>
{% endfor %}
<dl class="facts">
{% for label, value in report.facts %}
<div><dt>{{ label }}</dt><dd>{{ value }}</dd></div>
{% endfor %}
</dl>
</header>
{% if report.metrics %}
<section aria-labelledby="metrics">
<h2 id="metrics">Metrics</h2>
<div class="groups">
{% for group, metrics in report.metrics.items() %}
<section class="card">
<h3>{{ report.group_title(group) }}</h3>
<table>
{% for name, record in metrics.items() %}
<tr class="{{ 'value' if record.state == 'success' else 'without' }}{{ ' failed' if record.state == 'failed' }}">
<th scope="row">{{ report.metric(group, name).label }}</th><td>{{ record | answer(report.metric(group, name)) }}</td><td class="source">{{ record | source }}</td>
</tr>
{% endfor %}
</table>
</section>
{% endfor %}
</div>
</section>
{% endif %}
{% for table in report.tables %}
<section aria-labelledby="table-{{ loop.index }}">
<h2 id="table-{{ loop.index }}">{{ table.title }}</h2>
<p>{{ table.note }}</p>
<table class="card">
<tr>{% for name in table.columns %}<th scope="col">{{ name }}</th>{% endfor %}</tr>
{% for row in table.rows %}
<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</table>
</section>
{% endfor %}
{% if shown %}
<section aria-labelledby="figures">
<h2 id="figures">Figures</h2>
<noscript><p class="note">Figures need scripts, which are switched off here.</p></noscript>
<div class="figures">
{% for figure in shown %}
<figure class="card">
<figcaption><h3>{{ figure.title }}</h3><p>{{ figure.look_for }}</p></figcaption>
<div class="plot" data-figure="{{ loop.index0 }}" role="img" aria-label="{{ figure.title }}"></div>
</figure>
{% endfor %}
</div>
</section>
{% endif %}
{% if hidden %}
<section aria-labelledby="hidden">
<h2 id="hidden">Figures not shown</h2>
<table class="card">
{% for figure in hidden %}
<tr{% if figure.state == 'failed' %} class="failed"{% endif %}><th scope="row">{{ figure.title }}</th><td>{{ figure.state }}: {{ figure.reason }}</td></tr>
{% endfor %}
</table>
</section>
{% endif %}
{% if report.settings %}
<details>
<summary>Settings</summary>
<table class="card">
{% for label, value in report.settings %}
<tr><th scope="row">{{ label }}</th><td>{{ value }}</td></tr>
{% endfor %}
</table>
</details>
{% endif %}
</main>
{% if shown %}
<script type="text/plain" id="plotly">{{ plotly }}</script>
<script type="text/plain" id="data">{{ data }}</script>
<script>{{ script }}</script>
{% endif %}
</body>
</html>
"""

STYLE = """
:root{color-scheme:light;LIGHT;--paper:#f6f8f6}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;DARK;--paper:#111613}}
:root[data-theme=dark]{color-scheme:dark;DARK;--paper:#111613}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 FONT}
main{max-width:1240px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:26px;line-height:1.25;margin:0 0 16px;overflow-wrap:anywhere}
h2{font-size:19px;margin:40px 0 12px}
h3{font-size:15px;margin:0}
.card{background:var(--ground);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.note{border-left:3px solid var(--bad);padding:6px 12px;background:var(--ground);max-width:75ch;overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(190px,1fr));gap:12px 20px;margin:0}
.facts dt{color:var(--muted);font-size:12.5px}
.facts dd{margin:0;overflow-wrap:anywhere}
.groups{columns:2 440px;column-gap:16px}
.groups .card{break-inside:avoid;margin-bottom:16px}
table{width:100%;border-collapse:collapse;font-size:13.5px;margin-top:6px}
th,td{text-align:left;vertical-align:top;padding:4px 10px 4px 0;border-top:1px solid var(--line)}
tr:first-child>*{border-top:0}
th{font-weight:500;width:36%}
td{overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.source{color:var(--muted);white-space:nowrap;width:1%;padding-right:0}
.without td{color:var(--muted)}
.failed td{color:var(--bad)}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(540px,100%),1fr));gap:16px}
figure{margin:0;min-width:0}
figcaption p{margin:2px 0 8px;color:var(--muted);font-size:13.5px}
.plot{height:380px}
summary{cursor:pointer;font-size:19px;font-weight:600;margin:40px 0 12px}
@media print{body{background:none}.card{break-inside:avoid}}
"""

THEME_SCRIPT = """
(function () {
  // The page around a report may say which theme it shows, in the address or later by a message; else the system decides.
  var root = document.documentElement;
  function choose(theme) {
    if (theme !== "dark" && theme !== "light") return;
    root.dataset.theme = theme;
    document.dispatchEvent(new Event("theme"));
  }
  choose(window.location.hash.slice(1));
  window.addEventListener("message", function (event) { choose(event.data && event.data.theme); });
})();
"""

SCRIPT = """
(async function () {
  async function unpack(id) {
    var bytes = Uint8Array.from(atob(document.getElementById(id).textContent), function (c) { return c.charCodeAt(0); });
    var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  }
  var library = document.createElement("script");
  library.textContent = await unpack("plotly");
  document.head.append(library);
  var data = JSON.parse(await unpack("data"));

  var config = {displaylogo: false, showSendToCloud: false, displayModeBar: "hover", responsive: true, toImageButtonOptions: {scale: 2}};
  var scheme = window.matchMedia("(prefers-color-scheme: dark)");
  function dark() {
    var chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : scheme.matches;
  }
  function fill(value) {
    if (Array.isArray(value)) return value.map(fill);
    if (value === null || typeof value !== "object") return value;
    if ("$shared" in value) return structuredClone(data.shared[value.$shared]);
    var out = {};
    Object.keys(value).forEach(function (key) { out[key] = fill(value[key]); });
    return out;
  }
  function draw(place) {
    place.dataset.drawn = "yes";
    var figure = fill(data.figures[2 * Number(place.dataset.figure) + (dark() ? 1 : 0)]);
    figure.layout.autosize = true;
    Plotly.react(place, figure.data, figure.layout, config);
  }
  var places = Array.from(document.querySelectorAll(".plot"));
  function drawAgain() { places.forEach(function (place) { if (place.dataset.drawn) draw(place); }); }
  var seen = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (!entry.isIntersecting) return;
      seen.unobserve(entry.target);
      draw(entry.target);
    });
  }, {rootMargin: "400px"});
  places.forEach(function (place) { seen.observe(place); });
  scheme.addEventListener("change", drawAgain);
  document.addEventListener("theme", drawAgain);
  window.addEventListener("beforeprint", function () {
    places.forEach(function (place) { if (!place.dataset.drawn) { seen.unobserve(place); draw(place); } });
  });
})();
"""
