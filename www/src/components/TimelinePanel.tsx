import { DevtoolsPanel } from 'everwire/devtools'
import { useTheme } from '../hooks/useTheme.js'
import './TimelinePanel.css'

/** What the connection did. */
export function TimelinePanel() {
  const [theme] = useTheme()
  return (
    <div className="panel timeline">
      <DevtoolsPanel sections={['timeline']} theme={theme} className="timeline-list" />
    </div>
  )
}
