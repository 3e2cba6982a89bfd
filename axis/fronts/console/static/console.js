// What a script adds to pages that work without it: charts, the theme without a page load, Ctrl+K, focus that
// survives an exchange of a part, answers with errors shown, and the roles of tables that a phone shows as cards.
"use strict";

(() => {
  const root = document.documentElement;
  const darkBySystem = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : darkBySystem.matches);

  // charts

  const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
  const plots = new Map();
  const widths = new ResizeObserver((changes) => {
    for (const { target, contentRect } of changes) {
      const plot = plots.get(target);
      if (plot && Math.abs(plot.width - Math.max(contentRect.width, 200)) >= 1) draw(target);
    }
  });

  function columns(table) {
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.dataset.value));
    const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    return { heads, rows };
  }

  function vietnamese(value, ratio) {
    if (value === null || value === undefined) return "–";
    const text = new Intl.NumberFormat("vi-VN", { maximumFractionDigits: ratio ? 1 : 2 }).format(ratio ? value * 100 : value);
    return ratio ? text + " %" : text;
  }

  function day(seconds) {
    const [year, month, date] = new Date(seconds * 1000).toISOString().slice(0, 10).split("-");
    return `${date}/${month}/${year}`;
  }

  function draw(figure) {
    const { heads, rows } = columns(figure.querySelector("table.figures"));
    if (!window.uPlot || rows.length === 0) return;
    const dated = "dated" in figure.dataset, ratio = "ratio" in figure.dataset, bars = figure.dataset.chart === "bar";
    const style = getComputedStyle(root), colour = (name) => style.getPropertyValue(name).trim();
    const at = rows.map((row, index) => (dated ? Date.parse(row[0] + "T00:00:00Z") / 1000 : index));
    const data = [at, ...heads.slice(1).map((_, n) => rows.map((row) => (row[n + 1] === "" ? null : Number(row[n + 1]))))];
    const fitting = (text, room) => (text.length <= room ? text : text.slice(0, Math.max(room - 1, 1)) + "…");
    const name = (index) => (Number.isInteger(index) && rows[index] ? rows[index][0] : "");
    const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
    const count = heads.length - 1, width = Math.max(figure.clientWidth, 200);
    // Two bars of one place stand side by side, one stands in the middle.
    const paths = (n) => (bars ? uPlot.paths.bars({ size: [0.7 / count, 48], align: count === 2 ? (n ? 1 : -1) : 0, gap: 2 }) : undefined);
    const options = {
      width, height: width < 500 ? 220 : 280, tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), "UTC"),
      scales: { x: { time: dated, range: (_, low, high) => (bars || low === high ? [low - (dated ? 43200 : 0.5), high + (dated ? 43200 : 0.5)] : [low, high]) },
                y: { range: (_, low, high) => [Math.min(0, low), ratio ? 1 : Math.max(1, high * 1.08)] } },
      axes: [
        { ...axis, space: dated ? 90 : 60,
          incrs: dated ? [1, 2, 7, 14, 30, 61, 91, 182, 365].map((days) => days * 86400) : [1, 2, 5, 10, 20, 50],
          values: (_, splits, __, ___, step) => splits.map((split) => (
            dated ? day(split).slice(0, 5) : fitting(name(split), Math.floor(((width - 64) / rows.length) * step / 9)))) },
        { ...axis, size: 64, values: (_, splits) => splits.map((split) => vietnamese(split, ratio)) },
      ],
      series: [
        { label: heads[0], value: (_, v) => (v === null ? "–" : dated ? day(v) : name(v)) },
        ...heads.slice(1).map((label, n) => ({
          label, stroke: colour(`--series-${(n % 4) + 1}`), width: 2, dash: bars ? [] : dashes[n % 4], paths: paths(n),
          fill: bars ? colour(`--series-${(n % 4) + 1}`) : undefined, points: { show: !bars && rows.length < 40 },
          value: (_, v) => vietnamese(v, ratio) })),
      ],
    };
    let place = figure.querySelector(".plot");
    if (!place) {
      place = document.createElement("div");
      place.className = "plot";
      place.setAttribute("aria-hidden", "true");
      figure.insertBefore(place, figure.querySelector("details"));
    }
    plots.get(figure)?.destroy();
    widths.observe(figure);
    plots.set(figure, new uPlot(options, data, place));
  }

  const drawAll = (within) => within.querySelectorAll("figure[data-chart]").forEach(draw);

  // tables as cards keep their meaning for a screen reader

  function tell(within) {
    for (const table of within.querySelectorAll("table.records")) {
      table.setAttribute("role", "table");
      table.querySelectorAll("thead, tbody, tfoot").forEach((part) => part.setAttribute("role", "rowgroup"));
      table.querySelectorAll("tr").forEach((row) => row.setAttribute("role", "row"));
      table.querySelectorAll("thead th").forEach((cell) => cell.setAttribute("role", "columnheader"));
      table.querySelectorAll("td").forEach((cell) => cell.setAttribute("role", "cell"));
    }
  }

  // theme

  function themed(event) {
    event.preventDefault();
    const theme = isDark() ? "light" : "dark";
    root.dataset.theme = theme;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${event.currentTarget.dataset.cookie}=${theme}; Path=/console; Max-Age=31536000; SameSite=Lax${secure}`;
    drawAll(document);
  }

  // exchanged parts

  let held = null;
  document.addEventListener("htmx:beforeSwap", () => {
    const active = document.activeElement;
    held = active && active.id ? { id: active.id, start: active.selectionStart, end: active.selectionEnd } : null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const part = event.detail.elt;
    if (part instanceof Element) { drawAll(part); tell(part); }
    const again = held && document.getElementById(held.id);
    if (again && document.activeElement !== again) {
      again.focus({ preventScroll: true });
      if (typeof held.start === "number") again.setSelectionRange(held.start, held.end);
    }
    held = null;
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.elt.closest(".newer")) return; // a bar that cannot be asked is no news
    // The answer of a failure is a page; loading it as one shows it.
    if (event.detail.requestConfig.verb === "get") location.assign(event.detail.pathInfo.finalRequestPath);
  });

  document.addEventListener("keydown", (event) => {
    const search = document.getElementById("search");
    if (search && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      search.focus();
      search.select();
    }
    const open = document.querySelector("details.person[open]");
    if (open && event.key === "Escape") { open.open = false; open.querySelector("summary").focus(); }
  });
  document.addEventListener("click", (event) => {
    const open = document.querySelector("details.person[open]");
    if (open && !open.contains(event.target)) open.open = false;
  });
  // One press, one act: a form under way is not sent again.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (event.target.dataset.sent) event.preventDefault();
    else event.target.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

  document.getElementById("theme")?.addEventListener("click", themed);
  darkBySystem.addEventListener("change", () => drawAll(document));
  drawAll(document);
  tell(document);
})();
