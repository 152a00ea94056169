declare module '@echogarden/pffft-wasm' {
  // biome-ignore lint/style/noDefaultExport: the shape of the package
  export default function load(options: object): Promise<never>;
}
declare module '@echogarden/pffft-wasm/simd' {
  // biome-ignore lint/style/noDefaultExport: the shape of the package
  export default function load(options: object): Promise<never>;
}
declare module 'fft-js' {
  export function fft(signal: readonly number[]): [number, number][];
}
/** As much of the runtime's interface as we use; Node has it without the DOM's types. */
declare namespace WebAssembly {
  type Imports = Record<string, Record<string, unknown>>;
  class Memory {
    constructor(descriptor: { initial: number });
    readonly buffer: ArrayBuffer;
  }
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Imports);
    readonly exports: Record<string, unknown>;
  }
}
