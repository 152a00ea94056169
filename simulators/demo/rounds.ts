import type { Clock } from '../../platform/pure.ts';
import type { PlantFeed, PlantMachine } from '../plant/index.ts';
import { defectsIn, FAILING_DEVICE, lifeIn, ROUND_HOURS } from './failure.ts';

const HOUR_NS = 3_600_000_000_000n;
/** Plant hours before now at which the story begins, so that no measurement lies in the future. */
const STORY_HOURS = 48n;
/** Machines whose measurements may be on their way to the intake at the same time. */
const UNDER_WAY = 4;
/** A failed bearing is not waited for longer than this. */
export const LAST_ROUND = Number(STORY_HOURS) - 1;

/** Takes the plant's vibration nodes round after round; every round is one hour of the plant's time. */
export class PlantRounds {
  readonly #feed: PlantFeed;
  readonly #machines: readonly PlantMachine[];
  readonly #clock: Clock;
  readonly #startNs: bigint;
  readonly #failingSentAtMs: number[] = [];
  #round = 0;

  constructor(feed: PlantFeed, machines: readonly PlantMachine[], clock: Clock) {
    this.#feed = feed;
    this.#machines = machines;
    this.#clock = clock;
    this.#startNs = clock.nowNs() - STORY_HOURS * HOUR_NS;
  }

  /** Number of the round that comes next, from 0. */
  get round(): number {
    return this.#round;
  }

  /** When the failing machine's last waveform before a moment was published. */
  sentBefore(momentMs: number): number | undefined {
    return this.#failingSentAtMs.findLast((sentMs) => sentMs <= momentMs);
  }

  /** Visits every machine once, one after the other as real nodes would, until `enough` says so. */
  async next(spacingMs: number, enough: () => boolean = () => false): Promise<void> {
    const round = this.#round++;
    const timeNs = round <= LAST_ROUND ? this.#startNs + BigInt(round * ROUND_HOURS) * HOUR_NS : this.#clock.nowNs();
    const underWay = new Set<Promise<void>>();
    for (const machine of this.#machines) {
      if (enough()) break;
      const visitedMs = this.#clock.nowMs();
      const visit = {
        ...{ take: round, timeNs, elapsedHours: ROUND_HOURS, defects: defectsIn(machine.device, round) },
        ...lifeIn(machine.device, round),
      };
      const sent = (sentMs: number) => {
        if (machine.device === FAILING_DEVICE) this.#failingSentAtMs.push(sentMs);
      };
      const visiting = this.#feed.visit(machine, visit, sent).then(() => void underWay.delete(visiting));
      underWay.add(visiting);
      if (underWay.size >= UNDER_WAY) await Promise.race(underWay);
      const restMs = spacingMs - (this.#clock.nowMs() - visitedMs);
      if (restMs > 0) await this.#clock.sleep(restMs);
    }
    await Promise.all(underWay);
  }
}
