/** Message types of the namespace `spBv1.0` that carry metrics. */
export const TYPES = ['NBIRTH', 'NDEATH', 'NDATA', 'DBIRTH', 'DDEATH', 'DDATA'] as const;
export type SparkplugType = (typeof TYPES)[number];

export function isBirth(type: SparkplugType): boolean {
  return type === 'NBIRTH' || type === 'DBIRTH';
}
