// Draws the pictures of a page from the data beside them; every picture has a table that says the same.
"use strict";
(() => {
  const ink = "#1f2d3a", line = "#9aa5b1", brand = "#3f6a92", dark = "#23415c";
  const percent = (value) => `${Math.round(value * 100)}%`;
  const axis = (name) => ({
    type: "value", min: 0, max: 1, name, nameLocation: "middle", nameGap: 30, axisLabel: { formatter: percent, color: ink }, nameTextStyle: { color: ink },
  });

  // One point per organisation or, in large groups, one circle per cell of a grid.
  function scatter({ grid, points }) {
    const most = Math.max(1, ...points.map((p) => p.n || 1));
    return {
      animation: false, grid: { left: 56, right: 16, top: 16, bottom: 48 }, xAxis: axis("台账"), yAxis: axis("印证"),
      tooltip: {
        renderMode: "richText", confine: true,
        formatter: ({ data }) => `${grid ? `${data.n} 个组织` : data.name}\n台账 ${percent(data.value[0])},印证 ${percent(data.value[1])}`,
      },
      series: [{
        type: "scatter", itemStyle: { color: brand, opacity: 0.6 }, symbolSize: (_, { data }) => (grid ? 5 + 25 * Math.sqrt(data.n / most) : 9),
        data: points.map((p) => ({ value: [p.x, p.y], name: p.name, n: p.n })),
        markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: line, type: "dashed" }, data: [[{ coord: [0, 0] }, { coord: [1, 1] }]] },
      }],
    };
  }

  function kinds(rows) {
    const series = (key, name, color) => ({ type: "bar", stack: "all", name, itemStyle: { color }, data: rows.map((row) => row[key]) });
    return {
      animation: false, grid: { left: 140, right: 16, top: 8, bottom: 24 }, tooltip: { renderMode: "richText", trigger: "axis", axisPointer: { type: "shadow" }, confine: true },
      xAxis: { type: "value", minInterval: 1, axisLabel: { color: ink } }, yAxis: { type: "category", data: rows.map((row) => row.name), axisLabel: { color: ink } },
      series: [series("two", "请核实", "#9db8d2"), series("three", "请优先核实", dark)],
    };
  }

  const kindsOf = { scatter, kinds };
  function draw(root) {
    for (const place of root.querySelectorAll("[data-chart]")) {
      if (place.dataset.drawn || !place.clientWidth) continue;
      const data = JSON.parse(document.getElementById(place.dataset.source).textContent);
      const chart = window.echarts.init(place);
      chart.setOption(kindsOf[place.dataset.chart](data));
      place.dataset.drawn = "yes";
      new ResizeObserver(() => chart.resize()).observe(place);
    }
  }
  document.addEventListener("DOMContentLoaded", () => draw(document));
  document.addEventListener("htmx:afterSettle", () => draw(document));
  document.addEventListener("toggle", () => draw(document), true);
})();
