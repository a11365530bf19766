/** What a robots.txt says to one agent. */
export interface RobotsRules {
  readonly crawlDelayMs?: number
}
export function parseRobots(text: string, productToken: string): RobotsRules {
  void text, productToken
  return {}
}
export function isAllowed(rules: RobotsRules, path: string): boolean {
  void rules, path
  return true
}
