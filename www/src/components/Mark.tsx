/** Everwire's mark: an E of three wires. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 24 24" width="28" height="28" aria-hidden="true">
      <path
        d="M18 5H5v14h13M5 12h7"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinejoin="round"
      />
      <g fill="currentColor">
        <circle cx="19" cy="5" r="2" />
        <circle cx="13" cy="12" r="2" />
        <circle cx="19" cy="19" r="2" />
      </g>
    </svg>
  )
}
