declare module '@echogarden/pffft-wasm' {
  // biome-ignore lint/style/noDefaultExport: the shape of the package
  export default function load(): Promise<never>;
}
declare module '@echogarden/pffft-wasm/simd' {
  // biome-ignore lint/style/noDefaultExport: the shape of the package
  export default function load(): Promise<never>;
}
declare module 'fft-js' {
  export function fft(signal: readonly number[]): [number, number][];
}
