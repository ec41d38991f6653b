import { RowError } from "../row-error.ts";
import { type Content, type ConversationApi, noEquivalent, type Part, type Source } from "./conversation.ts";
import type { Fields } from "./fields.ts";

/** Members of parts that mean the same in several APIs. */
const SHARED = ["cache_control", "prompt_cache_breakpoint"];
/** Hints in which it isn't said what is wanted. */
const NO_DETAIL = "auto";

/**
 * The parts of a content: a string is one of text.
 * @throws RowError NO_EQUIVALENT, BAD_FIELD_TYPE.
 */
export function readParts(holder: Fields, name: string, api: ConversationApi): Part[] {
  const content = holder.value(name);
  if (content === undefined) return [];
  if (typeof content !== "string") return holder.objects(name).map((part) => readPart(part, api));
  return [{ kind: "text", place: holder.place, shared: new Map(), text: holder.json(name)! }];
}

export function readPart(part: Fields, api: ConversationApi): Part {
  const content = readContent(part, api);
  const shared = new Map<string, string>();
  for (const name of SHARED) {
    const json = part.json(name);
    if (json !== null) shared.set(name, json);
  }
  part.end(api);
  return { place: part.place, shared, ...content };
}

/** Each type says whose it is, so parts of several APIs may stand side by side. */
function readContent(part: Fields, api: ConversationApi): Content {
  const type = part.string("type");
  switch (type) {
    case "text":
    case "input_text":
    case "output_text":
      return { kind: "text", text: part.stringJson("text") };
    case "refusal":
      return { kind: "refusal", text: part.stringJson("refusal") };
    case "image_url":
      return chatImage(part, api);
    case "input_image":
      return { kind: "image", source: openAiSource(part, "image_url"), detail: detailOf(part) };
    case "image":
      return { kind: "image", source: anthropicSource(part, api), detail: null };
    case "file":
      return chatFile(part, api);
    case "input_file":
      return inputFile(part, api);
    case "document":
      return { kind: "file", source: anthropicSource(part, api), name: part.string("title") };
    default:
      throw noEquivalent(`${part.place}, of type ${JSON.stringify(type)},`, api);
  }
}

/** Mistral takes the address alone, too. */
function chatImage(part: Fields, api: ConversationApi): Content {
  const image = part.value("image_url");
  if (typeof image === "string") return { kind: "image", source: sourceAt(part.place, image), detail: null };
  const fields = part.object("image_url");
  const source = sourceAt(fields.place, fields.neededString("url"));
  const detail = detailOf(fields);
  fields.end(api);
  return { kind: "image", source, detail };
}

function chatFile(part: Fields, api: ConversationApi): Content {
  const file = part.object("file");
  const content: Content = {
    kind: "file",
    source: openAiSource(file, "file_data"),
    name: file.string("filename"),
  };
  file.end(api);
  return content;
}

function inputFile(part: Fields, api: ConversationApi): Content {
  if (detailOf(part) !== null) throw noEquivalent(`${part.place}.detail`, api);
  const url = part.string("file_url");
  const source: Source = url === null ? openAiSource(part, "file_data") : { kind: "url", url };
  return { kind: "file", source, name: part.string("filename") };
}

function detailOf(fields: Fields): string | null {
  const detail = fields.string("detail");
  return detail === NO_DETAIL ? null : detail;
}

function openAiSource(fields: Fields, member: "image_url" | "file_data"): Source {
  const id = fields.string("file_id");
  return id === null
    ? sourceAt(`${fields.place}.${member}`, fields.neededString(member))
    : { kind: "id", id };
}

function anthropicSource(part: Fields, api: ConversationApi): Source {
  const source = part.object("source");
  const type = source.string("type");
  const read = (): Source => {
    if (type === "url") return { kind: "url", url: source.neededString("url") };
    if (type !== "base64") throw noEquivalent(`${source.place}, of type ${JSON.stringify(type)},`, api);
    return {
      kind: "data",
      mediaType: source.neededString("media_type"),
      base64: source.neededString("data"),
    };
  };
  const found = read();
  source.end(api);
  return found;
}

/** Looks at the head alone: what follows may be megabytes. */
const DATA_URL = /^data:([^,]+?);base64,/i;

function sourceAt(place: string, url: string): Source {
  if (/^https?:/i.test(url)) return { kind: "url", url };
  const head = DATA_URL.exec(url.slice(0, 200));
  if (head !== null) return { kind: "data", mediaType: head[1]!, base64: url.slice(head[0].length) };
  const start = JSON.stringify(url.slice(0, 30));
  throw new RowError("BAD_FIELD_TYPE", `${place} begins with ${start}, not with https: or data:TYPE;base64,`);
}
