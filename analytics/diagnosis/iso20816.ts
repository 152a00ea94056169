import { SEVERITY_PARTS, type SeverityPart, type SeverityRow } from './severityParts.ts';
import type { DiagnosisFacts, Severity } from './types.ts';

const GENERAL = SEVERITY_PARTS[0]!;

/** A zone, or why there is none. */
export interface SeverityVerdict {
  readonly severity: Severity | null;
  /** What was assumed, or why no part covers the machine; null where the nameplate says all. */
  readonly note: string | null;
}

/**
 * Zone of a broad-band velocity by the part of ISO 20816 (or 10816) that covers the machine.
 *
 * @param velocityRmsMmS velocity in 10–1000 Hz, mm/s RMS
 * @param facts          `machineClass` chooses the part, power or shaft height the group, mounting the table
 * @param speedRpm       shaft speed, or null when unknown
 * @returns no severity where the part does not cover the machine (power or speed outside its scope). Where class, power,
 *   height or mounting is unknown, the stricter limits (of ISO 20816-3, for an unknown class) are taken, `assumed` is true
 *   and the note says what is missing.
 * @remarks Zone A says nothing of a bearing: a small defect hardly moves broad-band velocity.
 */
export function judgeSeverity(velocityRmsMmS: number, facts: DiagnosisFacts, speedRpm: number | null): SeverityVerdict {
  const named = facts.machineClass?.trim().toLowerCase().replaceAll(/[_-]+/g, ' ');
  const known = named === undefined ? undefined : SEVERITY_PARTS.find(({ classes }) => classes.includes(named));
  const part = known ?? GENERAL;
  const { scope } = part;
  if (facts.powerKw !== undefined && facts.powerKw <= scope.abovePowerKw) {
    return none(`${part.part} is for machines above ${scope.abovePowerKw} kW; this one has ${facts.powerKw} kW`);
  }
  if (speedRpm !== null && (speedRpm < scope.minRpm || speedRpm > scope.maxRpm)) {
    return none(`${part.part} is for ${scope.minRpm} to ${scope.maxRpm} rpm; this block ran at ${speedRpm.toFixed(0)}`);
  }
  const missing = [
    ...(named !== undefined && known === undefined ? [`no part is held for the class ${named}`] : []),
    ...missingFacts(part, facts),
  ];
  const row = rowFor(part, facts, speedRpm);
  const zone = (['A', 'B', 'C'] as const).find((_, i) => velocityRmsMmS < row.limitsMmS[i]!) ?? 'D';
  const severity: Severity = {
    zone,
    part: part.part,
    table: row.name,
    group: row.group ?? null,
    mounting: row.mounting ?? null,
    limitsMmS: row.limitsMmS,
    assumed: missing.length > 0,
  };
  const note =
    missing.length === 0 ? null : `${missing.join(', ')}: the limits of ${part.part}, ${row.name}, were taken`;
  return { severity, note };
}

/**
 * The zone of `judgeSeverity` alone.
 * @example severityOf(3, { powerKw: 75, mounting: 'rigid' }, 1480)?.zone // 'C'
 */
export function severityOf(velocityRmsMmS: number, facts: DiagnosisFacts, speedRpm: number | null): Severity | null {
  return judgeSeverity(velocityRmsMmS, facts, speedRpm).severity;
}

function none(note: string): SeverityVerdict {
  return { severity: null, note };
}

/** The first row whose conditions the machine is known to meet; the last, strictest one where it is not. */
function rowFor(part: SeverityPart, facts: DiagnosisFacts, speedRpm: number | null): SeverityRow {
  const fits = ({ abovePowerKw, fromHeightMm, mounting, fromRpm }: SeverityRow) =>
    (abovePowerKw === undefined ||
      (facts.powerKw ?? 0) > abovePowerKw ||
      (fromHeightMm !== undefined && (facts.shaftHeightMm ?? 0) >= fromHeightMm)) &&
    (mounting === undefined || mounting === (facts.mounting ?? 'rigid')) &&
    (fromRpm === undefined || (speedRpm ?? facts.ratedRpm ?? 0) >= fromRpm);
  return part.rows.find(fits) ?? part.rows.at(-1)!;
}

function missingFacts({ rows }: SeverityPart, facts: DiagnosisFacts): string[] {
  const asks = (key: keyof SeverityRow) => rows.some((row) => row[key] !== undefined);
  const noSize =
    asks('abovePowerKw') && facts.powerKw === undefined && !(asks('fromHeightMm') && facts.shaftHeightMm !== undefined);
  return [
    ...(asks('mounting') && facts.mounting === undefined ? ['the mounting is unknown'] : []),
    ...(noSize ? ['power and shaft height are unknown'] : []),
  ];
}
