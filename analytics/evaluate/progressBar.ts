import type { WriteStream } from 'node:tty';

const WIDTH = 28;
const EVERY_MS = 100;
/** Where nobody looks (a file, a CI log), a line now and then is enough. */
const PLAIN_EVERY_MS = 15_000;

/** Draws how far a suite is: a bar that moves on a terminal, a line at times elsewhere. */
export class ProgressBar {
  readonly #stream: WriteStream;
  readonly #nowMs: () => number;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #open = false;

  constructor(stream: WriteStream, nowMs: () => number) {
    this.#stream = stream;
    this.#nowMs = nowMs;
  }

  show(suite: string, done: number, total: number, what: string): void {
    const now = this.#nowMs();
    const live = this.#stream.isTTY === true;
    if (now - this.#drawnMs < (live ? EVERY_MS : PLAIN_EVERY_MS) && done < total) return;
    if (!live && done >= total) return;
    this.#drawnMs = now;
    const share = total > 0 ? Math.min(done / total, 1) : 1;
    const filled = Math.round(share * WIDTH);
    const line = `${suite.padEnd(8)} ${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${done}/${total} ${what}`;
    if (!live) this.#stream.write(`${line}\n`);
    else {
      this.#stream.write(`\r\x1b[2K${line.slice(0, (this.#stream.columns ?? 100) - 1)}`);
      this.#open = true;
    }
  }

  /** Takes the bar away, so that the next line of text stands by itself. */
  clear(): void {
    if (this.#open) this.#stream.write('\r\x1b[2K');
    this.#open = false;
  }
}
