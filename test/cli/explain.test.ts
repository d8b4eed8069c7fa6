import * as api from "@paperboy/api";
import * as core from "@paperboy/core";
import * as db from "@paperboy/db";
import * as mail from "@paperboy/mail";
import * as queue from "@paperboy/queue";
import * as sources from "@paperboy/sources";
import * as worker from "@paperboy/worker";
import { expect, it } from "vitest";
import { explain } from "../../apps/cli/src/explain.ts";
import { UsageError } from "../../apps/cli/src/usage-error.ts";

/** Those that somebody on the way answers to. */
const NEVER_SEEN = ["FormatError", "JobFailed", "WebhookError"];

const exported = [api, core, db, mail, queue, sources, worker, { UsageError }]
  .flatMap((room) => Object.values(room) as unknown[])
  .filter((value) => typeof value === "function" && value.prototype instanceof Error) as (new (
  ...args: never[]
) => Error)[];

it("tells every error that a room makes known in one line, by the name it has", () => {
  const unexplained = exported
    .map((kind) => new kind("x" as never))
    .filter((error) => explain(error).lines[0] !== error.message);
  expect(unexplained.map(({ name }) => name).sort()).toEqual(NEVER_SEEN);
  expect(exported.length).toBeGreaterThan(NEVER_SEEN.length + 8);
});

it("shows where an error came from that nobody expected", () => {
  expect(explain(new TypeError("x is not y"))).toEqual({
    lines: [expect.stringMatching(/x is not y\n\s+at /)],
    exitCode: 1,
  });
});
