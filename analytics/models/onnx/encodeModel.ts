import { ATTRIBUTE_TYPE, DATA_TYPE, MODEL_PROTO } from './proto.ts';

/** Operators as of opset 18; every runtime of the last years has them. */
const OPSET = 18;
/** IR version 9 belongs to opset 18 and later. */
const IR_VERSION = 9;

/** A constant: float32 unless its values are bigints, row-major. */
export interface Constant {
  readonly dims: readonly number[];
  readonly values: Float32Array | Float64Array | readonly number[] | readonly bigint[];
}

/** One operator with one output. Numbers in attributes are integers unless written as `{ float }`. */
export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;
}

/** A graph from one float matrix to one float result, batch first. */
export interface ModelGraph {
  readonly name: string;
  readonly input: { readonly name: string; readonly width: number };
  /** `width` null: one number for each row, shape (batch,). */
  readonly output: { readonly name: string; readonly width: number | null };
  readonly constants: Readonly<Record<string, Constant>>;
  readonly nodes: readonly GraphNode[];
}

/**
 * Writes a graph as an ONNX file.
 *
 * @returns the bytes of a ModelProto; the same graph gives the same bytes
 */
export function encodeModel(graph: ModelGraph): Uint8Array {
  const { name, input, output } = graph;
  const message = {
    irVersion: IR_VERSION,
    producerName: 'faultline',
    opsetImport: [{ domain: '', version: OPSET }],
    graph: {
      name,
      node: graph.nodes.map(nodeOf),
      initializer: Object.entries(graph.constants).map(([constant, value]) => tensorOf(constant, value)),
      input: [valueInfo(input.name, [input.width])],
      output: [valueInfo(output.name, output.width === null ? [] : [output.width])],
    },
  };
  return MODEL_PROTO.encode(MODEL_PROTO.create(message)).finish();
}

function nodeOf({ op, inputs, output, attributes = {} }: GraphNode) {
  const attribute = Object.entries(attributes).map(([name, value]) => {
    if (typeof value === 'number') return { name, i: value, type: ATTRIBUTE_TYPE.int };
    if ('float' in value) return { name, f: value.float, type: ATTRIBUTE_TYPE.float };
    return { name, ints: [...value], type: ATTRIBUTE_TYPE.ints };
  });
  return { opType: op, name: output, input: [...inputs], output: [output], attribute };
}

function tensorOf(name: string, { dims, values }: Constant) {
  const integers = typeof values[0] === 'bigint';
  const array = integers ? BigInt64Array.from(values as bigint[]) : Float32Array.from(values as ArrayLike<number>);
  const rawData = new Uint8Array(array.buffer); // raw data is little endian, and so is every machine that runs this
  return { name, dims: [...dims], dataType: integers ? DATA_TYPE.int64 : DATA_TYPE.float, rawData };
}

function valueInfo(name: string, widths: readonly number[]) {
  const dim = [{ dimParam: 'batch' }, ...widths.map((dimValue) => ({ dimValue }))];
  return { name, type: { tensorType: { elemType: DATA_TYPE.float, shape: { dim } } } };
}
