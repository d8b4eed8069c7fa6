import { entry } from "./fixtures.ts";

export const escaped = (url: string) => url.replaceAll("&", "&amp;");

export const count = (text: string, part: string) => text.split(part).length - 1;

export const papers = (many: number, fields = {}) =>
  Array.from({ length: many }, (_, index) =>
    entry({ ...fields, id: index, title: `Paper number ${index} of many` }),
  );
