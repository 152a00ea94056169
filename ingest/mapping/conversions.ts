/** value in the second unit = value in the first × scale + offset. */
export interface Linear {
  scale: number;
  offset: number;
}

const times = (scale: number): Linear => ({ scale, offset: 0 });

/** Conversions by name, `from->to`; exact factors by definition (NIST SP 811), the others to all digits of a double. */
export const CONVERSIONS = {
  'degF->degC': { scale: 5 / 9, offset: -160 / 9 },
  'K->degC': { scale: 1, offset: -273.15 },
  'degC->K': { scale: 1, offset: 273.15 },
  'psi->kPa': times(6.894757293168361),
  'bar->kPa': times(100),
  'mbar->kPa': times(0.1),
  'hPa->kPa': times(0.1),
  'Pa->kPa': times(0.001),
  'MPa->kPa': times(1000),
  'inHg->kPa': times(3.386389),
  'inH2O->kPa': times(0.249089),
  'ips->mm/s': times(25.4),
  'm/s->mm/s': times(1000),
  'cm/s->mm/s': times(10),
  'm/s2->g': times(1 / 9.80665),
  'g->m/s2': times(9.80665),
  'mg->g': times(0.001),
  'mil->um': times(25.4),
  'in->mm': times(25.4),
  'ft->m': times(0.3048),
  'um->mm': times(0.001),
  'm->mm': times(1000),
  'Hz->rpm': times(60),
  'rpm->Hz': times(1 / 60),
  'hp->kW': times(0.7456998715822702),
  'W->kW': times(0.001),
  'Wh->kWh': times(0.001),
  'MJ->kWh': times(1 / 3.6),
  'mA->A': times(0.001),
  'mV->V': times(0.001),
  'kV->V': times(1000),
  'gpm->l/min': times(3.785411784),
  'm3/h->l/min': times(1000 / 60),
  'cfm->m3/h': times(1.69901082),
  'lb->kg': times(0.45359237),
  'lbf->N': times(4.4482216152605),
  'lbf.ft->N.m': times(1.3558179483314),
  'ppm->%': times(0.0001),
  'ratio->%': times(100),
} as const satisfies Readonly<Record<string, Linear>>;

export type ConversionName = keyof typeof CONVERSIONS;
export const CONVERSION_NAMES = Object.keys(CONVERSIONS) as [ConversionName, ...ConversionName[]];

/** The unit that a conversion by name leads to. */
export function unitAfter(name: ConversionName): string {
  return name.slice(name.indexOf('->') + 2);
}
