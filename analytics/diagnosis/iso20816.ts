import { type Finding, finding, type SeverityGap } from './finding.ts';
import { type Exclusion, SEVERITY_PARTS, type SeverityPart, type SeverityRow } from './severityParts.ts';
import type { DiagnosisFacts, Severity } from './types.ts';

const GENERAL = SEVERITY_PARTS[0]!;

/** A zone, or why there is none. */
export interface SeverityVerdict {
  readonly severity: Severity | null;
  /** What was assumed, or why no part covers the machine; null where the nameplate says all. */
  readonly note: Finding | null;
}

/**
 * Zone of a broad-band velocity by the part of ISO 20816 (or 10816) that covers the machine.
 *
 * @param velocityRmsMmS velocity in 10–1000 Hz, mm/s RMS
 * @param facts          `machineClass` chooses the part, power or shaft height the group, mounting the table
 * @param speedRpm       shaft speed, or null when unknown
 * @returns no severity where the part does not cover the machine (power or speed outside its scope, or a machine that it
 *   leaves to another standard). Where class, power,
 *   height or mounting is unknown, the stricter limits (of ISO 20816-3, for an unknown class) are taken, `assumed` is true
 *   and the note says what is missing.
 * @remarks Zone A says nothing of a bearing: a small defect hardly moves broad-band velocity.
 */
export function judgeSeverity(velocityRmsMmS: number, facts: DiagnosisFacts, speedRpm: number | null): SeverityVerdict {
  const named = facts.machineClass?.trim().toLowerCase().replaceAll(/[_-]+/g, ' ') ?? null;
  const known = named === null ? undefined : SEVERITY_PARTS.find(({ classes }) => classes.includes(named));
  const held = known ?? GENERAL;
  const { part, scope } = held;
  if (facts.powerKw !== undefined && facts.powerKw <= scope.abovePowerKw) {
    return none(finding('severity-too-small', { part, aboveKw: scope.abovePowerKw, powerKw: facts.powerKw }));
  }
  if (speedRpm !== null && (speedRpm < scope.minRpm || speedRpm > (scope.maxRpm ?? speedRpm))) {
    return none(finding('severity-speed', { part, fromRpm: scope.minRpm, toRpm: scope.maxRpm, rpm: speedRpm }));
  }
  const excluded = held.excludes.find((exclusion) => isMet(exclusion, named, facts, speedRpm));
  if (excluded) return none(finding('severity-excluded', { part, why: excluded.why }));
  const missing: SeverityGap[] = [
    ...(named !== null && known === undefined ? (['class'] as const) : []),
    ...(named !== null && held.looseClasses.includes(named) ? (['kind-of-compressor'] as const) : []),
    ...missingFacts(held, facts),
  ];
  const row = rowFor(held, facts);
  const zone = (['A', 'B', 'C'] as const).find((_, i) => velocityRmsMmS < row.limitsMmS[i]!) ?? 'D';
  const severity: Severity = {
    zone,
    part,
    table: row.name,
    group: row.group ?? null,
    mounting: row.mounting ?? null,
    limitsMmS: row.limitsMmS,
    assumed: missing.length > 0,
  };
  const gap = { part, table: row.name, missing, machineClass: facts.machineClass ?? null };
  return { severity, note: missing.length === 0 ? null : finding('severity-assumed', gap) };
}

/**
 * The zone of `judgeSeverity` alone.
 * @example severityOf(3, { powerKw: 75, mounting: 'rigid' }, 1480)?.zone // 'C'
 */
export function severityOf(velocityRmsMmS: number, facts: DiagnosisFacts, speedRpm: number | null): Severity | null {
  return judgeSeverity(velocityRmsMmS, facts, speedRpm).severity;
}

function none(note: Finding): SeverityVerdict {
  return { severity: null, note };
}

/** Slip, and what a set's speed may be off while its grid's frequency is. */
const AT_SPEED = 0.03;

function isMet(
  { classes, uptoPowerKw, abovePowerKw, mounting, atRpm }: Exclusion,
  named: string | null,
  facts: DiagnosisFacts,
  speedRpm: number | null,
): boolean {
  const rpm = facts.ratedRpm ?? speedRpm;
  return (
    named !== null &&
    classes.includes(named) &&
    (uptoPowerKw === undefined || (facts.powerKw !== undefined && facts.powerKw <= uptoPowerKw)) &&
    (abovePowerKw === undefined || (facts.powerKw !== undefined && facts.powerKw > abovePowerKw)) &&
    (mounting === undefined || facts.mounting === mounting) &&
    (atRpm === undefined || (rpm !== null && atRpm.some((at) => Math.abs(rpm / at - 1) <= AT_SPEED)))
  );
}

/** The first row whose conditions the machine is known to meet; the last, strictest one where it is not. */
function rowFor(part: SeverityPart, facts: DiagnosisFacts): SeverityRow {
  const fits = ({ abovePowerKw, fromHeightMm, mounting }: SeverityRow) =>
    (abovePowerKw === undefined ||
      (facts.powerKw ?? 0) > abovePowerKw ||
      (fromHeightMm !== undefined && (facts.shaftHeightMm ?? 0) >= fromHeightMm)) &&
    (mounting === undefined || mounting === (facts.mounting ?? 'rigid'));
  return part.rows.find(fits) ?? part.rows.at(-1)!;
}

function missingFacts({ rows }: SeverityPart, facts: DiagnosisFacts): SeverityGap[] {
  const asks = (key: keyof SeverityRow) => rows.some((row) => row[key] !== undefined);
  const noSize =
    asks('abovePowerKw') && facts.powerKw === undefined && !(asks('fromHeightMm') && facts.shaftHeightMm !== undefined);
  return [
    ...(asks('mounting') && facts.mounting === undefined ? (['mounting'] as const) : []),
    ...(noSize ? (['size'] as const) : []),
  ];
}
