// Everything works without this script; with it the preview follows the typing.
const one = (selector, root = document) => root.querySelector(selector);
const PAUSE_MS = 250;

document.documentElement.classList.add("js");
const order = one("[data-order]");
if (order) {
  livePreview(order);
  collectTopics(order);
  proposeTimeZone(one("[data-timezone]", order));
}
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
