import type { RequestSettings } from "../domain/request.ts";
import type { Row } from "../domain/row.ts";
import { RowError } from "./row-error.ts";
import { beginsWithSystem, messagesOfRow, promptJson, userMessage } from "./row-forms.ts";
import { compileTemplate, type Template } from "./template.ts";

export interface MessageBuilder {
  /** The fields that templates show to the model. */
  readonly shown: ReadonlySet<string>;
  /**
   * The messages of a row, as JSON text.
   * @throws RowError
   */
  build(row: Row): string;
}

/**
 * How a run makes messages of its rows: by template, by prompt field, or by the row's own form.
 * @throws LlmBatchError BAD_TEMPLATE.
 */
export function compileMessages(settings: RequestSettings): MessageBuilder {
  const template = settings.template === null ? null : compileTemplate(settings.template);
  const system = settings.system === null ? null : compileTemplate(settings.system);
  const mayBringSystem = template === null && settings.promptField === null;
  return {
    shown: new Set([...(template?.fields ?? []), ...(system?.fields ?? [])]),
    build(row) {
      const messages = userMessages(row, template, settings.promptField);
      if (system === null || (mayBringSystem && beginsWithSystem(row))) return messages;
      return `[{"role":"system","content":${JSON.stringify(system.render(row))}},${messages.slice(1)}`;
    },
  };
}

function userMessages(row: Row, template: Template | null, promptField: string | null): string {
  if (template !== null) return userMessage(JSON.stringify(renderPrompt(template, row)));
  return promptField === null ? messagesOfRow(row) : userMessage(promptJson(row, promptField));
}

function renderPrompt(template: Template, row: Row): string {
  const prompt = template.render(row);
  if (prompt.trim() !== "") return prompt;
  throw new RowError("MISSING_FIELD", "the template gives an empty prompt for this row");
}
