/** A field's value: a number (float, integer, unsigned), a boolean, or a text. */
export type LineValue = number | bigint | boolean | string;

/** One line of the InfluxDB line protocol, its escapes taken away. */
export interface Line {
  /** 1 for the payload's first. */
  number: number;
  measurement: string;
  tags: readonly (readonly [key: string, value: string])[];
  fields: readonly (readonly [key: string, value: LineValue])[];
  /** Digits as written; null without a timestamp. */
  timestamp: string | null;
}

/** A line that is none, and why; `column` counts from 1. */
export interface BadLine {
  number: number;
  column: number;
  reason: string;
  text: string;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INTEGER = /^-?\d+i$/;
const UNSIGNED = /^\d+u$/;
const TIMESTAMP = /^-?\d{1,19}$/;
const BOOLEANS: Readonly<Record<string, boolean>> = {
  ...{ t: true, T: true, true: true, True: true, TRUE: true },
  ...{ f: false, F: false, false: false, False: false, FALSE: false },
};
const MAX_EXCERPT = 200;
const [TAB, LINE_FEED, CARRIAGE_RETURN, SPACE, HASH] = [9, 10, 13, 32, 35];

/** Thrown within this file alone; no Error, for its stack costs more than the line. */
class LineTrouble {
  readonly at: number;
  readonly reason: string;

  constructor(at: number, reason: string) {
    this.at = at;
    this.reason = reason;
  }
}

/**
 * Reads the lines of a payload (InfluxDB line protocol): comments and empty lines are skipped, a line that is wrong
 * costs itself only, and reading goes on behind its end.
 */
export function* readLines(text: string): Generator<Line | BadLine> {
  const reader = new LineReader(text);
  while (reader.toNextLine()) {
    const { at: start, number } = reader;
    try {
      yield reader.line();
    } catch (error) {
      if (!(error instanceof LineTrouble)) throw error;
      reader.skipLine(error.at);
      yield {
        number,
        column: error.at - start + 1,
        reason: error.reason,
        text: text.slice(start, Math.min(reader.at, start + MAX_EXCERPT)).trim(),
      };
    }
  }
}

class LineReader {
  readonly #text: string;
  at = 0;
  number = 1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Stands at the first character of the next line that says something; false at the end. */
  toNextLine(): boolean {
    const text = this.#text;
    let at = this.at;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === HASH) {
        const end = text.indexOf('\n', at);
        if (end === -1) break;
        at = end;
        this.number++;
      } else if (code === LINE_FEED) this.number++;
      else if (code !== SPACE && code !== TAB && code !== CARRIAGE_RETURN) {
        this.at = at;
        return true;
      }
    }
    this.at = text.length;
    return false;
  }

  /** Stands at the end of the line in which `from` lies. */
  skipLine(from: number): void {
    const end = this.#text.indexOf('\n', from);
    this.at = end === -1 ? this.#text.length : end;
  }

  line(): Line {
    const { number } = this;
    const measurement = this.#name(', \n\r', ', ');
    if (measurement === '') throw new LineTrouble(this.at, 'a line begins with the name of its measurement');
    const tags: [string, string][] = [];
    while (this.#text[this.at] === ',') {
      this.at++;
      tags.push(this.#tag());
    }
    if (this.#text[this.at] !== ' ') throw new LineTrouble(this.at, 'a space and at least one field=value must follow');
    this.#skipSpaces();
    const fields: [string, LineValue][] = [this.#field()];
    while (this.#text[this.at] === ',') {
      this.at++;
      fields.push(this.#field());
    }
    return { number, measurement, tags, fields, timestamp: this.#timestamp() };
  }

  #tag(): [string, string] {
    const key = this.#name(',= \n\r', ',= ');
    if (key === '' || this.#text[this.at] !== '=') throw new LineTrouble(this.at, 'a tag is written key=value');
    this.at++;
    const value = this.#name(',= \n\r', ',= ');
    if (value === '') throw new LineTrouble(this.at, `the tag ${key.slice(0, 40)} has no value`);
    if (this.#text[this.at] === '=') throw new LineTrouble(this.at, 'write \\= for an = within a tag');
    return [key, value];
  }

  #field(): [string, LineValue] {
    const key = this.#name(',= \n\r', ',= ');
    if (key === '' || this.#text[this.at] !== '=') throw new LineTrouble(this.at, 'a field is written key=value');
    this.at++;
    return [key, this.#text[this.at] === '"' ? this.#quoted() : this.#bare(key)];
  }

  /** A name up to one of `ends`; a backslash before one of `escapable` makes it part of the name, elsewhere it is itself. */
  #name(ends: string, escapable: string): string {
    const text = this.#text;
    const start = this.at;
    let name = '';
    let from = start;
    while (this.at < text.length && !ends.includes(text[this.at]!)) {
      if (text[this.at] === '\\' && this.at + 1 < text.length && escapable.includes(text[this.at + 1]!)) {
        name += text.slice(from, this.at);
        from = this.at + 1;
        this.at++;
      }
      this.at++;
    }
    return name + text.slice(from, this.at);
  }

  /** A text in quotes: \" and \\ are escapes, line breaks belong to it. */
  #quoted(): string {
    const text = this.#text;
    const start = this.at++;
    const pieces: string[] = [];
    let from = this.at;
    for (; this.at < text.length; this.at++) {
      const character = text[this.at]!;
      if (character === '"') {
        pieces.push(text.slice(from, this.at++));
        return pieces.join('');
      }
      if (character === '\n') this.number++;
      else if (character === '\\' && (text[this.at + 1] === '"' || text[this.at + 1] === '\\')) {
        pieces.push(text.slice(from, this.at++));
        from = this.at;
      }
    }
    throw new LineTrouble(start, 'a text that begins with " never ends');
  }

  #bare(key: string): LineValue {
    const start = this.at;
    while (this.at < this.#text.length && !', \n\r'.includes(this.#text[this.at]!)) this.at++;
    const word = this.#text.slice(start, this.at);
    if (NUMBER.test(word)) return Number(word);
    if (word.length <= 21 && (INTEGER.test(word) || UNSIGNED.test(word))) return BigInt(word.slice(0, -1));
    const boolean = BOOLEANS[word];
    if (boolean !== undefined && Object.hasOwn(BOOLEANS, word)) return boolean;
    throw new LineTrouble(
      start,
      `the field ${key.slice(0, 40)} is no value: send a number, an integer with i or u, true or false, or a text in quotes`,
    );
  }

  #timestamp(): string | null {
    this.#skipSpaces();
    const start = this.at;
    while (this.at < this.#text.length && !' \n\r'.includes(this.#text[this.at]!)) this.at++;
    const digits = this.#text.slice(start, this.at);
    if (digits !== '' && !TIMESTAMP.test(digits))
      throw new LineTrouble(start, 'what follows the fields must be a timestamp of at most 19 digits');
    this.#skipSpaces();
    if (this.#text[this.at] === '\r') this.at++;
    if (this.at < this.#text.length && this.#text[this.at] !== '\n')
      throw new LineTrouble(this.at, 'the line goes on behind its timestamp; put a line break there');
    return digits === '' ? null : digits;
  }

  #skipSpaces(): void {
    while (this.#text[this.at] === ' ' || this.#text[this.at] === '\t') this.at++;
  }
}
