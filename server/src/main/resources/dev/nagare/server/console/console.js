"use strict";

// The live page: one WebSocket in, two charts out. Nothing here is built or bundled.
(() => {
  const SHOWN_SECONDS = { pulse: 60, error: 300 };
  const LEAST_SECONDS = 15;
  const KEPT_EVENTS = 6000;
  const HISTORY = 300;
  const ABOUT = {
    mae: "Mean absolute error of the last forecasts, in units of each feature’s own scale, beside two baselines. Lower is better.",
    accuracy: "Share of the last records whose class was right before it was known, beside two baselines. Higher is better.",
  };
  const REDRAW_MILLIS = 100;

  const at = (id) => document.getElementById(id);
  const wanted = new URLSearchParams(location.search).get("model");

  // What a browser test, or a curious person, can look at.
  const nagare = { events: 0, missed: 0, connected: false, model: null, version: null };
  window.nagare = nagare;

  const models = new Map(); // name -> {events, status}
  let shown = null; // name of the model on the page
  let chosen = wanted != null; // by whom looks at it
  let feature = null;
  let drawnAt = 0;
  let drawing = false;

  // ---- numbers ----

  const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
  const grouped = new Intl.NumberFormat("en");

  function significant(value) {
    if (value == null) return "–";
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size >= 1000) return compact.format(value);
    return size < 0.001 ? value.toExponential(1).replace("e", " e") : String(Number(value.toPrecision(3)));
  }

  function bytes(value) {
    const power = value < 1 ? 0 : Math.min(3, Math.floor(Math.log10(value) / 3));
    return Number((value / 1000 ** power).toPrecision(3)) + " " + ["B/s", "kB/s", "MB/s", "GB/s"][power];
  }

  function unitOf(name) {
    if (/^(cpu|memory)/.test(name)) return (v) => (v == null ? "–" : (100 * v).toFixed(0) + " %");
    if (/^(net|disk)_/.test(name)) return (v) => (v == null ? "–" : bytes(Math.max(0, v)));
    return significant;
  }

  const clock = (seconds) => new Date(1000 * seconds).toLocaleTimeString("en-GB");

  // ---- charts ----

  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

  class Chart {
    constructor(id, lines) {
      this.box = at(id);
      this.legend = at(id + "-legend");
      this.seconds = SHOWN_SECONDS[id];
      this.lines = lines;
      this.format = significant;
      this.data = null;
      this.build();
      new ResizeObserver(() => this.plot.setSize(this.size())).observe(this.box);
    }

    size() {
      return { width: Math.max(200, this.box.clientWidth), height: this.box.clientHeight };
    }

    build() {
      if (this.plot) this.plot.destroy();
      const axis = { stroke: color("muted"), grid: { stroke: color("grid"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
      this.plot = new uPlot({
        ...this.size(),
        legend: { show: false },
        cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
        scales: { y: { range: (u, low, high) => this.range(low, high) } },
        axes: [
          { ...axis, size: 34, space: 90, values: (u, splits) => splits.map(clock) },
          { ...axis, size: 68, values: (u, splits) => splits.map((v) => this.format(v)) },
        ],
        series: [{}, ...this.lines.map((line) => ({
          stroke: color(line.color), width: line.width, dash: line.dash, fill: line.fill && color(line.fill), points: { show: false }, spanGaps: false,
        }))],
        hooks: { setCursor: [() => this.tell()] },
      }, this.data ?? [[], ...this.lines.map(() => [])], this.box);
      this.legend.replaceChildren(...this.lines.map((line) => {
        const item = document.createElement("li");
        const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        mark.setAttribute("viewBox", "0 0 22 8");
        mark.setAttribute("aria-hidden", "true");
        const stroke = document.createElementNS("http://www.w3.org/2000/svg", "path");
        stroke.setAttribute("d", "M1 4h20");
        stroke.setAttribute("stroke", color(line.color));
        stroke.setAttribute("stroke-width", line.width + 0.5);
        if (line.dash) stroke.setAttribute("stroke-dasharray", line.dash.join(" "));
        mark.append(stroke);
        line.label = document.createElement("span");
        line.label.textContent = line.name;
        line.value = document.createElement("b");
        line.value.textContent = "–";
        item.append(mark, line.label, line.value);
        return item;
      }));
    }

    range(low, high) {
      if (low == null) return [0, 1];
      const room = Math.max((high - low) * 0.1, Math.abs(high) * 0.02, 1e-6);
      // What cannot be negative is shown above zero.
      return [low >= 0 && (this.fromZero || low < room) ? 0 : low - room, high + room];
    }

    draw(data) {
      this.data = data;
      const last = data[0][data[0].length - 1];
      const first = Math.min(data[0][0], last - LEAST_SECONDS);
      this.plot.batch(() => {
        this.plot.setData(data, false);
        this.plot.setScale("x", { min: Math.max(first, last - this.seconds), max: last });
      });
      this.tell();
    }

    /** The values under the cursor, or the newest. */
    tell() {
      if (!this.data) return;
      const index = this.plot.cursor.idx;
      this.lines.forEach((line, i) => {
        const values = this.data[i + 1];
        const value = index != null ? values[index] : values.findLast((v) => v != null);
        line.value.textContent = this.format(value ?? null);
      });
    }
  }

  let pulse;
  let error;

  // ---- what arrives ----

  function model(name) {
    let found = models.get(name);
    if (!found) {
      found = { events: [], status: null, learned: [] };
      models.set(name, found);
      const option = new Option(name, name);
      at("model").add(option);
      at("models").hidden = models.size < 2;
      if (shown == null) show(name);
    }
    return found;
  }

  function show(name) {
    shown = name;
    nagare.model = name;
    feature = null;
    document.title = name + " · Nagare";
    at("model").value = name;
    redraw();
  }

  function onEvent(event) {
    const { events } = model(event.model);
    nagare.missed += event.missed ?? 0;
    const last = events[events.length - 1];
    if (last && event.timestamp_ms <= last.timestamp_ms) return; // history that we have already
    events.push(event);
    if (events.length > KEPT_EVENTS + 500) events.splice(0, 500);
    // A model that only answers has no events, and perhaps told of itself first.
    if (!chosen && models.get(shown).events.length === 0) show(event.model);
    if (event.model !== shown) return;
    nagare.events++;
    nagare.version = event.version;
    redraw();
  }

  function onStatus(status) {
    const about = model(status.model);
    about.status = status;
    about.learned.push({ at: performance.now(), count: status.learned_examples });
    if (about.learned.length > 5) about.learned.shift();
    if (status.model === shown) redraw();
  }

  // ---- what is shown ----

  function redraw() {
    if (drawing) return;
    drawing = true;
    setTimeout(() => requestAnimationFrame(() => {
      drawing = false;
      drawnAt = performance.now();
      render();
    }), Math.max(0, drawnAt + REDRAW_MILLIS - performance.now()));
  }

  function text(id, value) {
    const node = at(id);
    if (node.textContent !== value) node.textContent = value; // a screen reader hears changes only
  }

  const since = (events, seconds) => {
    const from = events[events.length - 1].timestamp_ms - 1000 * seconds - 500;
    let i = events.length;
    while (i > 0 && events[i - 1].timestamp_ms >= from) i--;
    return events.slice(i);
  };

  function render() {
    document.body.dataset.events = nagare.events;
    renderState();
    const events = models.get(shown)?.events ?? [];
    if (events.length === 0) return;
    const last = events[events.length - 1];
    renderFeatures(shownNames(last));
    renderTiles(last);
    renderPulse(events);
    renderError(events);
  }

  function renderState() {
    const status = models.get(shown)?.status;
    let state = "learning";
    let words = status?.learning === false ? "Answering" : "Learning";
    let notice = null;
    if (!nagare.connected) {
      state = "away";
      words = "Reconnecting …";
    } else if (!status) {
      state = "starting";
      words = "Starting …";
    } else if (!status.ready) {
      state = "starting";
      words = "Warming up …";
    } else if (status.degraded || status.checkpoint_error) {
      state = "degraded";
      words = status.degraded ? "Answering, not learning" : "Learning, no checkpoint";
      notice = [status.degraded, status.checkpoint_error].filter(Boolean).join(" · ");
    }
    at("state").dataset.state = state;
    text("state-text", words);
    at("notice").hidden = !notice;
    text("notice", notice ?? "");
    const empty = {
      away: "The server does not answer. This page connects again by itself.",
      starting: "The server is warming up.",
      degraded: "No events: learning stands still.",
      learning: "Waiting for the first event.",
    }[state];
    for (const chart of [at("pulse"), at("error")]) {
      if (models.get(shown)?.events.length > 0) delete chart.dataset.empty;
      else chart.dataset.empty = empty;
    }
    renderPace(models.get(shown)?.learned ?? []);
    if (status) {
      text("offset", grouped.format(status.lineage_offset));
      text("topic", status.lineage_topic + "-" + status.lineage_partition);
      at("topic").title = "topic and partition; the published version has learned every record before this offset";
      renderRole(status);
    }
  }

  /** Who learns, what is safe, and what went wrong on the way. */
  function renderRole(status) {
    const guards = Object.entries(status.guards ?? {});
    const tripped = guards.reduce((sum, [, times]) => sum + times, 0);
    const notes = [status.learning ? "learner" : "scorer"];
    if (tripped > 0) notes.push(grouped.format(tripped) + (tripped === 1 ? " guard" : " guards"));
    if (status.fenced > 0) notes.push("fenced " + grouped.format(status.fenced) + "×");
    if (status.dead_letters > 0) notes.push(grouped.format(status.dead_letters) + " refused");
    text("checkpoint", status.checkpoint_step < 0 ? "none yet" : grouped.format(status.checkpoint_step));
    text("role", notes.join(" · "));
    at("role").title = [notes.join(", "), ...guards.map(([guard, times]) => guard + ": " + times + " steps taken back")].join("; ");
  }

  function renderPace(learned) {
    const [first, last] = [learned[0], learned[learned.length - 1]];
    const seconds = learned.length < 2 ? 0 : (last.at - first.at) / 1000;
    text("pace", seconds > 0.5 ? significant((last.count - first.count) / seconds) : "–");
  }

  // A classifier's record has its label behind the features, and what is predicted are the classes.
  const isClassified = (event) => event.truth.length > event.features.length;

  function shownNames(event) {
    if (!isClassified(event)) return event.features;
    const classes = Math.max(event.scored_forecast.length, event.forecast.length, 2);
    return Array.from({ length: classes }, (_, i) => "class " + i);
  }

  function renderFeatures(features) {
    const select = at("feature");
    if (select.dataset.names !== features.join()) {
      select.replaceChildren(...features.map((name) => new Option(name, name)));
      select.dataset.names = features.join();
      select.disabled = false;
    }
    if (!features.includes(feature)) feature = features[0];
    if (select.value !== feature) select.value = feature;
  }

  function renderTiles(last) {
    const baseline = baselineOf(last.windowed);
    const { model: ours, [baseline]: theirs } = last.windowed;
    const accuracy = last.measure === "accuracy";
    text("skill-title", (accuracy ? "Accuracy" : "Error") + " against " + baseline);
    if (theirs > 0 && ours != null) {
      const change = Math.round(accuracy ? 1000 * (ours - theirs) : 100 * (ours / theirs - 1)) / (accuracy ? 10 : 1);
      const better = accuracy ? change > 0 : change < 0;
      const size = Math.abs(change) + (accuracy ? " points " : " % ");
      text("skill", change === 0 ? "as good" : size + (change > 0 ? "higher" : "lower"));
      text("skill-note", "model " + significant(ours) + ", " + baseline + " " + significant(theirs));
      at("skill").parentElement.dataset.verdict = change === 0 ? "same" : better ? "better" : "worse";
    }
    text("version", grouped.format(last.version));
    text("loss", significant(last.loss));
    text("rate", significant(last.learning_rate));
    text("gradient", "gradient " + significant(last.gradient_norm));
  }

  /** Times and values by column, with a hole where events are missing. */
  function columns(events, values) {
    const span = (events[events.length - 1].timestamp_ms - events[0].timestamp_ms) / events.length;
    const data = [[], ...values(events[0]).map(() => [])];
    let before = Infinity;
    for (const event of events) {
      const now = event.timestamp_ms;
      if (now - before > 5 * span + 500) {
        data[0].push((before + 1) / 1000);
        data.slice(1).forEach((column) => column.push(null));
      }
      data[0].push(now / 1000);
      values(event).forEach((value, i) => data[i + 1].push(value ?? null));
      before = now;
    }
    return data;
  }

  function renderPulse(events) {
    const seen = since(events, SHOWN_SECONDS.pulse);
    const last = seen[seen.length - 1];
    const i = shownNames(last).indexOf(feature);
    const classified = isClassified(last);
    const truthOf = (e) => (classified ? Number(e.truth[e.truth.length - 1] === i) : e.truth[i]);
    // Of a forecast of several rows the last one was made for this record.
    const forecastOf = (e) => e.scored_forecast[classified ? i : e.scored_forecast.length - e.features.length + i];
    const [times, truth, forecast] = columns(seen, (e) => [truthOf(e), forecastOf(e)]);
    if (!classified && last.forecast.length > 0 && seen.length > 1) {
      // The forecast of the record that has not come yet.
      times.push(times[times.length - 1] + (times[times.length - 1] - times[times.length - 2]));
      truth.push(null);
      forecast.push(last.forecast[i]);
    }
    pulse.format = unitOf(feature);
    pulse.draw([times, truth, forecast]);
    describe(pulse, "Forecast and truth of " + feature + " over the last minute");
  }

  /** What a fresh model equals: no change. */
  const baselineOf = (scores) => ["no-change", "repeat-season", "repeat-last"].find((name) => name in scores);

  /** The other baseline on the chart: the majority's class, or the best of the averages. */
  function otherOf(scores) {
    if ("majority" in scores) return "majority";
    let name = null;
    for (const key in scores) {
      if (key.startsWith("ema-") && (name == null || scores[key] < scores[name])) name = key;
    }
    return name;
  }

  function renderError(events) {
    const seen = since(events, SHOWN_SECONDS.error).filter((e) => e.scored_forecast.length > 0);
    if (seen.length === 0) return;
    const last = seen[seen.length - 1];
    const accuracy = last.measure === "accuracy";
    const baseline = baselineOf(last.windowed);
    const other = otherOf(last.windowed);
    text("error-title", accuracy ? "Accuracy" : "Error");
    text("error-about", accuracy ? ABOUT.accuracy : ABOUT.mae);
    error.lines[1].label.textContent = baseline;
    error.lines[2].label.textContent = other?.startsWith("ema-") ? "exponential average, best: " + other.slice(4) : other ?? "";
    error.fromZero = !accuracy; // an error is compared by its height
    error.draw(columns(seen, ({ windowed }) => [windowed.model, windowed[baseline], windowed[otherOf(windowed)]]));
    describe(error, (accuracy ? "Accuracy" : "Error") + " over the last five minutes");
  }

  function describe(chart, title) {
    const values = chart.lines.map((line) => line.label.textContent + " " + line.value.textContent);
    chart.box.setAttribute("aria-label", title + ": " + values.join(", "));
  }

  // ---- the connection ----

  let attempts = 0;

  function connect() {
    const scheme = location.protocol === "https:" ? "wss://" : "ws://";
    const socket = new WebSocket(scheme + location.host + "/v2/stream", "nagare.v2");
    const subscribe = () => {
      if (socket.readyState !== WebSocket.OPEN) return;
      const frame = { type: "subscribe", history: HISTORY };
      if (wanted) frame.model = wanted;
      socket.send(JSON.stringify(frame));
    };
    socket.onopen = () => {
      attempts = 0;
      nagare.connected = true;
      subscribe();
      redraw();
    };
    socket.onmessage = (message) => {
      const frame = JSON.parse(message.data);
      if (frame.type === "event") onEvent(frame);
      else if (frame.type === "status") onStatus(frame);
      else if (frame.type === "error") {
        if (frame.status === 503) setTimeout(subscribe, 500); // still starting
        else text("state-text", frame.error);
      }
    };
    socket.onclose = () => {
      nagare.connected = false;
      for (const known of models.values()) {
        known.status = null;
        known.learned = []; // another process counts from zero
      }
      redraw();
      setTimeout(connect, Math.min(5000, 500 * 2 ** attempts++) * (0.75 + Math.random() / 2));
    };
  }

  pulse = new Chart("pulse", [
    { name: "truth", color: "truth", width: 1.25, fill: "area" },
    { name: "forecast", color: "model", width: 1.75 },
  ]);
  error = new Chart("error", [
    { name: "model", color: "model", width: 2.25 },
    { name: "repeat-last", color: "repeat", width: 1.5, dash: [5, 4] },
    { name: "exponential average", color: "average", width: 1.5, dash: [2, 3] },
  ]);
  at("feature").addEventListener("change", (e) => { feature = e.target.value; redraw(); });
  at("model").addEventListener("change", (e) => {
    chosen = true;
    show(e.target.value);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    pulse.build();
    error.build();
    redraw();
  });
  document.addEventListener("visibilitychange", redraw);
  text("endpoint", location.host);
  setInterval(redraw, 1000); // the pace falls to zero although nothing arrives
  render();
  connect();
})();
