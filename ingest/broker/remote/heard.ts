import type { Clock, Timer } from '../../../platform/index.ts';
import type { DevicePresence, PresenceBoard } from '../../devices/index.ts';

const SWEEP_EVERY_MS = 15_000;
/** A device behind another broker counts as connected for so long after its last message. */
export const HEARD_WITHIN_MS = 60_000;

/** Presence of devices whose connections another broker has: they are there while messages come. */
export class HeardDevices {
  readonly #clock: Clock;
  readonly #presence: PresenceBoard;
  readonly #heard = new Set<DevicePresence>();
  #timer: Timer | null = null;

  constructor(deps: { clock: Clock; presence: PresenceBoard }) {
    this.#clock = deps.clock;
    this.#presence = deps.presence;
  }

  /** @returns whether it had been silent */
  heard(entry: DevicePresence): boolean {
    if (this.#heard.has(entry)) return false;
    this.#heard.add(entry);
    this.#presence.connected(entry);
    return true;
  }

  start(): void {
    this.#timer = this.#clock.setTimer(SWEEP_EVERY_MS, () => {
      const staleMs = this.#clock.nowMs() - HEARD_WITHIN_MS;
      for (const entry of this.#heard) if ((entry.lastMessageMs ?? 0) < staleMs) this.#lost(entry);
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
    for (const entry of this.#heard) this.#lost(entry);
  }

  #lost(entry: DevicePresence): void {
    this.#heard.delete(entry);
    this.#presence.disconnected(entry);
  }
}
