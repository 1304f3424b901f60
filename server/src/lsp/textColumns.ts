/** Columns that plain text for an editor fits: those of a terminal of the usual size. Markdown is wrapped by who shows it. */
export const TEXT_COLUMNS = 80;
