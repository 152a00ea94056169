import type { TenantMeter } from '../../quota/tenantMeter.ts';

interface Slowed<Message> {
  messages: Message[];
  /** The spool was full in the middle of it: it goes on when that has space. */
  waitsForSpool: boolean;
  goOn: () => void;
}

/**
 * Messages of tenants that have used up their rate, each tenant's in the order they came. They are taken in as the tenant's
 * meter gives room; those of other tenants pass them by. Nothing is dropped, and nothing here is acknowledged.
 */
export class SlowedTenants<Message extends { payload: Buffer }> {
  readonly #tenants = new Map<TenantMeter, Slowed<Message>>();
  readonly #takeIn: (message: Message) => boolean;
  readonly #room: () => void;
  readonly #limitBytes: number;
  #bytes = 0;

  /**
   * @param deps.takeIn takes a message in; false: the spool is full
   * @param deps.room there is room here again for what `isFull` kept out
   */
  constructor(deps: { takeIn: (message: Message) => boolean; room: () => void; limitBytes: number }) {
    this.#takeIn = deps.takeIn;
    this.#room = deps.room;
    this.#limitBytes = deps.limitBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.#bytes >= this.#limitBytes;
  }

  /** Whether a message of this tenant has to wait, for the rate or behind others that do. */
  mustWait(meter: TenantMeter): boolean {
    return this.#tenants.has(meter) || (meter.isLimited && !meter.hasRoom());
  }

  add(meter: TenantMeter, message: Message): void {
    let slowed = this.#tenants.get(meter);
    if (!slowed) {
      slowed = { messages: [], waitsForSpool: false, goOn: () => this.#goOn(meter) };
      this.#tenants.set(meter, slowed);
      meter.wait(slowed.goOn);
    }
    slowed.messages.push(message);
    this.#bytes += costOf(message);
  }

  /** The spool has space. */
  resume(): void {
    for (const [meter, { waitsForSpool }] of [...this.#tenants]) if (waitsForSpool) this.#goOn(meter);
  }

  stop(): void {
    for (const [meter, { goOn }] of this.#tenants) meter.leave(goOn);
    this.#tenants.clear();
  }

  #goOn(meter: TenantMeter): void {
    const slowed = this.#tenants.get(meter);
    if (!slowed) return;
    const { messages } = slowed;
    let done = 0;
    slowed.waitsForSpool = false;
    while (done < messages.length && meter.hasRoom()) {
      if (!this.#takeIn(messages[done]!)) {
        slowed.waitsForSpool = true;
        break;
      }
      this.#bytes -= costOf(messages[done]!);
      done++;
    }
    messages.splice(0, done);
    if (messages.length === 0) this.#tenants.delete(meter);
    else if (!slowed.waitsForSpool) meter.wait(slowed.goOn);
    if (done > 0 && !this.isFull) this.#room();
  }
}

/** Memory that one waiting message takes, its object included. */
function costOf({ payload }: { payload: Buffer }): number {
  return payload.length + 300;
}
