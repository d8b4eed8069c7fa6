import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  DELIVERY_EVENTS,
  DELIVERY_STATUSES,
  FINAL_STATUSES,
  type Transition,
} from "../../src/delivery/events.ts";

/** The table of events as a state diagram: an arrow for each pair of states, with the events that lead along it. */
function stateDiagram(): string {
  const arrows = new Map<string, string[]>();
  for (const [event, { from, to }] of Object.entries<Transition>(DELIVERY_EVENTS)) {
    for (const state of from) {
      const arrow = `${state} --> ${to}`;
      arrows.set(arrow, [...(arrows.get(arrow) ?? []), event]);
    }
  }
  const place = (arrow: string) => DELIVERY_STATUSES.findIndex((status) => arrow.startsWith(`${status} `));
  const lines = [...arrows]
    .sort(([a], [b]) => place(a) - place(b))
    .map(([arrow, events]) => `${arrow} : ${events.join(", ")}`);
  const ends = FINAL_STATUSES.map((status) => `${status} --> [*]`);
  const all = ["[*] --> pending : planned", "[*] --> skipped : nothing to mail", ...lines, ...ends];
  return ["```mermaid", "stateDiagram-v2", ...all.map((line) => `  ${line}`), "```"].join("\n");
}

it("docs/design.md shows the table of events", () => {
  const page = readFileSync(new URL("../../../../docs/design.md", import.meta.url), "utf8");
  expect(page).toContain(stateDiagram());
});
