import { z } from "zod";
import type { SettingName } from "./settings.ts";

/** An environment as Node.js gives it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of an app, each with what makes its text valid, and with its default. */
export type SettingShape = Readonly<Partial<Record<SettingName, z.ZodType>>>;

/** Names the setting that is missing or wrong. */
export class SettingError extends Error {
  override readonly name = "SettingError";
}

/** What is set in an environment: an empty value counts as unset. */
export const settingsOf = (env: Environment): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "",
    ),
  );

/**
 * Reads an app's settings from an environment. An empty value counts as unset.
 *
 * @throws SettingError naming the first setting that is missing or wrong.
 */
export function readEnv<Shape extends SettingShape>(
  shape: Shape,
  env: Environment,
): z.output<z.ZodObject<Shape>> {
  const given = settingsOf(env);
  const parsed = z.object(shape).safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = String(issue?.path[0]);
  throw new SettingError(`${name} ${given[name] === undefined ? "is not set" : issue?.message}`);
}

/** The value that `read` makes of a setting; whatever it throws becomes a SettingError that names the setting. */
export function readSetting<Value>(name: SettingName, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new SettingError(`${name}: ${(error as Error).message}`);
  }
}
