/** One line that is written over on a terminal, and a line every few seconds elsewhere. */
export function statusLine(): { show(text: string): void; end(text: string): void } {
  const overwrite = process.stdout.isTTY;
  let shownMs = 0;
  return {
    show: (text) => {
      if (overwrite) process.stdout.write(`\r\u001b[K${text}`);
      else if (Date.now() - shownMs > 3000) {
        shownMs = Date.now();
        console.log(text);
      }
    },
    end: (text) => console.log(overwrite ? `\r\u001b[K${text}` : text),
  };
}
