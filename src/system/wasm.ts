import { setFlagsFromString } from "node:v8";

/** How much a function of WebAssembly runs before V8 optimizes it, in bytes of its code, roughly: a hundred times Node 20's own. */
const TIERING_BUDGET = 180_000_000;

/**
 * Lets a short run be over before undici's parser of replies is optimized, which V8 begins with the first reply: that takes
 * 70 ms of CPU and 35 MB. A long run has it after about a hundred replies.
 */
export function optimizeWasmLate(): void {
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
}
