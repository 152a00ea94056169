import { type PublishOptions, publishPacket, reasonText } from './packets.ts';

const MAX_PACKET_ID = 65_535;

interface Pending {
  resolve: () => void;
  reject: (error: Error) => void;
}

/**
 * What we publish ourselves (commands, probes), at QoS 1. Whatever the broker did not acknowledge before the connection
 * broke is an error to its sender, who knows whether it may be said twice.
 */
export class Outgoing {
  /** The broker's receive maximum. */
  allowed = MAX_PACKET_ID;
  readonly #send: (bytes: Buffer) => boolean;
  readonly #pending = new Map<number, Pending>();
  #packetId = 0;

  /** @param send false: there is no connection */
  constructor(send: (bytes: Buffer) => boolean) {
    this.#send = send;
  }

  nextPacketId(): number {
    do this.#packetId = (this.#packetId % MAX_PACKET_ID) + 1;
    while (this.#pending.has(this.#packetId));
    return this.#packetId;
  }

  /** Resolves when the broker has it; with an expiry, it drops what the receiver has not got by then. */
  publish(topic: string, payload: Buffer, options: PublishOptions = {}): Promise<void> {
    if (this.#pending.size >= Math.min(this.allowed, MAX_PACKET_ID - 1))
      return Promise.reject(new Error('the MQTT broker has not yet acknowledged what was sent before; try again'));
    const packetId = this.nextPacketId();
    return new Promise((resolve, reject) => {
      this.#pending.set(packetId, { resolve, reject });
      if (this.#send(publishPacket(packetId, topic, payload, options))) return;
      this.#pending.delete(packetId);
      reject(new Error('the MQTT broker is not connected; try again when it is'));
    });
  }

  /** At QoS 0; nothing when there is no connection. */
  publishOnce(topic: string, payload: Buffer): void {
    this.#send(publishPacket(0, topic, payload, {}));
  }

  acknowledged(packetId: number, reasonCode: number): void {
    const pending = this.#pending.get(packetId);
    this.#pending.delete(packetId);
    // §3.4.2.1: from 0x80 on the message was not taken. 0x10, nobody listens, is the receiver's affair.
    if (reasonCode >= 0x80) pending?.reject(new Error(`the MQTT broker refused it: ${reasonText(reasonCode)}`));
    else pending?.resolve();
  }

  dropped(reason: string): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(new Error(`the MQTT broker was lost before it confirmed: ${reason}`));
  }
}
