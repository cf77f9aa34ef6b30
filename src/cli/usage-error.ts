import { GennakerError } from "../errors.ts";

/** The command line is not understood: code `GENNAKER_INVALID_CONFIG`, exit code 2. */
export class UsageError extends GennakerError {
  override readonly name = "UsageError";

  constructor(message: string, hint?: string, details: Readonly<Record<string, unknown>> = {}) {
    super("GENNAKER_INVALID_CONFIG", message, { details: hint === undefined ? details : { ...details, hint } });
  }
}
