namespace Nova.Modules.Consoles;

/// <summary>
/// A page that shows a serial console: <c>/console/serial.html?token=…</c>. It is a plain terminal: it knows line feeds,
/// backspaces and clearing, and leaves out colours and cursor movements, which a login and a shell do without.
/// </summary>
internal static class SerialPage
{
    public const string Html =
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>Serial console</title>
        <style>
        html, body { height: 100%; margin: 0; background: #111; color: #ddd; }
        #screen { box-sizing: border-box; height: calc(100% - 2em); margin: 0; padding: .5em; overflow-y: auto; font: 14px/1.3 monospace; white-space: pre-wrap; word-break: break-all; outline: none; }
        #screen::after { content: "\2588"; }
        #state { height: 2em; line-height: 2em; padding: 0 .5em; font: 13px/2em sans-serif; background: #333; }
        </style>
        </head>
        <body>
        <pre id="screen" tabindex="0" role="log" aria-label="Serial console"></pre>
        <div id="state" role="status">Connecting …</div>
        <script src="serial.js"></script>
        </body>
        </html>
        """;

    public const string Script =
        """
        "use strict";
        const screen = document.getElementById("screen");
        const state = document.getElementById("state");
        const token = new URLSearchParams(location.search).get("token") ?? "";
        const longest = 200000;
        const keys = {
          Enter: "\r", Backspace: "\x7f", Tab: "\t", Escape: "\x1b", ArrowUp: "\x1b[A", ArrowDown: "\x1b[B", ArrowRight: "\x1b[C",
          ArrowLeft: "\x1b[D", Home: "\x1b[H", End: "\x1b[F", Delete: "\x1b[3~", PageUp: "\x1b[5~", PageDown: "\x1b[6~",
        };
        const decoder = new TextDecoder();
        const encoder = new TextEncoder();
        let text = "", line = "", column = 0, pending = "";

        // The present line can be overwritten; those above it stand.
        function put(character) {
          if (character === "\n") { text += line + "\n"; line = ""; column = 0; }
          else if (character === "\r") column = 0;
          else if (character === "\b") column = Math.max(0, column - 1);
          else if (character === "\t") do put(" "); while (column % 8);
          else if (character >= " ") { line = line.slice(0, column).padEnd(column) + character + line.slice(column + 1); column++; }
        }

        function escape(sequence) {
          if (/^\x1b\[[0-3]?J$/.test(sequence)) { text = ""; line = ""; column = 0; }
          else if (/^\x1b\[0?K$/.test(sequence)) line = line.slice(0, column);
        }

        function show(chunk) {
          const all = pending + chunk;
          pending = "";
          for (let i = 0; i < all.length; i++) {
            if (all[i] !== "\x1b") { put(all[i]); continue; }
            const rest = all.slice(i, i + 64);
            const found = /^\x1b(\[[0-?]*[ -\/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[()*+#][0-9A-Za-z]|[@-Z\\^_a-z0-9=>])/.exec(rest);
            if (found) { escape(found[0]); i += found[0].length - 1; }
            else if (rest.length < 64) { pending = rest; break; }
          }
          if (text.length > longest) text = text.slice(-longest / 2);
          screen.textContent = text + line;
          screen.scrollTop = screen.scrollHeight;
        }

        const socket = new WebSocket(
          (location.protocol === "https:" ? "wss://" : "ws://") + location.host + "/console?token=" + encodeURIComponent(token), ["binary"]);
        let opened = false;
        socket.binaryType = "arraybuffer";
        socket.onopen = () => { opened = true; state.textContent = "Connected"; screen.focus(); };
        socket.onmessage = message => show(decoder.decode(message.data, { stream: true }));
        socket.onclose = event => {
          state.textContent = opened ? "Closed. " + event.reason : "Refused: the address has expired or the server is not there. Ask for a new one.";
        };

        function send(characters) {
          if (socket.readyState === WebSocket.OPEN) socket.send(encoder.encode(characters));
        }

        screen.addEventListener("keydown", event => {
          if (event.isComposing || event.metaKey || event.altKey) return;
          let characters = keys[event.key];
          if (event.ctrlKey && /^[a-z\[\\\]]$/i.test(event.key)) {
            if (event.key === "v" || (event.key === "c" && String(getSelection()))) return;
            characters = String.fromCharCode(event.key.toUpperCase().charCodeAt(0) & 31);
          } else if (!characters && event.key.length === 1 && !event.ctrlKey) characters = event.key;
          if (!characters) return;
          event.preventDefault();
          send(characters);
        });
        screen.addEventListener("paste", event => {
          event.preventDefault();
          send(event.clipboardData.getData("text").replace(/\r?\n/g, "\r"));
        });
        """;
}
