import type { RowErrorCode } from "../request/row-error.ts";

/** What each code means, and what mends the row. */
export const ROW_ERRORS: Readonly<Record<RowErrorCode, { meaning: string; remedy: string }>> = {
  BAD_JSON: {
    meaning: "the line is not valid JSON",
    remedy:
      "write one JSON object a line, without line breaks inside; or say --format json of a list of objects, with no comma before its end",
  },
  NOT_AN_OBJECT: {
    meaning: "the line is JSON, but not an object",
    remedy: 'write one JSON object a line, e.g. {"prompt": "…"}',
  },
  MISSING_FIELD: {
    meaning: "the row has nothing to send",
    remedy: "name the field that holds the prompt with --prompt-field, or write --template '{{field}} …'",
  },
  WRAPPED_ROWS: {
    meaning: "the row has nothing to send, and a field of it is a list that looks like the rows",
    remedy: "take the rows out of the field first, e.g. jq -c '.data[]' old.json > new.jsonl",
  },
  MISSING_MODEL: {
    meaning: "neither the row nor the run names a model",
    remedy: "name one with --model, or as the `model` of the endpoint",
  },
  MODEL_NOT_SERVED: {
    meaning: "the row names a model that none of the endpoints has among its `models`",
    remedy: "add it to the `models` of an endpoint, or correct the row",
  },
  BAD_FIELD_TYPE: {
    meaning: "a field that is sent has the wrong type",
    remedy: "correct the field, or name another with --prompt-field or --template",
  },
  BAD_JSON_FIELD: {
    meaning: "a field that is sent begins like a list or an object, and is not valid JSON",
    remedy:
      'write it as JSON, e.g. [{"role": "user", "content": "…"}]; in a CSV the cell stands in double quotes, and those in it are doubled',
  },
  AMBIGUOUS_ROW: {
    meaning: "the row can be read in two ways",
    remedy: "take one of the fields out, or choose with --prompt-field prompt",
  },
  UNKNOWN_FIELD: {
    meaning: "the template names a field that the row doesn't have",
    remedy: "correct the name in --template or --system, or add the field to the row",
  },
  UNSUPPORTED_ROW: {
    meaning: "the row holds messages, and the API takes a text",
    remedy: 'write rows as {"prompt": "…"}, or choose another --api',
  },
  NO_EQUIVALENT: {
    meaning: "the row holds something that the API of its endpoint has nothing like",
    remedy: "take it out of the row, or send it with --api to the API it is written for",
  },
  MIXED_FORMS: {
    meaning: "the row has another form than the first row of its file",
    remedy: "put batch lines and other rows in files of their own, and give both files",
  },
  BAD_BATCH_LINE: {
    meaning: "the batch line lacks something that its API needs, or has it in the wrong form",
    remedy:
      'write lines as {"custom_id", "method": "POST", "url", "body": {…}}, or for Anthropic {"custom_id", "params": {…}}',
  },
  UNKNOWN_URL: {
    meaning: "the batch line's url is none that is known",
    remedy:
      "name one of /v1/chat/completions, /v1/responses, /v1/embeddings, /v1/completions, /v1/moderations",
  },
  STREAMED_ANSWER: {
    meaning: "the batch line asks for an answer in pieces or later, and answers are always read whole",
    remedy: 'take "stream" and "background" out of the line',
  },
  BAD_ID: {
    meaning: "the row's id is empty, or neither a string nor a number",
    remedy: "give the row an id, or name another field with --id-field",
  },
  BAD_GROUP: {
    meaning: "the row's field for --budget-by is missing, empty, too long or no plain value",
    remedy: "give every row the field, or name another with --budget-by",
  },
  EMPTY_ROW: {
    meaning: "every field of the CSV record is empty",
    remedy: "delete the empty records",
  },
  RAGGED_ROW: {
    meaning: "the CSV record has more or fewer fields than the header",
    remedy: "put fields that hold the delimiter or a line break in quotes",
  },
  BAD_ENCODING: {
    meaning: "the line is not valid UTF-8",
    remedy: "convert the file first, e.g. iconv -f WINDOWS-1252 -t UTF-8 old > new",
  },
  LINE_TOO_LONG: {
    meaning: "the line is longer than 64 MiB",
    remedy: "check that the file has line breaks, or shorten the line",
  },
  ROW_TOO_LARGE: {
    meaning: "the request is estimated above --max-request-tokens",
    remedy: "shorten the row, or raise --max-request-tokens",
  },
};
