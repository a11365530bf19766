export class Reads {
  readonly at = Date.now()
}
