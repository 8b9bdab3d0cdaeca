/** What every app shows: the latest message, and how many there were. */
export const Shown = ({ count, latest }) => (
  <p>
    <output id="count">{count}</output> messages, the latest: <output id="latest">{latest?.text}</output>
  </p>
)
