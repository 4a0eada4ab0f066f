/**
 * Lays out rows as plain text: the first column to the left, figures to the right.
 *
 * @param {string[]} head
 * @param {string[][]} rows
 */
export function table(head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  ');
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** A figure and, in brackets, from where to where it went. */
export function ranged({ median, min, max }, format) {
  return Number.isNaN(median) ? '–' : `${format(median)} (${format(min)}–${format(max)})`;
}

export const whole = (value) => Math.round(value).toLocaleString('en-US');
export const tenths = (value) => value.toFixed(1);
export const hundredths = (value) => value.toFixed(2);
