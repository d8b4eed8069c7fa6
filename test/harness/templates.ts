import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's own templates; their compiled form is kept between runs, under the hash of the templates. */
export const TEMPLATES = {
  templatesDir: fileURLToPath(new URL("../../templates", import.meta.url)),
  cacheDir: join(tmpdir(), "paperboy-test-templates"),
};
