import type { SparkplugPayload } from '../decode/sparkplug/model.ts';
import { type Birth, bdSeqOf } from './birth.ts';
import type { KeptBirth } from './births.ts';
import { SequenceWatch } from './sequence.ts';

interface Living {
  birth: Birth;
  kept: KeptBirth;
  /** Shown as connected. What was only restored has yet to be heard of. */
  present: boolean;
}

/** What has died, and whether it was shown as connected. */
export type Ended = Pick<Living, 'kept' | 'present'>;

/** What the host knows of one edge node and its devices between their births and deaths. */
export class EdgeSession {
  readonly sequence = new SequenceWatch();
  /** When a rebirth was last asked for. */
  askedAtMs: number | null = null;
  #node: Living | null = null;
  /** By the device's id. */
  readonly #devices = new Map<string, Living>();

  get nodeAlive(): boolean {
    return this.#node !== null;
  }

  /** The birth that a message about the node (null) or a device is read with. */
  birthOf(deviceId: string | null): Birth | null {
    const living = deviceId === null ? this.#node : this.#devices.get(deviceId);
    return living?.birth ?? null;
  }

  /** Whether a birth is that of the life known here, or older. */
  knowsBirth({ edgeId, deviceId, bornAtMs }: KeptBirth): boolean {
    const living = deviceId === edgeId ? this.#node : this.#devices.get(deviceId);
    return living != null && living.kept.bornAtMs >= bornAtMs;
  }

  /** A node's birth ends the lives of its devices: they are born again after it (§5.4). @returns what has ended */
  nodeBorn(birth: Birth, kept: KeptBirth, payload: SparkplugPayload): Ended[] {
    const ended = this.#endDevices();
    this.#node = { birth, kept, present: false };
    this.sequence.born(payload.seq);
    return ended;
  }

  /** Born before this process started; how far it has counted nobody knows. */
  nodeRestored(birth: Birth, kept: KeptBirth): void {
    this.#node = { birth, kept, present: false };
  }

  deviceBorn(birth: Birth, kept: KeptBirth): void {
    const present = this.#devices.get(kept.deviceId)?.present ?? false;
    this.#devices.set(kept.deviceId, { birth, kept, present });
  }

  /** A living device has been heard of. @returns whether that is the first time */
  deviceHeard(deviceId: string): boolean {
    const living = this.#devices.get(deviceId);
    if (!living || living.present) return false;
    living.present = true;
    return true;
  }

  deviceDied(deviceId: string): Ended[] {
    const living = this.#devices.get(deviceId);
    this.#devices.delete(deviceId);
    return living ? [living] : [];
  }

  /**
   * A death counts only for the life that it belongs to: the will of an earlier connection, which the broker publishes late, has
   * an earlier `bdSeq`.
   */
  isDeathOfNow(payload: SparkplugPayload): boolean {
    return this.#node !== null && bdSeqOf(payload) === this.#node.birth.bdSeq;
  }

  /** The node is gone, and its devices with it. @returns what has ended */
  nodeDied(): Ended[] {
    const node = this.#node;
    this.#node = null;
    this.sequence.giveUp();
    return [...this.#endDevices(), ...(node ? [node] : [])];
  }

  #endDevices(): Ended[] {
    const ended = [...this.#devices.values()];
    this.#devices.clear();
    return ended;
  }
}
