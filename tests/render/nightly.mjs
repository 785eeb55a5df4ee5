// A nightly OpenSCAD's command line, made of the wasm engine: `node nightly.mjs ENGINE_DIR ARGUMENTS…`.
// It answers --version and --help as 2025.07.18 does, and reads and writes the host's files.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [engineDir, ...options] = process.argv.slice(2);
const { default: createInstance } = await import(pathToFileURL(path.join(engineDir, 'glue.mjs')));
const wasm = await WebAssembly.compile(fs.readFileSync(path.join(engineDir, 'openscad.wasm')));
const say = (line) => fs.writeSync(2, `${line}\n`);
const scad = await createInstance({
  noInitialRun: true,
  noExitRuntime: true,
  print: say,
  printErr: say,
  instantiateWasm: (imports, receive) => {
    const instance = new WebAssembly.Instance(wasm, imports);
    receive(instance, wasm);
    return instance.exports;
  },
});
const input = options.find((option) => option.endsWith('.scad'));
const output = options[options.indexOf('-o') + 1];
if (input) {
  scad.FS.mkdirTree(path.dirname(input));
  scad.FS.writeFile(input, fs.readFileSync(input));
}
const rc = scad.callMain([...options]);
if (input && scad.FS.analyzePath(output).exists) fs.writeFileSync(output, scad.FS.readFile(output));
process.exit(rc);
