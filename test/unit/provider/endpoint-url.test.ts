import { expect, test } from "vitest";
import { endpointUrl } from "../../../src/provider/endpoint-url.ts";

const PATH = "/v1/chat/completions";

test.each([
  ["https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"],
  ["https://api.openai.com/v1/", "https://api.openai.com/v1/chat/completions"],
  ["http://127.0.0.1:8000", "http://127.0.0.1:8000/v1/chat/completions"],
  ["https://api.groq.com/openai/v1", "https://api.groq.com/openai/v1/chat/completions"],
  [
    "https://generativelanguage.googleapis.com/v1beta/openai/",
    "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
  ],
  [
    "https://r.openai.azure.com/openai/deployments/d?api-version=2024-10-21",
    "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
  ],
  ["https://gateway.example/v1/chat/completions", "https://gateway.example/v1/chat/completions"],
  ["https://gateway.example/a%20b/v1#x", "https://gateway.example/a%20b/v1/chat/completions"],
])("%s", (baseUrl, url) => {
  expect(endpointUrl(baseUrl, PATH, "versioned").href).toBe(url);
});

test.each([
  ["https://api.anthropic.com", "https://api.anthropic.com/v1/messages"],
  ["https://api.anthropic.com/", "https://api.anthropic.com/v1/messages"],
  ["https://api.anthropic.com/v1", "https://api.anthropic.com/v1/messages"],
  ["https://gateway.example/anthropic", "https://gateway.example/anthropic/v1/messages"],
  ["https://gateway.example/anthropic/v1/messages", "https://gateway.example/anthropic/v1/messages"],
  ["https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/messages"],
])("Anthropic's form: %s", (baseUrl, url) => {
  expect(endpointUrl(baseUrl, "/v1/messages", "bare").href).toBe(url);
});
