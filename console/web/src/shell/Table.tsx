import type { ReactNode } from 'react';

/** A column's name; that of numbers stands above them. */
type Head = string | { number: string };

/** Rows (`tr`) below the names of their columns; a table wider than the page scrolls by itself. */
export function Table({
  heads,
  className,
  children,
}: {
  heads: readonly Head[];
  className?: string;
  children: ReactNode;
}) {
  return (
    <div className="scroll">
      <table className={className}>
        <thead>
          <tr>
            {heads.map((head) =>
              typeof head === 'string' ? (
                <th key={head}>{head}</th>
              ) : (
                <th key={head.number} className="number">
                  {head.number}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
