import { LlmBatchError } from "../../domain/errors.ts";

/** Proxies for addresses of either kind, in undici's words; empty where there is none. */
export interface Proxies {
  httpProxy: string;
  httpsProxy: string;
}

/** What curl takes as a proxy: an address, or a host and a port alone. */
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const PROTOCOL = /^(https?|socks5?):$/;
/** curl's name for a proxy that looks up the names of hosts itself, as undici has every one of these do. */
const REMOTE_NAMES = /^socks5h:/i;
/** Calls to this machine never need a proxy, and one on another couldn't make them. */
const OWN_HOST = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * The proxies that the environment names; null where none is for calls to `url`. What NO_PROXY leaves out is undici's to know.
 * @throws LlmBatchError BAD_PROXY
 */
export function proxiesFor({ hostname }: URL, env: NodeJS.ProcessEnv): Proxies | null {
  if (OWN_HOST.test(hostname)) return null;
  const httpProxy = proxyIn("http_proxy", env);
  const httpsProxy = proxyIn("https_proxy", env);
  return httpProxy === "" && httpsProxy === "" ? null : { httpProxy, httpsProxy };
}

function proxyIn(name: string, env: NodeJS.ProcessEnv): string {
  const variable = env[name] === undefined ? name.toUpperCase() : name;
  const value = env[variable]?.trim() ?? "";
  if (value === "") return "";
  const address = (SCHEME.test(value) ? value : `http://${value}`).replace(REMOTE_NAMES, "socks5:");
  if (URL.canParse(address) && PROTOCOL.test(new URL(address).protocol)) return address;
  // The value may hold a password.
  throw new LlmBatchError({
    code: "BAD_PROXY",
    message: `the environment variable ${variable} names no proxy`,
    hint: `export ${variable}=http://HOST:PORT, or unset it`,
  });
}
