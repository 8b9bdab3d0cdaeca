import js from '@eslint/js'
import reactHooks from 'eslint-plugin-react-hooks'
import { defineConfig, globalIgnores } from 'eslint/config'
import globals from 'globals'
import typescript from 'typescript-eslint'

const unused = { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' }

export default defineConfig(
  globalIgnores(['target/', '**/dist/', 'pkg/wasm/', '.everwire/']),
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
  },
  {
    name: 'scripts and tests',
    files: ['**/*.{js,mjs}'],
    extends: [js.configs.recommended],
    // Browser tests hold functions that run in the page.
    languageOptions: { globals: { ...globals.nodeBuiltin, ...globals.browser } },
    rules: {
      eqeqeq: 'error',
      'prefer-const': 'error',
      'no-unused-vars': ['error', unused],
    },
  },
  {
    name: 'TypeScript',
    files: ['**/*.{ts,tsx}'],
    extends: [
      js.configs.recommended,
      typescript.configs.strictTypeChecked,
      typescript.configs.stylisticTypeChecked,
    ],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/no-unused-vars': ['error', unused],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // `() => stop()` reads better than a block around one call.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
    },
  },
  {
    name: 'React',
    files: [
      'pkg/src/{react*,hooks/**,devtools*,devtools/**}',
      'www/**/*.{ts,tsx}',
      'examples/**/*.{tsx,jsx}',
    ],
    extends: [reactHooks.configs.flat.recommended],
  },
)
