import { type Clock, createLease, type Database, type Lease, type Logger } from '../../../platform/index.ts';

export interface SoleTasksDeps {
  db: Database;
  clock: Clock;
  log: Logger;
  /** What tells this process from others, after its restart too. */
  holder: string;
  /** Which of them this process may have. */
  mayHost: boolean;
  mayTakeWaveforms: boolean;
  /** Whether messages can come in here. */
  isAble: () => boolean;
  /** A task came or went. */
  changed: (task: 'sparkplug' | 'waveform', held: boolean) => Promise<void> | void;
}

/**
 * What one ingest process at a time does for all behind another broker: being the Sparkplug host, and taking waveform blocks, whose
 * parts belong together.
 */
export class SoleTasks {
  readonly #sparkplug: Lease | null;
  readonly #waveform: Lease | null;

  constructor({ mayHost, mayTakeWaveforms, changed, ...deps }: SoleTasksDeps) {
    const leaseOf = (task: 'sparkplug' | 'waveform', isWanted: boolean): Lease | null =>
      isWanted ? createLease({ ...deps, name: `ingest.${task}`, changed: (held) => changed(task, held) }) : null;
    this.#sparkplug = leaseOf('sparkplug', mayHost);
    this.#waveform = leaseOf('waveform', mayTakeWaveforms);
  }

  get isHost(): boolean {
    return this.#sparkplug?.held ?? false;
  }

  get takesWaveforms(): boolean {
    return this.#waveform?.held ?? false;
  }

  async start(): Promise<void> {
    await Promise.all([this.#sparkplug?.start(), this.#waveform?.start()]);
  }

  /** Gives up what this process has, so that another need not wait. */
  async stop(): Promise<void> {
    await Promise.all([this.#sparkplug?.stop(), this.#waveform?.stop()]);
  }
}
