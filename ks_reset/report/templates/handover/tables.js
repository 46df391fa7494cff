"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SHEET = 100;
  for (const section of document.querySelectorAll("section[data-table]")) {
    const rows = data[section.dataset.table];
    const texts = rows.map((row) => row.join("\u0001").toLowerCase());
    const body = section.querySelector("tbody");
    const search = section.querySelector("input");
    const filter = section.querySelector("select");
    const said = section.querySelector("[role=status]");
    const [back, on] = section.querySelectorAll("button");
    const column = Number(section.dataset.filter);
    let found = [];
    let sheet = 0;
    for (const value of [...new Set(rows.map((row) => row[column]))].sort()) {
      const option = document.createElement("option");
      option.value = option.textContent = String(value);
      filter.append(option);
    }
    function draw() {
      const shown = found.slice(sheet * SHEET, (sheet + 1) * SHEET);
      const lines = shown.map((at) => {
        const line = document.createElement("tr");
        for (const value of rows[at]) {
          const cell = document.createElement("td");
          cell.textContent = String(value);
          if (typeof value === "number") cell.className = "number";
          line.append(cell);
        }
        return line;
      });
      body.replaceChildren(...lines);
      const first = found.length ? sheet * SHEET + 1 : 0;
      const numbers = { FIRST: first, LAST: sheet * SHEET + shown.length, FOUND: found.length, ALL: rows.length };
      said.textContent = section.dataset.rows.replace(/[A-Z]{3,}/g, (word) => numbers[word] ?? word);
      back.disabled = sheet === 0;
      on.disabled = (sheet + 1) * SHEET >= found.length;
    }
    function find() {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const wanted = filter.value;
      found = [];
      for (let at = 0; at < rows.length; at += 1) {
        if (wanted !== "" && String(rows[at][column]) !== wanted) continue;
        if (words.every((word) => texts[at].includes(word))) found.push(at);
      }
      sheet = 0;
      draw();
    }
    search.addEventListener("input", find);
    filter.addEventListener("change", find);
    back.addEventListener("click", () => { sheet -= 1; draw(); });
    on.addEventListener("click", () => { sheet += 1; draw(); });
    find();
  }
})();
