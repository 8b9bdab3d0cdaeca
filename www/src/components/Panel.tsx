import { useId, type ReactNode } from 'react'
import './Panel.css'

/** A part of the page under a heading. */
export function Panel(props: { title: string; aside?: ReactNode; className?: string; children: ReactNode }) {
  const { title, aside, className = '', children } = props
  const heading = useId()
  return (
    <section className={`panel ${className}`} aria-labelledby={heading}>
      <div className="panel-head">
        <h2 id={heading}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  )
}
