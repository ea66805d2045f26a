// How far a sending is, asked again every few seconds; without this script, reload the page.
const EVERY = 3000;
const box = document.querySelector("[data-mailing-progress]");
const part = (name) => box.querySelector(`[data-progress="${name}"]`);

async function refresh() {
  const answer = await fetch(box.dataset.mailingProgress, { credentials: "same-origin" });
  if (!answer.ok) return;
  const said = await answer.json();
  if (!said.is_open || !part("bar")) {
    // Other buttons belong to what is over, or has begun.
    if (!said.is_open || said.total) location.reload();
    return;
  }
  part("state").textContent = said.state;
  part("bar").value = said.percent;
  for (const name of ["done", "total", "left"]) part(name).textContent = said[name];
  part("counts").replaceChildren(
    ...said.counts.map(({ label, count }) => {
      const line = document.createElement("li");
      line.textContent = `${label} : ${count}`;
      return line;
    }),
  );
}

if (box) setInterval(() => refresh().catch(() => {}), EVERY);
