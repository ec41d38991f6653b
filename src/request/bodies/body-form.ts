import type { AnswerSchema } from "../answer-schema.ts";
import type { Prompt } from "../prompt.ts";

/** How one API wants the body of a request: what its fields are called, and how it takes a prompt. */
export interface BodyForm {
  /** What a request asks for, in words for people. */
  readonly title: string;
  /** The API's names for these settings; null where it has nothing like it. */
  readonly names: {
    readonly temperature: string | null;
    readonly maxTokens: string | null;
    readonly serviceTier: string | null;
  };
  /** The most tokens of an answer where neither row nor run says it, for an API that must be told; else null. */
  readonly defaultMaxTokens: number | null;
  /** The fields that a prompt goes into; a request is nothing without the first of them. */
  readonly promptFields: readonly [string, ...string[]];
  readonly takesSystem: boolean;
  /**
   * The members that carry a prompt, as JSON text without braces.
   * @throws RowError
   */
  prompt(prompt: Prompt): string;
  /** The field that asks for answers of a schema; null where the API has none. */
  readonly schema: ((schema: AnswerSchema) => SchemaField) | null;
}

interface SchemaField {
  /** The body's field, which may hold other things too. */
  field: string;
  /** The member of `field` that holds the schema; null where it is the whole of it. */
  member: string | null;
  /** JSON text. */
  json: string;
}
