import { createTheme, type CSSVariablesResolver, type MantineColorsTuple, Text } from '@mantine/core'

/** Warm greys of cut stone; light surfaces and text. */
const stone: MantineColorsTuple = [
  '#faf9f7',
  '#f3f1ee',
  '#e8e5e0',
  '#dad6cf',
  '#c4bfb6',
  '#a29c92',
  '#746e65',
  '#5c574f',
  '#3d3934',
  '#211f1c',
]
/** The same stone at night, from text (0) to the deepest ground (9). */
const night: MantineColorsTuple = [
  '#e6e3dd',
  '#c9c5bd',
  '#a8a39a',
  '#6b665f',
  '#3a3733',
  '#2a2825',
  '#211f1d',
  '#161513',
  '#100f0e',
  '#0a0a09',
]
/** Verdigris: the one accent, for what leads on and what went well. */
const verdigris: MantineColorsTuple = [
  '#e8f4f1',
  '#d0e8e2',
  '#a3d2c7',
  '#78bfb0',
  '#55ae9c',
  '#37998a',
  '#1f8275',
  '#0f6b5f',
  '#0a574d',
  '#06443c',
]
const brick: MantineColorsTuple = [
  '#fcefed',
  '#f8dcd8',
  '#f0b8b0',
  '#e99387',
  '#e07466',
  '#cf5546',
  '#bd3f31',
  '#a63226',
  '#8a281e',
  '#6d1f17',
]
const ochre: MantineColorsTuple = [
  '#fbf4e4',
  '#f6e7c4',
  '#ecd08a',
  '#e0b856',
  '#d1a033',
  '#b88518',
  '#96690c',
  '#7a5408',
  '#614206',
  '#4a3204',
]

const fontFamily = 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

// A dialog's `header` element would count as a second banner of the page.
const plainHeader = { attributes: { header: { role: 'presentation' } } }

/** One type scale (12 14 16 20 28), one spacing scale (4 8 12 16 24 40), one accent. */
export const theme = createTheme({
  colors: { gray: stone, dark: night, verdigris, red: brick, yellow: ochre },
  white: '#ffffff',
  black: '#211f1c',
  primaryColor: 'verdigris',
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: 'md',
  radius: { xs: '2px', sm: '4px', md: '8px', lg: '12px', xl: '16px' },
  fontFamily,
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, monospace',
  fontSizes: { xs: '0.75rem', sm: '0.875rem', md: '1rem', lg: '1.25rem', xl: '1.75rem' },
  lineHeights: { xs: '1.4', sm: '1.5', md: '1.5', lg: '1.35', xl: '1.25' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2.5rem' },
  headings: {
    fontFamily,
    fontWeight: '620',
    sizes: {
      h1: { fontSize: '1.75rem', lineHeight: '1.25' },
      h2: { fontSize: '1.25rem', lineHeight: '1.35' },
      h3: { fontSize: '1rem', lineHeight: '1.5' },
    },
  },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Text: Text.extend({ defaultProps: { size: 'sm' } }),
    Modal: { defaultProps: plainHeader },
    Drawer: { defaultProps: plainHeader },
  },
})

/** Where Mantine's own greys and reds are too pale to read, and the site's own surface colours. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': stone[0],
    '--mantine-color-text': stone[9],
    '--mantine-color-dimmed': stone[7],
    '--mantine-color-placeholder': stone[6],
    '--mantine-color-error': brick[7],
    '--mantine-color-anchor': verdigris[7],
    '--q-surface': '#ffffff',
    '--q-sunken': stone[1],
    '--q-line': stone[2],
    '--q-line-strong': stone[3],
    '--q-ok': verdigris[6],
    '--q-bad': brick[6],
    '--q-wait': ochre[5],
    '--q-idle': stone[5],
  },
  dark: {
    '--mantine-color-body': night[7],
    '--mantine-color-text': night[0],
    '--mantine-color-dimmed': night[2],
    '--mantine-color-placeholder': '#918c84',
    '--mantine-color-error': brick[3],
    '--mantine-color-anchor': verdigris[3],
    '--q-surface': '#1d1b19',
    '--q-sunken': '#11100f',
    '--q-line': '#2c2a27',
    '--q-line-strong': night[4],
    '--q-ok': verdigris[4],
    '--q-bad': brick[4],
    '--q-wait': ochre[4],
    '--q-idle': night[3],
  },
})
