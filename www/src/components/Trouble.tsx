import type { ReactNode } from 'react'

/** A button that makes trouble, and what it will do. */
export function Trouble(props: {
  id: string
  name: string
  effect: string
  onMake: () => void
  children?: ReactNode
}) {
  const { id, name, effect, onMake, children } = props
  return (
    <li>
      <form
        className="trouble"
        onSubmit={(event) => {
          event.preventDefault()
          onMake()
        }}
      >
        <button type="submit" data-testid={id} aria-describedby={`${id}-effect`}>
          {name}
        </button>
        {children}
      </form>
      <p id={`${id}-effect`} className="hint">
        {effect}
      </p>
    </li>
  )
}
