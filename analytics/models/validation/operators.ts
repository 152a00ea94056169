/**
 * Operators that a model may use: each costs what the shapes of its inputs say, however hostile the numbers. Left out:
 * control flow, random numbers, and whatever takes the size of its result from data (Expand, Range, Tile, Pad, Resize,
 * NonZero, ConstantOfShape, OneHot…), since one row could then ask for all memory.
 */
export const ALLOWED_OPERATORS: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Sqrt', 'Exp', 'Log', 'Abs', 'Neg', 'Reciprocal', 'Sign', 'Floor', 'Ceil'],
  ...['Max', 'Min', 'Sum', 'Mean', 'Clip', 'Erf', 'Sin', 'Cos', 'Tanh', 'Sigmoid', 'Relu', 'LeakyRelu', 'PRelu'],
  ...['Elu', 'Selu', 'Gelu', 'Softplus', 'Softsign', 'HardSigmoid', 'HardSwish', 'Softmax', 'LogSoftmax', 'Mish'],
  ...['MatMul', 'Gemm', 'Conv', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'LpNormalization'],
  ...['BatchNormalization', 'LayerNormalization', 'InstanceNormalization', 'LSTM', 'GRU', 'RNN'],
  ...['ReduceMean', 'ReduceSum', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare'],
  ...['ReduceLogSum', 'ReduceLogSumExp', 'CumSum', 'ArgMax', 'ArgMin', 'TopK'],
  ...['Reshape', 'Flatten', 'Transpose', 'Squeeze', 'Unsqueeze', 'Concat', 'Split', 'Slice', 'Gather', 'Identity'],
  ...['Cast', 'Constant', 'Dropout', 'Shape', 'Where', 'Equal', 'Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual'],
  ...['And', 'Or', 'Not', 'IsNaN'],
  ...['Scaler', 'Normalizer', 'Imputer', 'Binarizer', 'LinearClassifier', 'LinearRegressor', 'SVMClassifier'].map(ml),
  ...['SVMRegressor', 'TreeEnsembleClassifier', 'TreeEnsembleRegressor', 'ArrayFeatureExtractor'].map(ml),
]);

function ml(name: string): string {
  return `ai.onnx.ml:${name}`;
}
