// SPDX-License-Identifier: Apache-2.0
//
// page.js - brings the values of the page's cells up to date, while somebody looks.
"use strict";
(() => {
	const EACH_MS = 2000, PATIENCE_MS = 5000;
	const cells = new Map();
	const health = document.getElementById("health");
	const button = document.getElementById("pause");
	let paused = false, timer = 0, asking = false;

	for (const cell of document.querySelectorAll("[data-k]"))
		cells.set(cell.dataset.k, cell);

	// Touches nothing that stays: a reader is told of changes alone.
	function show(cell, text, state) {
		if (cell.textContent !== text)
			cell.textContent = text;
		if (state && cell.dataset.s !== state)
			cell.dataset.s = state;
		else if (!state && cell.dataset.s)
			delete cell.dataset.s;
	}

	function show_all(answer) {
		if (answer.plan !== document.body.dataset.plan) {
			location.reload();
			return;
		}
		for (const [key, [text, state]] of Object.entries(answer.cells))
			if (cells.has(key))
				show(cells.get(key), text, state);
		health.classList.remove("old");
	}

	async function ask() {
		if (asking)
			return;
		asking = true;
		try {
			const answer = await fetch("/page.json" + location.search,
				{ cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });

			if (!answer.ok)
				throw new Error(answer.status);
			show_all(await answer.json());
		} catch {
			show(health, "diolkosd does not answer; what is shown is what it said last.", "bad");
			health.classList.add("old");
		}
		asking = false;
		plan();
	}

	function plan() {
		clearTimeout(timer);
		if (!paused && document.visibilityState === "visible")
			timer = setTimeout(ask, EACH_MS);
	}

	button.hidden = false;
	button.addEventListener("click", () => {
		paused = !paused;
		button.textContent = paused ? "Go on updating" : "Pause updates";
		plan();
	});
	document.addEventListener("visibilitychange", plan);
	plan();
})();
