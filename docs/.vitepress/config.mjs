import { defineConfig } from 'vitepress'
import { referenceSidebar } from '../site.mjs'
import { linkRepository } from './repository-links.mjs'

const page = (text, link) => ({ text, link })

const guide = [
  {
    text: 'Start',
    items: [
      page('With React', '/guide/react'),
      page('With plain TypeScript', '/guide/typescript'),
      page('With Rust', '/guide/rust'),
    ],
  },
  {
    text: 'Guide',
    items: [
      page("A connection's life", '/guide/connection'),
      page('Tokens', '/guide/tokens'),
      page('Sending', '/guide/sending'),
      page('Receiving', '/guide/receiving'),
      page('Typed messages', '/guide/types'),
      page('Offline and asleep', '/guide/offline'),
      page('Finding out', '/guide/diagnosis'),
      page('Testing your app', '/guide/testing'),
      page('Devtools', '/guide/devtools'),
      page('Where it runs', '/guide/environments'),
      page('The backend', '/guide/backend'),
    ],
  },
]

const recipes = [
  {
    text: 'Recipes',
    items: [
      page('axios-jwt', '/recipes/axios-jwt'),
      page('Cognito', '/recipes/cognito'),
      page('Auth0', '/recipes/auth0'),
      page('Redux Toolkit', '/recipes/redux'),
      page('TanStack Query', '/recipes/tanstack-query'),
      page('Optimistic sending', '/recipes/optimistic'),
      page('Next.js', '/recipes/next'),
    ],
  },
]

const migration = [
  {
    text: 'Coming from',
    items: [
      page('partysocket', '/migration/partysocket'),
      page('reconnecting-websocket', '/migration/reconnecting-websocket'),
      page('react-use-websocket', '/migration/react-use-websocket'),
      page("The article's client", '/migration/article'),
    ],
  },
]

const results = [
  {
    text: 'Measured',
    items: [
      page('Targets and results', '/results/'),
      page('Download', '/results/size'),
      page('A message', '/results/message'),
      page('Opening', '/results/open'),
      page('React', '/results/react'),
      page('Memory', '/results/memory'),
      page('After a restart', '/results/restart'),
      page('A dead link', '/results/black-hole'),
      page('Fleets', '/results/fleet'),
      page('The gateway', '/results/gateway'),
    ],
  },
]

const project = [
  {
    text: 'The project',
    items: [
      page('Protocol', '/protocol'),
      page('The gateway', '/gateway'),
      page('Tools it works with', '/matrix'),
      page('Scoreboard', '/scoreboard'),
      page('Architecture', '/architecture'),
      page('Changelog', '/changelog'),
    ],
  },
]

export default defineConfig({
  title: 'Everwire',
  description: 'Keeps a browser app connected to a serverless WebSocket API.',
  lang: 'en',
  cleanUrls: true,
  head: [['link', { rel: 'icon', href: '/favicon.svg' }]],
  markdown: { config: linkRepository },
  themeConfig: {
    logo: '/favicon.svg',
    nav: [
      page('Guide', '/guide/react'),
      page('Recipes', '/recipes/axios-jwt'),
      page('Coming from …', '/migration/partysocket'),
      page('API', '/api/everwire/'),
    ],
    sidebar: {
      '/api/': [{ text: 'API reference', items: referenceSidebar() }],
      '/': [...guide, ...recipes, ...migration, ...results, ...project],
    },
    outline: [2, 3],
    search: { provider: 'local' },
  },
})
