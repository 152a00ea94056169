/**
 * Assembles the few instructions of WebAssembly's text format that our kernels are written in: folded expressions, named
 * locals and labels, one imported memory, functions of i32 parameters without results. `f32x4.shuffle` with four lanes
 * stands for the sixteen bytes of `i8x16.shuffle`; all else is standard text.
 *
 * @param text functions `(func $name (param $a $b) (local $n i32) … body)`
 * @returns the binary module; it imports `env.memory` and exports every function under its name
 * @throws {Error} for a word it does not know: the text is part of the program, not data
 * @see WebAssembly Core Specification 2.0, chapters 5 and 6
 */
export function assembleWasm(text: string): Uint8Array<ArrayBuffer> {
  const functions = parse(text.replace(/;;.*$/gm, '')).map(functionOf);
  const types = functions.map(({ params }) => [0x60, ...vector(params.map(() => I32)), 0]);
  const memory = [...name('env'), ...name('memory'), 0x02, 0x00, 1];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(2, [memory]),
    ...section(
      3,
      functions.map((_, i) => leb(i)),
    ),
    ...section(
      7,
      functions.map((f, i) => [...name(f.name), 0, ...leb(i)]),
    ),
    ...section(
      10,
      functions.map(({ code }) => [...leb(code.length), ...code]),
    ),
  ]);
}

type Node = string | Node[];

const I32 = 0x7f;
const TYPES: Readonly<Record<string, number>> = { i32: I32, f32: 0x7d, v128: 0x7b };

/** Instructions whose operands all come from the stack. */
const PLAIN: Readonly<Record<string, readonly number[]>> = {
  'i32.add': [0x6a],
  'i32.lt_u': [0x49],
  'f32.add': [0x92],
  'f32.div': [0x95],
  'f32.convert_i32_u': [0xb3],
  'f32x4.splat': [0xfd, 0x13],
  'f32x4.sqrt': [0xfd, 0xe3, 0x01],
  'f32x4.add': [0xfd, 0xe4, 0x01],
  'f32x4.sub': [0xfd, 0xe5, 0x01],
  'f32x4.mul': [0xfd, 0xe6, 0x01],
  'f32x4.div': [0xfd, 0xe7, 0x01],
  'f32x4.pmax': [0xfd, 0xeb, 0x01],
};
/** Instructions on memory, which take `offset=n` first. */
const MEMORY: Readonly<Record<string, readonly number[]>> = {
  'v128.load': [0xfd, 0x00],
  'v128.store': [0xfd, 0x0b],
  'f32.store': [0x38],
};

function parse(text: string): Node[] {
  const root: Node[] = [];
  const open: Node[][] = [root];
  for (const [token] of text.matchAll(/[()]|[^\s()]+/g)) {
    const inner = open.at(-1)!;
    if (token === '(') {
      const list: Node[] = [];
      inner.push(list);
      open.push(list);
    } else if (token === ')') open.pop();
    else inner.push(token);
  }
  if (open.length !== 1) throw new Error('unbalanced parentheses in a kernel');
  return root;
}

function functionOf(node: Node): { name: string; params: string[]; code: number[] } {
  const [, ident, ...rest] = node as [string, string, ...Node[][]];
  const named = (kind: string) => rest.filter(([head]) => head === kind);
  const params = named('param').flatMap(([, ...names]) => names as string[]);
  const locals = named('local') as string[][];
  const slots = [...params, ...locals.map(([, local]) => local!)];
  const body = rest.filter(([head]) => head !== 'param' && head !== 'local').flatMap((part) => emit(part, slots, []));
  const declared = vector(locals.map(([, , type]) => [1, TYPES[type!]!]));
  return { name: ident.slice(1), params, code: [...declared, ...body, 0x0b] };
}

/** Operands first, then the instruction itself with what it carries in the code. */
function emit(node: Node, slots: readonly string[], labels: readonly string[]): number[] {
  const [head, ...rest] = node as [string, ...Node[]];
  const operands = rest.filter((part) => typeof part !== 'string');
  const words = rest.filter((part) => typeof part === 'string');
  const inner = (inside = labels) => operands.flatMap((part) => emit(part, slots, inside));
  const slot = () => {
    const at = slots.indexOf(words[0]!);
    if (at < 0) throw new Error(`unknown local ${words[0]}`);
    return leb(at);
  };
  if (PLAIN[head]) return [...inner(), ...PLAIN[head]];
  if (MEMORY[head]) return [...inner(), ...MEMORY[head], 0, ...leb(Number(words[0]?.slice('offset='.length) ?? 0))];
  switch (head) {
    case 'local.get':
      return [0x20, ...slot()];
    case 'local.set':
      return [...inner(), 0x21, ...slot()];
    case 'i32.const':
      return [0x41, ...signedLeb(Number(words[0]))];
    case 'f32.const':
      return [0x43, ...new Uint8Array(new Float32Array([Number(words[0])]).buffer)];
    case 'f32x4.extract_lane':
      return [...inner(), 0xfd, 0x1f, Number(words[0])];
    case 'f32x4.shuffle':
      return [...inner(), 0xfd, 0x0d, ...words.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * Number(lane) + byte))];
    case 'loop':
      return [0x03, 0x40, ...inner([words[0]!, ...labels]), 0x0b];
    case 'br_if':
      return [...inner(), 0x0d, ...leb(labels.indexOf(words[0]!))];
    default:
      throw new Error(`unknown instruction ${head}`);
  }
}

function section(id: number, entries: readonly (readonly number[])[]): number[] {
  const content = [...leb(entries.length), ...entries.flat()];
  return [id, ...leb(content.length), ...content];
}

function vector(entries: readonly (number | readonly number[])[]): number[] {
  return [...leb(entries.length), ...entries.flat()];
}

function name(text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)];
  return [...leb(bytes.length), ...bytes];
}

/** Unsigned numbers in groups of seven bits, the lowest first. */
function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function signedLeb(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  return (rest === 0 && !(low & 0x40)) || (rest === -1 && low & 0x40) ? [low] : [low | 0x80, ...signedLeb(rest)];
}
