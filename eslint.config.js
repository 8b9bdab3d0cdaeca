import js from '@eslint/js'
import reactHooks from 'eslint-plugin-react-hooks'
import { defineConfig, globalIgnores } from 'eslint/config'
import globals from 'globals'
import typescript from 'typescript-eslint'

const unused = { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' }

export default defineConfig(
  globalIgnores([
    'target/',
    '**/dist/',
    '.everwire/',
    'docs/.vitepress/cache/',
    '**/.next/',
    '**/next-env.d.ts',
    'examples/*/build/',
  ]),
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
  },
  {
    name: 'scripts and tests',
    files: ['**/*.{js,jsx,mjs}'],
    extends: [js.configs.recommended],
    languageOptions: {
      // Browser tests hold functions that run in the page.
      globals: { ...globals.nodeBuiltin, ...globals.browser },
      parserOptions: { ecmaFeatures: { jsx: true } },
    },
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
    name: 'examples',
    // What their tools bring is not installed here. Their own builds check the types.
    files: ['examples/**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    name: 'tests of the examples with Jest',
    files: ['examples/**/*.test.{js,jsx}'],
    languageOptions: { globals: globals.jest },
  },
  {
    name: 'React',
    files: [
      'pkg/src/{react*,hooks/**,devtools*,devtools/**}',
      'www/**/*.{ts,tsx}',
      'examples/**/*.{js,jsx,tsx}',
    ],
    extends: [reactHooks.configs.flat.recommended],
  },
)
