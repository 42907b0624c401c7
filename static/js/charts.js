// Draws Home's charts from the rows in #chart-data. The tables beside them say the same to those who do not see the drawing.
(function () {
  const source = document.getElementById("chart-data");
  if (!source) return;
  const rows = JSON.parse(source.textContent);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const day = (at) => new Date(at * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  const amount = (value) => value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const whole = (value) => value.toLocaleString("en-US");

  const axis = (format) => ({
    stroke: colour("--chart-text"), font: "11px system-ui", gap: 6,
    // Whole numbers need room: seven pixels a digit.
    size: (_, words) => Math.max(46, 12 + 7 * Math.max(0, ...(words ?? []).map((word) => word.length))),
    grid: { stroke: colour("--chart-grid"), width: 1 }, ticks: { show: false }, values: (_, ticks) => ticks.map(format),
  });

  const KINDS = {
    volume: {
      data: () => [rows.days, rows.volume],
      series: () => ({ stroke: colour("--chart-volume"), fill: colour("--chart-volume"), width: 0, paths: uPlot.paths.bars({ size: [0.62, 28], radius: 0.18 }), points: { show: false } }),
      scale: { range: (_, low, high) => [0, Math.max(high * 1.08, 10)] },
      tick: (value) => whole(value),
      tip: (index) => [amount(rows.volume[index]) + " " + rows.currency, rows.count[index] + " paid"],
    },
    rate: {
      data: () => [rows.days, rows.rate],
      series: () => ({ stroke: colour("--chart-rate"), width: 2, spanGaps: true, points: { size: 5, fill: colour("--chart-rate") } }),
      // From 0 a line between 88 and 96 is flat; the axis says where it starts.
      scale: { range: (_, low) => [Math.max(0, Math.floor(((low ?? 0) - 5) / 20) * 20), 100] },
      tick: (value) => value + "%",
      tip: (index) => [rows.rate[index] === null ? "no payments" : rows.rate[index].toFixed(1) + "%", rows.ended[index] + " ended"],
    },
  };

  function draw(holder) {
    const kind = KINDS[holder.dataset.chart];
    const tip = document.getElementById(holder.dataset.tip);
    holder.replaceChildren();
    // Half a day of room on both sides, so that the first and last bar are whole.
    const edge = rows.step * 0.6;
    const chart = new uPlot({
      width: holder.clientWidth, height: 240, padding: [10, 24, 0, 0], legend: { show: false },
      cursor: { y: false, points: { show: holder.dataset.chart === "rate" }, drag: { x: false, y: false } },
      scales: { x: { time: false, range: (_, low, high) => [low - edge, high + edge] }, y: kind.scale },
      axes: [{ ...axis(day), space: 64, size: 28, grid: { show: false }, splits: () => rows.days.filter((_, i) => (rows.days.length - 1 - i) % Math.ceil(rows.days.length / Math.max(2, holder.clientWidth / 80)) === 0) }, axis(kind.tick)],
      series: [{}, kind.series()],
      hooks: {
        setCursor: [(self) => {
          const index = self.cursor.idx;
          tip.replaceChildren();
          if (index === null || index === undefined) return;
          const [strong, rest] = kind.tip(index);
          tip.append(day(rows.days[index]) + " · ", Object.assign(document.createElement("b"), { textContent: strong }), " · " + rest);
        }],
      },
    }, kind.data(), holder);
    new ResizeObserver(() => { if (chart.root.isConnected) chart.setSize({ width: holder.clientWidth, height: 240 }); }).observe(holder);
  }

  const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);
  document.addEventListener("themechange", drawAll);
  drawAll();
})();
