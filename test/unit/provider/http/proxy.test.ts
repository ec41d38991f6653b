import { expect, test } from "vitest";
import { proxiesFor } from "../../../../src/provider/http/proxy.ts";

test.each([
  ["proxy.corp:3128", "http://proxy.corp:3128"],
  ["http://user:secret@proxy.corp:3128", "http://user:secret@proxy.corp:3128"],
  ["socks5://proxy.corp:1080", "socks5://proxy.corp:1080"],
  ["socks5h://proxy.corp:1080", "socks5://proxy.corp:1080"],
])("%s is a proxy", (value, httpsProxy) => {
  const proxies = proxiesFor(new URL("https://provider.invalid/v1"), { HTTPS_PROXY: value });
  expect(proxies).toEqual({ httpProxy: "", httpsProxy });
});
