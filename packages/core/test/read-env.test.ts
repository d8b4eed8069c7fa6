import { readEnv, readSetting, SettingError } from "@paperboy/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const SHAPE = {
  PORT: z.coerce.number({ error: "must be a port number" }).int().max(65_535).default(3000),
  MAIL_FROM: z.string(),
  REDIS_URL: z.string().startsWith("redis://", "must look like redis://host:6379").optional(),
};

describe("the settings of an app", () => {
  it("are read, with defaults for what is absent or empty, and nothing else of the environment", () => {
    const env = { MAIL_FROM: "digest@example.org", PORT: "", REDIS_URL: undefined, HOME: "/root" };
    expect(readEnv(SHAPE, env)).toEqual({ MAIL_FROM: "digest@example.org", PORT: 3000 });
    expect(readEnv(SHAPE, { ...env, PORT: "8080" }).PORT).toBe(8080);
  });

  it.each<[string, Record<string, string>, string]>([
    ["missing", {}, "MAIL_FROM is not set"],
    ["empty", { MAIL_FROM: "" }, "MAIL_FROM is not set"],
    ["no number", { MAIL_FROM: "a@b.org", PORT: "http" }, "PORT must be a port number"],
    [
      "of another kind",
      { MAIL_FROM: "a@b.org", REDIS_URL: "http://x" },
      "REDIS_URL must look like redis://host:6379",
    ],
  ])("that are %s are named", (_, env, message) => {
    expect(() => readEnv(SHAPE, env)).toThrow(new SettingError(message));
  });

  it("that something else reads are named with what it says", () => {
    expect(readSetting("SMTP_PACE", () => 1)).toBe(1);
    const read = () => {
      throw new Error("a pace is written 10/minute");
    };
    expect(() => readSetting("SMTP_PACE", read)).toThrow(
      new SettingError("SMTP_PACE: a pace is written 10/minute"),
    );
  });
});
