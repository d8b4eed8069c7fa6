// Everything works without this script; with it the preview follows the typing.
const one = (selector, root = document) => root.querySelector(selector);
const PAUSE_MS = 250;

document.documentElement.classList.add("js");
const order = one("[data-order]");
if (order) {
  livePreview(order);
  collectTopics(order);
  proposeTimeZone(one("[data-timezone]", order));
  usePresets(order);
  showSchedule(order);
}
suggestNames(one("[data-search-box]"));
takeKeys();
listTimeZones(one("#zones"));
showWeekdayWhenWeekly(one("[data-cadence]"), one("[data-weekday]"));

/** Asks for the preview when the typing pauses; an answer that comes late is dropped. */
function livePreview(form) {
  const field = one("#query", form);
  const region = one("[data-preview]", form);
  let waiting;
  let asking;
  const load = async () => {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    region.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`${form.dataset.previewUrl}?q=${encodeURIComponent(field.value)}`, {
        signal,
      });
      if (answer.ok) region.innerHTML = await answer.text();
    } catch {
      if (signal.aborted) return;
      region.textContent = "The preview cannot be reached; the order can be sent all the same.";
    }
    if (!signal.aborted) region.removeAttribute("aria-busy");
  };
  const soon = (pause) => {
    clearTimeout(waiting);
    waiting = setTimeout(load, pause);
  };
  field.addEventListener("input", () => {
    showDraft(form);
    soon(PAUSE_MS);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    soon(0);
  });
  form.addEventListener("topics-changed", () => {
    showDraft(form);
    soon(0);
  });
}

/** The topic being typed, as the last of the order. */
function showDraft(form) {
  const text = one("#query", form).value.trim();
  one("[data-draft]", form).hidden = text === "";
  one("[data-draft-query]", form).textContent = text;
}

/** Adds the topic being typed to the order, and takes topics out of it, without a round trip. */
function collectTopics(form) {
  const field = one("#query", form);
  one("[data-add]", form).addEventListener("click", (event) => {
    event.preventDefault();
    const query = field.value.trim();
    if (query === "" || one(".fault", form)) return field.focus();
    if (!topicsOf(form).includes(query)) one("[data-draft]", form).before(topicItem(query));
    field.value = "";
    field.focus();
    form.dispatchEvent(new Event("topics-changed"));
  });
  one("[data-topics]", form).addEventListener("click", (event) => {
    const button = event.target.closest(".remove");
    if (!button) return;
    event.preventDefault();
    button.closest("li").remove();
    field.focus();
  });
}

const topicsOf = (form) => [...form.querySelectorAll('input[name="topic"]')].map((input) => input.value);

function topicItem(query) {
  const item = document.createElement("li");
  const input = Object.assign(document.createElement("input"), {
    type: "hidden",
    name: "topic",
    value: query,
  });
  const text = Object.assign(document.createElement("span"), {
    className: "topic-query",
    textContent: query,
  });
  const remove = Object.assign(document.createElement("button"), {
    className: "remove",
    type: "button",
    textContent: "×",
  });
  remove.setAttribute("aria-label", `Remove ${query}`);
  item.append(input, text, remove);
  return item;
}

/** A preset fills the field of the topic, and its preview shows what it would bring. */
function usePresets(form) {
  const field = one("#query", form);
  for (const button of form.querySelectorAll("[data-preset]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      field.value = button.value;
      field.dispatchEvent(new Event("input"));
      field.focus();
    });
  }
}

/** Says under the address when the mail comes, and beside the zone what time it is there now. */
function showSchedule(form) {
  const [zone, time] = [one("[data-timezone]", form), one("#time", form)];
  const update = () => {
    one("[data-zone-shown]", form).textContent = zone.value.replace(/^.*\//, "").replaceAll("_", " ");
    one("[data-time-shown]", form).textContent = time.value;
    const now = localTime(zone.value);
    const note = one("[data-zone-time]", form);
    note.hidden = now === null;
    note.textContent = now === null ? "" : `It is ${now} there now.`;
  };
  zone.addEventListener("input", update);
  time.addEventListener("input", update);
  update();
}

function localTime(timeZone) {
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" }).format();
  } catch {
    return null;
  }
}

/** Offers authors and categories for the word that is being typed. */
function suggestNames(field) {
  if (!field) return;
  const list = document.createElement("datalist");
  list.id = "names";
  field.after(list);
  field.setAttribute("list", list.id);
  let waiting;
  const load = async () => {
    const word = field.value
      .split(/\s/)
      .at(-1)
      .replace(/^(?:author|category):"?/, "");
    if (word.length < 2) return list.replaceChildren();
    const answer = await fetch(`${field.dataset.suggest}?word=${encodeURIComponent(word)}`).catch(() => null);
    if (!answer?.ok) return;
    const { authors, categories } = await answer.json();
    const before = field.value.replace(/\S+$/, "");
    const option = (text, count) => new Option(`${count} ${count === 1 ? "paper" : "papers"}`, before + text);
    list.replaceChildren(
      ...authors.map(({ name, count }) => option(`author:"${name.replaceAll('"', "")}"`, count)),
      ...categories.map(({ name, count }) => option(`category:${name}`, count)),
    );
  };
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(load, PAUSE_MS);
  });
}

/** `/` goes to the search, `j` and `k` to the next paper and the one before, `?` shows the keys. */
function takeKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "/") {
      event.preventDefault();
      const box = one("[data-search-box]");
      if (box) box.focus();
      else location.assign(one("[data-search-page]").href);
    } else if (event.key === "j" || event.key === "k") moveFocus(event.key === "j" ? 1 : -1);
    else if (event.key === "?") one("[data-keys]").toggleAttribute("open");
  });
}

function moveFocus(step) {
  const titles = [...document.querySelectorAll("[data-papers] > li h2 a")];
  const at = titles.indexOf(document.activeElement);
  titles.at(Math.max(0, Math.min(titles.length - 1, at + step)))?.focus();
}

function proposeTimeZone(field) {
  if (field.value === field.defaultValue && field.value === "UTC") {
    field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
  }
}

function listTimeZones(list) {
  if (!list || !Intl.supportedValuesOf) return;
  list.append(...Intl.supportedValuesOf("timeZone").map((zone) => new Option(zone, zone)));
}

function showWeekdayWhenWeekly(cadence, weekday) {
  if (!cadence || !weekday) return;
  const update = () => {
    weekday.hidden = cadence.value !== "weekly";
  };
  cadence.addEventListener("change", update);
  update();
}
