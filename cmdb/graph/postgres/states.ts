/** SQL of a CI's state as the history keeps it, from the columns of `of`. */
export function ciState(of: string): string {
  return `jsonb_build_object('key', ${of}.key, 'type', ${of}.type, 'name', ${of}.name, 'status', ${of}.status,
    'attributes', ${of}.attributes)`;
}

/** SQL of a relation's state as the history keeps it; who told of it stands beside it, and certainty is not told. */
export function relationState(of: string): string {
  return `jsonb_build_object('type', ${of}.type, 'redundancyGroup', ${of}.redundancy_group, 'minUp', ${of}.min_up,
      'attributes', ${of}.attributes)
    || case when ${of}.confidence < 1 then jsonb_build_object('confidence', ${of}.confidence) else '{}' end
    || case when ${of}.min_up_percent is null and ${of}.weight is null then '{}' else jsonb_strip_nulls(
         jsonb_build_object('minUpPercent', ${of}.min_up_percent, 'weight', ${of}.weight)) end`;
}

/** SQL of a time in milliseconds since 1970, as a number that arrives as one. */
export function epochMs(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::float8`;
}
