import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** One acknowledged message: what the broker's PUBACK promised to keep. */
export interface Acknowledged {
  device: string;
  boot: string;
  seq: number;
  /** Device time of the message, ns since the epoch, as text: it exceeds 2^53. */
  timeNs: string;
  /** Values by index within the message; the identity of a sample is (device, boot, seq, index). */
  values: number[];
}

const FLUSH_BYTES = 64 * 1024;

/**
 * Append-only file of acknowledged messages, one tab-separated line each. An entry is taken down only after its PUBACK,
 * so the file never claims more than was promised.
 */
export class PubackJournal {
  readonly #file: number;
  #lines: string[] = [];
  #bytes = 0;
  #entries = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  /** Number of messages taken down. */
  get entries(): number {
    return this.#entries;
  }

  append({ device, boot, seq, timeNs, values }: Acknowledged): void {
    const line = `${device}\t${boot}\t${seq}\t${timeNs}\t${values.join(',')}\n`;
    this.#lines.push(line);
    this.#bytes += line.length;
    this.#entries++;
    if (this.#bytes >= FLUSH_BYTES) this.flush();
  }

  flush(): void {
    if (this.#lines.length === 0) return;
    writeSync(this.#file, this.#lines.join(''));
    this.#lines = [];
    this.#bytes = 0;
  }

  close(): void {
    this.flush();
    closeSync(this.#file);
  }
}

/** Reads a journal; a last line that was cut off by a kill is no entry. */
export async function* readJournal(path: string): AsyncGenerator<Acknowledged> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    const [device, boot, seq, timeNs, values] = line.split('\t');
    if (!device || !boot || !seq || !timeNs || values === undefined || values === '') continue;
    yield { device, boot, seq: Number(seq), timeNs, values: values.split(',').map(Number) };
  }
}
