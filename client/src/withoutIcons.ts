/** Text for a label in which VS Code makes an icon of `$(name)`: code, a condition or a file's name is shown as it is. */
export function withoutIcons(text: string): string {
  return text.replaceAll('$(', '\\$(');
}
