import { afterEach } from "vitest";
import { cleanUp } from "./after-test.ts";

// Test files share their processes, and with them the helpers, whose own hooks would be those of the first file alone.
afterEach(cleanUp);
