export function Footer() {
  return (
    <footer className="footer">
      <p>
        The worst trouble of all: stop the gateway. Type <kbd>g</kbd> and Enter in the terminal of{' '}
        <code>npm start</code>, and once more to start it again.
      </p>
    </footer>
  )
}
