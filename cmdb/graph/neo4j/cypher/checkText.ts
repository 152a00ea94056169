import { CypherTextProblem, type Token, textOf, tokensOf } from './lex.ts';

/** Functions of a name with dots that are the server's own; others are installed, and may do anything. */
const NAMESPACES = new Set([
  ...['date', 'datetime', 'localdatetime', 'localtime', 'time', 'duration', 'point', 'vector.similarity'],
]);
const PREFIXES = new Set(['EXPLAIN', 'PROFILE', 'CYPHER', 'USING']);

/**
 * Refuses what a plan does not show: a part of an expression, such as a subquery in a list comprehension, has a plan of
 * its own that EXPLAIN keeps to itself, with `LOAD CSV` and procedures in it like anywhere else.
 *
 * @returns the text to be sent, without comments
 * @throws {CypherTextProblem}
 */
export function checkedText(text: string): string {
  const tokens = tokensOf(text);
  while (isMark(tokens.at(-1), ';')) tokens.pop();
  if (tokens.length === 0) throw new CypherTextProblem('it is empty');
  if (tokens.some((token) => isMark(token, ';'))) {
    throw new CypherTextProblem('it holds more than one statement; send them one by one');
  }
  const first = keyword(tokens[0]);
  if (first !== null && PREFIXES.has(first)) {
    throw new CypherTextProblem(`it begins with ${first}; leave that out`);
  }
  for (const [at, token] of tokens.entries()) {
    const word = keyword(token);
    if (word === 'CSV') refuse('CSV', 'LOAD CSV reads files and the network');
    if (word === 'USE') refuse('USE', 'only the database of the graph is asked');
    const next = tokens[at + 1];
    if (word === 'CALL' && !isMark(next, '{') && !isMark(next, '(')) {
      refuse('CALL', 'procedures are not offered; a subquery CALL { … } or CALL (n) { … } is');
    }
    if (word === 'TRANSACTIONS') refuse('TRANSACTIONS', 'a query is one transaction');
    if (isMark(token, '(')) checkFunction(tokens, at);
  }
  return textOf(tokens);
}

function refuse(word: string, why: string): never {
  throw new CypherTextProblem(`${word} is not allowed: ${why} (a property of that name is written in backticks)`);
}

/** The name before a bracket: `apoc.load.json (`. */
function checkFunction(tokens: readonly Token[], bracket: number): void {
  const names: string[] = [];
  let at = bracket - 1;
  while (isName(tokens[at])) {
    names.unshift(tokens[at]!.text.replaceAll('`', ''));
    if (!isMark(tokens[at - 1], '.')) break;
    at -= 2;
  }
  if (names.length < 2) return;
  const namespace = names.slice(0, -1).join('.').toLowerCase();
  if (NAMESPACES.has(namespace)) return;
  throw new CypherTextProblem(`the function ${names.join('.')} is none of Neo4j's own that are allowed here`);
}

function isName(token: Token | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'quoted name';
}

function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === 'mark' && token.text === text;
}

function keyword(token: Token | undefined): string | null {
  return token?.kind === 'word' ? token.text.toUpperCase() : null;
}
