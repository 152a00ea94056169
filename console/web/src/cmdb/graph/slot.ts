/** One box of a layer, or a place where a line passes through it. */
export interface Slot {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly isBox: boolean;
  /** Slots of the layer before and of the layer after that it is tied to. */
  readonly before: Slot[];
  readonly after: Slot[];
}
