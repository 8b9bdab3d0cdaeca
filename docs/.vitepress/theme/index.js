// Hanken Grotesk, SIL Open Font License 1.1, as the demo page has it.
import '@fontsource-variable/hanken-grotesk/wght.css'
import theme from 'vitepress/theme-without-fonts'
import './style.css'

export default theme
