import { ATTRIBUTE_TYPE, DATA_TYPE, MODEL_PROTO } from './proto.ts';

/** What an ONNX file says of itself. */
export interface ModelFacts {
  readonly irVersion: number;
  /** Operator sets by domain; '' is ONNX's own. */
  readonly opsets: Record<string, number>;
  /** Distinct operators, `domain:Op` outside ONNX's own domain. */
  readonly operators: string[];
  readonly nodes: number;
  readonly parameters: number;
  readonly inputs: ValueFacts[];
  readonly outputs: ValueFacts[];
  /** What no model here may hold: graphs inside operators, functions, data in other files. */
  readonly forbidden: string[];
}

export interface ValueFacts {
  readonly name: string;
  readonly isFloat: boolean;
  /** null where the size is left open, as for the batch. */
  readonly shape: (number | null)[];
}

interface Shape {
  dim?: { dimValue?: number; dimParam?: string }[];
}
interface Value {
  name?: string;
  type?: { tensorType?: { elemType?: number; shape?: Shape } };
}
interface Tensor {
  name?: string;
  dims?: number[];
  externalData?: unknown[];
  dataLocation?: number;
}
interface Node {
  opType?: string;
  domain?: string;
  attribute?: { type?: number; t?: Tensor; g?: unknown; graphs?: unknown[] }[];
}
interface Model {
  irVersion?: number;
  opsetImport?: { domain?: string; version?: number }[];
  functions?: unknown[];
  graph?: { node?: Node[]; initializer?: Tensor[]; input?: Value[]; output?: Value[] };
}

/**
 * Reads what a file says of itself, without running it.
 *
 * @throws whatever protobuf says of bytes that are no ModelProto
 */
export function inspectModel(data: Uint8Array): ModelFacts {
  const model = MODEL_PROTO.toObject(MODEL_PROTO.decode(data), { longs: Number }) as Model;
  const { node = [], initializer = [], input = [], output = [] } = model.graph ?? {};
  if (!model.graph || node.length === 0) throw new Error('it holds no graph');
  const constants = new Set(initializer.map((tensor) => tensor.name));
  const tensors = [...initializer, ...node.flatMap((n) => (n.attribute ?? []).flatMap((a) => (a.t ? [a.t] : [])))];
  const forbidden = [
    ...(tensors.some((t) => (t.externalData?.length ?? 0) > 0 || t.dataLocation === 1) ? ['data in other files'] : []),
    ...(node.some((n) => n.attribute?.some(holdsGraph)) ? ['graphs inside operators (If, Loop, Scan)'] : []),
    ...((model.functions?.length ?? 0) > 0 ? ['functions'] : []),
  ];
  return {
    irVersion: model.irVersion ?? 0,
    opsets: Object.fromEntries((model.opsetImport ?? []).map((set) => [set.domain ?? '', set.version ?? 0])),
    operators: [...new Set(node.map((n) => (n.domain ? `${n.domain}:${n.opType ?? ''}` : (n.opType ?? ''))))].sort(),
    nodes: node.length,
    parameters: tensors.reduce((sum, t) => sum + (t.dims ?? []).reduce((product, dim) => product * dim, 1), 0),
    inputs: input.filter((value) => !constants.has(value.name)).map(valueFacts),
    outputs: output.map(valueFacts),
    forbidden,
  };
}

function holdsGraph(attribute: NonNullable<Node['attribute']>[number]): boolean {
  const { type, g, graphs } = attribute;
  return (
    type === ATTRIBUTE_TYPE.graph || type === ATTRIBUTE_TYPE.graphs || g !== undefined || (graphs?.length ?? 0) > 0
  );
}

function valueFacts({ name = '', type }: Value): ValueFacts {
  const tensor = type?.tensorType;
  const shape = (tensor?.shape?.dim ?? []).map((dim) => (dim.dimParam !== undefined ? null : (dim.dimValue ?? null)));
  return { name, isFloat: tensor?.elemType === DATA_TYPE.float, shape };
}
