/** A piece of a Cypher text. Names in backticks are never keywords. */
export interface Token {
  readonly kind: 'word' | 'quoted name' | 'string' | 'mark';
  readonly text: string;
  /** Whether a space or a comment stands before it. */
  readonly apart: boolean;
}

/** Why a text cannot be read the one way that the server would read it. */
export class CypherTextProblem extends Error {}

const ESCAPES = '\\\'"`bfnrt';
const WORD = /^[A-Za-z0-9_$\u0080-\u{10ffff}]+/u;
/** What some would read as white space and some would not. */
const UNCLEAR = /[\p{Z}\p{C}]/u;

/**
 * Cuts a text into tokens and leaves comments out. It reads no more than it can be sure of: what the server might read
 * otherwise (written escapes of characters, which it replaces before it reads anything, and odd spaces) is a problem.
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let apart = false;
  const add = (kind: Token['kind'], text: string) => {
    tokens.push({ kind, text, apart });
    apart = false;
  };
  for (let at = 0; at < text.length; ) {
    const char = text[at]!;
    const left = endOfGap(text, at);
    if (left > at) {
      apart = true;
      at = left;
    } else if (char === "'" || char === '"' || char === '`') {
      const end = endOfQuoted(text, at, char);
      add(char === '`' ? 'quoted name' : 'string', text.slice(at, end));
      at = end;
    } else {
      const word = WORD.exec(text.slice(at, at + 1000))?.[0];
      if (UNCLEAR.test(word ?? char)) {
        throw new CypherTextProblem('it holds an invisible or unusual space outside of a string; write a plain one');
      }
      if (char === '\\') throw new CypherTextProblem('it holds a backslash outside of a string; take it out');
      add(word === undefined ? 'mark' : 'word', word ?? char);
      at += word?.length ?? 1;
    }
  }
  return tokens;
}

/** The text that the tokens stand for, for a server that shall read nothing else. */
export function textOf(tokens: readonly Token[]): string {
  return tokens
    .map(({ text, apart }) => (apart ? ` ${text}` : text))
    .join('')
    .trim();
}

/** Behind the space or the comment that begins here; here, when none does. */
function endOfGap(text: string, at: number): number {
  if (/[ \t\r\n]/.test(text[at]!)) return at + 1;
  if (text.startsWith('//', at)) return endOfLine(text, at);
  return text.startsWith('/*', at) ? endOfComment(text, at) : at;
}

function endOfLine(text: string, at: number): number {
  const end = text.slice(at).search(/[\r\n]/);
  return end < 0 ? text.length : at + end;
}

function endOfComment(text: string, at: number): number {
  const end = text.indexOf('*/', at + 2);
  if (end < 0) throw new CypherTextProblem('a comment is not closed');
  return end + 2;
}

function endOfQuoted(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at]!;
    if (char === '\\') {
      const next = text[at + 1] ?? '';
      if (!ESCAPES.includes(next) || next === '') {
        throw new CypherTextProblem(
          `\\${next} is an escape that is not read here; write the character itself, or a parameter`,
        );
      }
      // In a name the backslash is a character like any other.
      if (quote !== '`') at++;
    } else if (char === quote) {
      if (quote !== '`' || text[at + 1] !== '`') return at + 1;
      at++;
    }
  }
  throw new CypherTextProblem(`a ${quote} is not closed`);
}
