import classes from './command-block.module.css'
import { CopyButton } from './copy-button.tsx'

/** Text for a terminal or a safe, with a button that copies it. `what` names it for screen readers; secrets wrap, commands scroll. */
export function CommandBlock({ text, what, wrap = false }: { text: string; what: string; wrap?: boolean }) {
  return (
    <div className={classes.block}>
      <pre className={classes.text} data-wrap={wrap} tabIndex={0} role="region" aria-label={what}>
        {text}
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  )
}
