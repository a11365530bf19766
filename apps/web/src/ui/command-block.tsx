import classes from './command-block.module.css'
import { CopyButton } from './copy-button.tsx'

/** Text for a terminal or a safe, with a button that copies it. `what` names it for screen readers. */
export function CommandBlock({ text, what }: { text: string; what: string }) {
  return (
    <div className={classes.block}>
      <pre className={classes.text} tabIndex={0} aria-label={what}>
        {text}
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  )
}
