// What the page's scripts find on `window`: Dash's and Plotly's entry points, and what our own scripts give one another.

interface DashClientside {
  no_update?: unknown;
  PreventUpdate?: unknown;
  callback_context?: { triggered_id: any; triggered: { prop_id: string; value: any }[]; inputs: Record<string, any> };
  set_props?(id: string | object, props: Record<string, unknown>): void;
  trellis?: Record<string, (...given: any[]) => any>;
}

type Components = Record<string, any>;

interface Window {
  dash_clientside: DashClientside;
  dash_ag_grid: any;
  dash_component_api: any;
  dashAgGridComponentFunctions: Components;
  dashAgGridFunctions: Components;
  _dashPlotlyJSURL: string;
  Plotly: any;
  React: any;
  trellis: any;
  trellisTheme: any;
  trellis_parts: any;
}

// Events of these pages come from elements, and selectors name the kind that they find: what such elements have may be
// used without saying so each time.
interface EventTarget {
  id: string;
  type: string;
  value: string;
  checked: boolean;
  files: FileList | null;
  closest(selector: string): HTMLElement | null;
  matches(selector: string): boolean;
}

interface Event {
  detail: any;
}

interface HTMLElement {
  disabled: boolean;
  href: string;
  target: string;
}

interface Element {
  readonly dataset: DOMStringMap;
  hidden: any;
  open: boolean;
  src: string;
  tabIndex: number;
  contentWindow: Window | null;
  focus(options?: FocusOptions): void;
  select(): void;
}
