/** Whether the database refused a row of `table` because a unique key holds already (SQLSTATE 23505). */
export function isUniqueViolation(error: unknown, table: string): boolean {
  return (
    error instanceof Error && 'code' in error && error.code === '23505' && 'table' in error && error.table === table
  );
}
