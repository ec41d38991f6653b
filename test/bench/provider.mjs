// The provider of the bench, in a process of its own: takes a chat completion, answers the same to each after a latency.
// Bare sockets, so that it is never what is slow. GET /stats: when the requests came in, and forgets them.
//   node provider.mjs LATENCY_MS     prints its port
import net from "node:net";

const latencyMs = Number(process.argv[2]);
const ANSWER = JSON.stringify({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_750_000_000,
  model: "bench-1",
  choices: [
    {
      index: 0,
      message: {
        role: "assistant",
        content: "The quick brown fox jumps over the lazy dog, and then it does so once more.",
      },
      finish_reason: "stop",
    },
  ],
  usage: { prompt_tokens: 24, completion_tokens: 17, total_tokens: 41 },
});
const ANSWERED = reply(ANSWER);
let arrivals = [];

function reply(body) {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req-1\r\ncontent-length: ${Buffer.byteLength(body)}`;
  return Buffer.from(`${head}\r\n\r\n${body}`);
}

function answer(socket, request) {
  if (request.startsWith("GET /stats")) {
    socket.write(reply(JSON.stringify(arrivals)));
    arrivals = [];
    return;
  }
  arrivals.push(performance.now());
  if (latencyMs === 0) socket.write(ANSWERED);
  else setTimeout(() => socket.write(ANSWERED), latencyMs);
}

const server = net.createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("error", () => {});
  let text = "";
  socket.on("data", (bytes) => {
    text += bytes.latin1Slice();
    for (;;) {
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (text.length < end + 4 + length) return;
      const request = text;
      text = text.slice(end + 4 + length);
      answer(socket, request);
    }
  });
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, () => console.log(server.address().port));
process.stdin.on("end", () => process.exit()).resume();
