/** The path of a name as seen from a directory, without `.` and `..`; null where it leads out. Paths with '/'. */
export function joinedPath(directory: string, name: string): string | null {
  const parts: string[] = [];
  for (const part of `${directory}/${name}`.split('/')) {
    if (part === '..' && parts.pop() === undefined) return null;
    if (part !== '..' && part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
