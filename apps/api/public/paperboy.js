// What the pages do on top of their forms, which work without it: the live preview, and the reader's time zone.
const form = document.querySelector("[data-order]");
const query = document.querySelector("#query");
const preview = document.querySelector("[data-preview]");
const zone = document.querySelector("[data-timezone]");
const cadence = document.querySelector("[data-cadence]");
const weekday = document.querySelector("[data-weekday]");

for (const element of document.querySelectorAll("[data-without-script]")) element.hidden = true;

if (zone && form && zone.value === "UTC") {
  zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

if (cadence && weekday) {
  const showWeekday = () => {
    weekday.hidden = cadence.value !== "weekly";
  };
  cadence.addEventListener("change", showWeekday);
  showWeekday();
}

if (form && query && preview) {
  const draft = document.querySelector("[data-draft]");
  const draftQuery = document.querySelector("[data-draft-query]");
  let asked = 0;
  let timer;

  const show = async () => {
    const turn = ++asked;
    const text = query.value.trim();
    if (draft && draftQuery) {
      draft.hidden = text === "";
      draftQuery.textContent = text;
    }
    const answer = await fetch(`${form.dataset.previewUrl}?q=${encodeURIComponent(text)}`);
    const html = await answer.text();
    // An answer that a later keystroke has overtaken says nothing any more.
    if (turn === asked) preview.innerHTML = html;
  };

  query.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => show().catch(() => {}), 180);
  });
}
