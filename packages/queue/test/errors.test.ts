import { describe, expect, it } from "vitest";
import { dedupeErrors, reason } from "../src/errors.ts";

describe("dedupeErrors", () => {
  it("passes the same complaint on once in its time, and others at once", () => {
    const heard: string[] = [];
    let now = 0;
    const report = dedupeErrors(
      (error) => heard.push(error.message),
      1000,
      () => now,
    );
    const say = (at: number, text: string) => {
      now = at;
      report(new Error(text));
    };
    say(0, "refused");
    say(999, "refused");
    say(999, "timed out");
    say(1000, "refused");
    expect(heard).toEqual(["refused", "timed out", "refused"]);
  });
});

describe("reason", () => {
  it("finds the text a driver hides", () => {
    expect(reason(new AggregateError([new Error("ECONNREFUSED ::1"), new Error("other")]))).toBe(
      "ECONNREFUSED ::1",
    );
    expect(reason(new TypeError())).toBe("TypeError");
    expect(reason("plain")).toBe("plain");
  });
});
