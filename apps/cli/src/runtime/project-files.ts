import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The project's folder, wherever it is checked out. */
export const PROJECT_DIRECTORY = fileURLToPath(new URL("../../../../", import.meta.url));

/** The mail templates; operators may edit them. */
export const TEMPLATES_DIRECTORY = `${PROJECT_DIRECTORY}templates`;

export function projectVersion(): string {
  return (JSON.parse(readFileSync(`${PROJECT_DIRECTORY}package.json`, "utf8")) as { version: string })
    .version;
}
