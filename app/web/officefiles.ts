/** Tells the service worker of a build which files the office needs in the field: all but what it loads for maps only. */
import type { Plugin } from "vite";

const WORKER = "sw.js";
const PLACEHOLDER = /\bOFFICE_FILES\b/g;
/** Libraries that no form in the field needs; what is loaded later and imports one of them is left out too. */
const HEAVY = new Set(["maplibre", "uplot"]);

interface Chunk {
  readonly type: "chunk";
  readonly name: string;
  readonly fileName: string;
  readonly isEntry: boolean;
  readonly imports: readonly string[];
  readonly dynamicImports: readonly string[];
  readonly viteMetadata?: { importedCss: ReadonlySet<string>; importedAssets: ReadonlySet<string> } | undefined;
}

export type Bundle = Readonly<Record<string, Chunk | { readonly type: "asset" }>>;

/** Addresses of the office's files, without what it loads later for heavy libraries, in order; "/" is the page. */
export function filesOf(bundle: Bundle): string[] {
  const office = Object.values(bundle).find((file): file is Chunk => file.type === "chunk" && file.isEntry && file.name === "office");
  if (office === undefined) throw new Error("the build has no entry called office");
  const files = new Set<string>();
  const open: string[] = [office.fileName];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const chunk = bundle[name];
    if (files.has(name) || chunk?.type !== "chunk") continue;
    for (const file of [name, ...(chunk.viteMetadata?.importedCss ?? []), ...(chunk.viteMetadata?.importedAssets ?? [])]) files.add(file);
    open.push(...chunk.imports, ...chunk.dynamicImports.filter((each) => !isHeavy(bundle, each)));
  }
  return ["/", ...[...files].sort().map((file) => `/${file}`)];
}

function isHeavy(bundle: Bundle, name: string, seen = new Set<string>()): boolean {
  const chunk = bundle[name];
  if (chunk?.type !== "chunk" || seen.has(name)) return false;
  seen.add(name);
  return HEAVY.has(chunk.name) || chunk.imports.some((each) => isHeavy(bundle, each, seen));
}

export function officeFiles(): Plugin {
  return {
    name: "office-files",
    apply: "build",
    // After Vite's own plugins, which tell the styles of each chunk.
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const worker = bundle[WORKER];
        if (worker?.type !== "chunk") throw new Error(`the build has no ${WORKER}`);
        if (worker.imports.length > 0) throw new Error(`${WORKER} must stand alone, and imports ${worker.imports.join(", ")}`);
        worker.code = worker.code.replace(PLACEHOLDER, JSON.stringify(filesOf(bundle as unknown as Bundle)));
      },
    },
  };
}
