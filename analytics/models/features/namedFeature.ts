/** One number of a row that models take. */
export interface NamedFeature {
  readonly name: string;
  readonly unit: string;
}
