// Turns MJML files into HTML with their slots still in place, and prints them as one JSON object. It runs as a
// process of its own: the compiler takes 60 MB that the service would otherwise hold for as long as it lives.
//
// usage: node compile-templates.mjs <file.mjml>…   →   {"<file>": {"html": …} | {"errors": […]}}
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import mjml2html from "mjml";

async function compile(file) {
  try {
    const { html } = await mjml2html(await readFile(file, "utf8"), {
      filePath: file,
      includePath: dirname(file),
      ignoreIncludes: false,
      validationLevel: "strict",
      keepComments: false,
      fonts: {},
    });
    return { html };
  } catch (error) {
    return { errors: error.errors?.map((each) => each.formattedMessage ?? String(each)) ?? [error.message] };
  }
}

const compiled = {};
for (const file of process.argv.slice(2)) compiled[file] = await compile(file);
process.stdout.write(JSON.stringify(compiled));
