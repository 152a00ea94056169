import protobuf from 'protobufjs/light.js';

type Field = [name: string, id: number, type: string, rule?: 'repeated'];

/**
 * The part of ONNX's protobuf schema that Faultline writes and inspects, by field number. What is not listed is skipped
 * on reading, as protobuf has it.
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
const MESSAGES: Readonly<Record<string, readonly Field[]>> = {
  ModelProto: [
    ['irVersion', 1, 'int64'],
    ['producerName', 2, 'string'],
    ['producerVersion', 3, 'string'],
    ['graph', 7, 'GraphProto'],
    ['opsetImport', 8, 'OperatorSetIdProto', 'repeated'],
    ['functions', 25, 'bytes', 'repeated'],
  ],
  OperatorSetIdProto: [
    ['domain', 1, 'string'],
    ['version', 2, 'int64'],
  ],
  GraphProto: [
    ['node', 1, 'NodeProto', 'repeated'],
    ['name', 2, 'string'],
    ['initializer', 5, 'TensorProto', 'repeated'],
    ['input', 11, 'ValueInfoProto', 'repeated'],
    ['output', 12, 'ValueInfoProto', 'repeated'],
  ],
  NodeProto: [
    ['input', 1, 'string', 'repeated'],
    ['output', 2, 'string', 'repeated'],
    ['name', 3, 'string'],
    ['opType', 4, 'string'],
    ['attribute', 5, 'AttributeProto', 'repeated'],
    ['domain', 7, 'string'],
  ],
  AttributeProto: [
    ['name', 1, 'string'],
    ['f', 2, 'float'],
    ['i', 3, 'int64'],
    ['t', 5, 'TensorProto'],
    ['g', 6, 'bytes'],
    ['ints', 8, 'int64', 'repeated'],
    ['graphs', 11, 'bytes', 'repeated'],
    ['type', 20, 'int32'],
  ],
  TensorProto: [
    ['dims', 1, 'int64', 'repeated'],
    ['dataType', 2, 'int32'],
    ['name', 8, 'string'],
    ['rawData', 9, 'bytes'],
    ['externalData', 13, 'bytes', 'repeated'],
    ['dataLocation', 14, 'int32'],
  ],
  ValueInfoProto: [
    ['name', 1, 'string'],
    ['type', 2, 'TypeProto'],
  ],
  TypeProto: [['tensorType', 1, 'TensorTypeProto']],
  TensorTypeProto: [
    ['elemType', 1, 'int32'],
    ['shape', 2, 'TensorShapeProto'],
  ],
  TensorShapeProto: [['dim', 1, 'DimensionProto', 'repeated']],
  DimensionProto: [
    ['dimValue', 1, 'int64'],
    ['dimParam', 2, 'string'],
  ],
};

const root = new protobuf.Root();
for (const [name, fields] of Object.entries(MESSAGES)) {
  const type = new protobuf.Type(name);
  for (const [field, id, kind, rule] of fields) type.add(new protobuf.Field(field, id, kind, rule));
  root.add(type);
}

/** The whole file. */
export const MODEL_PROTO = root.lookupType('ModelProto');

/** `TensorProto.DataType`. */
export const DATA_TYPE = { float: 1, int64: 7 } as const;
/** `AttributeProto.AttributeType`. */
export const ATTRIBUTE_TYPE = { float: 1, int: 2, graph: 5, ints: 7, graphs: 10 } as const;
