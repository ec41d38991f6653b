import { LlmBatchError } from "../../domain/errors.ts";
import { fileTrouble } from "../../domain/file-error.ts";

/**
 * Adds a file's variables to the environment; what is set already stays.
 * @throws LlmBatchError ENV_FILE_UNREADABLE
 */
export function loadEnvFile(path: string | null): void {
  if (path === null) return;
  try {
    process.loadEnvFile(path);
  } catch (cause) {
    throw new LlmBatchError({
      code: "ENV_FILE_UNREADABLE",
      message: `${path}: can't be read: ${fileTrouble(cause)}`,
      hint: "check the path given with --env-file",
      cause,
    });
  }
}
