export { detectFormat, FILE_FORMATS, type FileFormat } from "./formats/detect.ts";
export type { FileContent } from "./formats/lines.ts";
export { FormatError, type ReadRecord } from "./formats/outcome.ts";
export { readPapers } from "./formats/read.ts";
export { type ParsedRecord, parsePaperRecord } from "./formats/record.ts";
export { FileError, openPapersFile } from "./open-file.ts";
export { samplePapers } from "./sample.ts";
