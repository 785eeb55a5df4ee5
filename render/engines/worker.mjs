// The persistent OpenSCAD worker: `node worker.mjs ENGINE_DIR`, driven by wasm.py over stdin and stdout.
//
// Request:  u32le length, then JSON {main, files: {path: text}, mounts: {path: key}, contents: {key: text},
//           max_memory_bytes, max_output_bytes}.
// Response: u32le length, then JSON {rc, trap, is_out_of_memory, n_output_bytes, n_stl_bytes, log, n_log_dropped},
//           then n_stl_bytes of binary STL.
// The module is compiled once; each file gets a fresh instance, because a second callMain on one throws.
// Deadlines aren't kept here: a wasm loop can't be interrupted, so the parent kills this process.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

const STACK_BYTES = 16 << 20; // the package's own 64 KB corrupts memory at a recursion depth of about 90
const PAGE_BYTES = 65536;
const MAX_LINES_OF_A_KIND = 100;
const MAX_LINE_CHARS = 2000;
const LARGE_INSTANCE_BYTES = 128 << 20;

// A busy main thread can't see stdin close, so a second thread watches for the parent's death.
new Worker(
  `const parent = process.ppid;
   setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 500);`,
  { eval: true, stdout: true, stderr: true }, // without its own streams it makes our stdout non-blocking
).unref();

const engineDir = path.resolve(process.argv[2]);
const manifest = JSON.parse(fs.readFileSync(path.join(engineDir, 'engine.json'), 'utf8'));
const { default: createInstance } = await import(pathToFileURL(path.join(engineDir, 'glue.mjs')));
const wasmModule = await WebAssembly.compile(fs.readFileSync(path.join(engineDir, 'openscad.wasm')));
const pause = new Int32Array(new SharedArrayBuffer(4));
const libraryFiles = new Map(); // key (content hash) -> bytes

function readExactly(nBytes) {
  const buffer = Buffer.allocUnsafe(nBytes);
  for (let at = 0; at < nBytes; ) {
    const n = fs.readSync(0, buffer, at, nBytes - at, null);
    if (n === 0) return null;
    at += n;
  }
  return buffer;
}

function readRequest() {
  const head = readExactly(4);
  const body = head && readExactly(head.readUInt32LE(0));
  return body && JSON.parse(body.toString('utf8'));
}

function writeAll(buffer) {
  for (let at = 0; at < buffer.length; ) {
    try {
      at += fs.writeSync(1, buffer, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, 1); // the pipe is full: give the reader a millisecond
    }
  }
}

function writeResponse(header, stl) {
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const head = Buffer.alloc(4);
  head.writeUInt32LE(json.length, 0);
  writeAll(Buffer.concat([head, json]));
  writeAll(stl);
}

// Caps each kind of line by itself, so that a million ECHO lines can't hide the one ERROR after them.
class Log {
  lines = [];
  nDropped = 0;
  #counts = new Map();

  add = (text) => {
    for (const line of String(text).split('\n')) {
      const kind = /^[A-Z]+(?=:)/.exec(line)?.[0] ?? '';
      const count = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, count);
      if (count > MAX_LINES_OF_A_KIND) this.nDropped++;
      else this.lines.push(line.slice(0, MAX_LINE_CHARS));
    }
  };
}

function exported(exports, name) {
  const value = exports[manifest.exports[name]];
  if (value === undefined) throw new Error(`the engine exports no ${name} as '${manifest.exports[name]}': run make setup`);
  return value;
}

async function freshInstance(log, state) {
  let exports;
  const scad = await createInstance({
    noInitialRun: true,
    noExitRuntime: true,
    print: log.add,
    printErr: log.add,
    instantiateWasm(imports, receive) {
      const instance = new WebAssembly.Instance(wasmModule, imports);
      exports = instance.exports;
      const memory = exported(exports, 'memory');
      const grow = memory.grow.bind(memory);
      memory.grow = (nPages) => {
        if (memory.buffer.byteLength + nPages * PAGE_BYTES > state.maxMemoryBytes) {
          // one more than fits was asked for; the glue retries with smaller steps before it gives up
          state.isOutOfMemory = true;
          throw new RangeError('memory cap reached');
        }
        const before = grow(nPages);
        state.isOutOfMemory = false;
        return before;
      };
      receive(instance, wasmModule);
      return exports;
    },
  });
  const base = exported(exports, 'memalign')(PAGE_BYTES, STACK_BYTES) >>> 0;
  if (base === 0) throw new RangeError('memory cap reached');
  exported(exports, 'stack_restore')((base + STACK_BYTES) & ~15);
  state.memory = exported(exports, 'memory');
  return scad;
}

function writeFile(scad, filePath, content) {
  scad.FS.mkdirTree(path.posix.dirname(filePath));
  scad.FS.writeFile(filePath, content);
}

async function compile(request) {
  for (const [key, text] of Object.entries(request.contents)) libraryFiles.set(key, Buffer.from(text, 'utf8'));
  const log = new Log();
  const state = { maxMemoryBytes: request.max_memory_bytes, isOutOfMemory: false, memory: null };
  const response = { rc: null, trap: null, is_out_of_memory: false, n_output_bytes: 0, n_stl_bytes: 0 };
  let stl = Buffer.alloc(0);
  try {
    const scad = await freshInstance(log, state);
    for (const [mount, key] of Object.entries(request.mounts)) writeFile(scad, mount, libraryFiles.get(key));
    for (const [name, text] of Object.entries(request.files)) writeFile(scad, name, text);
    const output = '/out.stl';
    response.rc = scad.callMain([request.main, '-o', output, '--export-format', 'binstl', '--backend=manifold']);
    if (scad.FS.analyzePath(output).exists) {
      response.n_output_bytes = scad.FS.stat(output).size;
      if (response.n_output_bytes <= request.max_output_bytes) stl = Buffer.from(scad.FS.readFile(output));
    }
  } catch (error) {
    // a trap, a C++ exception (a number or a WebAssembly.Exception) or JavaScript's own stack limit
    response.trap = String(error?.message ?? error) || error?.constructor?.name || 'unknown trap';
  }
  response.is_out_of_memory = state.isOutOfMemory;
  response.n_stl_bytes = stl.length;
  response.log = log.lines;
  response.n_log_dropped = log.nDropped;
  return [response, stl, state.memory?.buffer.byteLength ?? 0];
}

writeResponse({ ready: true, node: process.version }, Buffer.alloc(0));
for (;;) {
  const request = readRequest();
  if (request === null) process.exit(0);
  const [response, stl, nMemoryBytes] = await compile(request);
  writeResponse(response, stl);
  // V8 sees a large instance as one small object and would keep several at a time
  if (nMemoryBytes > LARGE_INSTANCE_BYTES) globalThis.gc?.();
}
