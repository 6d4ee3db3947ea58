/** Whether a path is among those of a pattern: `+` stands for one level, a last `#` for its parent and everything below. */
export function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split("/"), levels = path.split("/");
  for (const [index, word] of wanted.entries()) {
    if (word === "#") return true;
    const level = levels[index];
    if (level === undefined || (word !== "+" && word !== level)) return false;
  }
  return wanted.length === levels.length;
}

/** Whether some path could be among those of both. */
export function overlap(one: string, other: string): boolean {
  const a = one.split("/"), b = other.split("/");
  for (let index = 0; ; index += 1) {
    const [left, right] = [a[index], b[index]];
    if (left === "#" || right === "#") return true;
    if (left === undefined || right === undefined) return left === right;
    if (left !== right && left !== "+" && right !== "+") return false;
  }
}
