import { randomBytes } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { explainFailure } from "@paperboy/core";
import { SettingError } from "../config.ts";

/** Where everything lies that a service without outside parts keeps. */
export interface DataDirectory {
  readonly path: string;
  readonly postgres: string;
  readonly inbox: string;
  /** Compiled templates, which can be made again at any time. */
  readonly cache: string;
  readonly serviceFile: string;
}

/**
 * Makes the data directory when it is missing.
 *
 * @throws SettingError when it cannot be written.
 */
export function openDataDirectory(path: string): DataDirectory {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK | constants.X_OK);
    const probe = join(path, `.probe-${process.pid}`);
    // A disk that is full still makes folders.
    writeFileSync(probe, "x");
    rmSync(probe);
  } catch (error) {
    const says = explainFailure(error) ?? (error as Error).message;
    throw new SettingError(`PAPERBOY_DATA_DIR: ${path} cannot be written (${says})`);
  }
  return {
    path,
    postgres: join(path, "postgres"),
    inbox: join(path, "inbox"),
    cache: join(path, "cache"),
    serviceFile: join(path, "service.json"),
  };
}

/** A secret of this directory, made on first use. */
export function keptSecret({ path }: DataDirectory, name: "secret-keys" | "admin-token"): string {
  const file = join(path, name);
  if (!existsSync(file)) {
    try {
      writeFileSync(file, randomBytes(32).toString("base64url"), { mode: 0o600, flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // another process was first
    }
  }
  return readFileSync(file, "utf8").trim();
}
